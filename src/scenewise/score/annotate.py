"""`--annotate`: the video once more, with its score and the curve drawn in."""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from scenewise.files import whole_file
from scenewise.score.panel import SECONDS, Panel, Row
from scenewise.score.watch import SCORES, FoundEvent
from scenewise.video.decode import Frame, decode
from scenewise.video.read_ahead import read_ahead

TICKS = 90_000
"""Of the written video's clock, a second: every usual frame rate falls on them."""


def annotate(
    video: Path,
    folder: Path,
    written: Path,
    panel: Callable[[tuple[int, int]], Panel],
    events: Sequence[FoundEvent],
    fps: float,
    advance: Callable[[int], None],
) -> None:
    """Write `written`, an H.264 file of the frames of `video` with what scores.csv in `folder` says of them.

    `panel` makes the panel for frames of a height and width; `advance` is told of frames as they are done. Every frame
    keeps its time. Holds a few seconds at a time.
    """
    ranges = iter([(found.event.first_frame, found.event.last_frame) for found in events])
    event = next(ranges, None)
    around = _around(_rows(folder / SCORES))
    with whole_file(written) as temporary, read_ahead(decode(video, batch=8, fps=fps)) as batches:
        film: _Film | None = None
        for batch in batches:
            for frame in batch.frames:
                now, near = next(around)
                if film is None:
                    drawn = panel(frame.shape[:2])
                    film = _Film(temporary, drawn.size, fps)
                while event and now.frame > event[1]:
                    event = next(ranges, None)
                film.add(drawn.draw(frame, now, near, event is not None and event[0] <= now.frame), now.time)
            advance(len(batch.frames))
        if film:
            film.close()


def _rows(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            yield Row(int(line["frame"]), float(line["time"]), float(line["scene_score"]))


def _around(rows: Iterator[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Every row in order, with those from SECONDS before it to SECONDS after it."""
    near: deque[Row] = deque()
    place = 0
    ended = False
    while True:
        while not ended and (place >= len(near) or near[-1].time <= near[place].time + SECONDS):
            row = next(rows, None)
            ended = row is None
            if row is not None:
                near.append(row)
        if place >= len(near):
            return
        now = near[place]
        while near[0].time < now.time - SECONDS:
            near.popleft()
            place -= 1
        yield now, list(near)
        place += 1


class _Film:
    """An H.264 file being written."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        self.container = av.open(str(path.absolute()), "w", options={"movflags": "+faststart"})
        self.stream = self.container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        self.stream.height, self.stream.width = size
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = Fraction(1, TICKS)
        self.stream.codec_context.options = {"preset": "veryfast", "crf": "21"}
        self.last = -1

    def add(self, picture: Frame, seconds: float) -> None:
        """Append a picture (H, W, 3) that is shown from `seconds` on."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        self.last = max(round(seconds * TICKS), self.last + 1)
        frame.pts, frame.time_base = self.last, Fraction(1, TICKS)
        self.container.mux(self.stream.encode(frame))

    def close(self) -> None:
        """Write what is waiting, and the file's index."""
        self.container.mux(self.stream.encode(None))
        self.container.close()
