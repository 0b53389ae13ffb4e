"""`--annotate`: the video once more, with its score, its curve and the objects that stand out drawn in."""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import numpy as np

from scenewise.files import whole_file
from scenewise.inference.annotation_panel import SECONDS, Panel, Row
from scenewise.inference.events import SCORES, Watched
from scenewise.inference.normal_examples import examples
from scenewise.inference.objects_csv import OBJECTS, read_sightings
from scenewise.inference.sightings import Sighting
from scenewise.video.decode import Frame, decode
from scenewise.video.read_ahead import read_ahead

LEAST_BUDGET = 2000
"""Frames of training videos that may always be decoded for the pictures of normal examples."""
TICKS = 90_000
"""Of the written video's clock, a second: every usual frame rate falls on them."""


def annotate(
    video: Path,
    folder: Path,
    written: Path,
    panel: Callable[[tuple[int, int]], Panel],
    watched: Watched,
    fps: float,
    every: int,
    advance: Callable[[int], None],
) -> None:
    """Write `written`, an H.264 file of the frames of `video` with what the tables in `folder` say of them.

    `panel` makes the panel for frames of a height and width; every `every`-th frame was looked at for objects;
    `advance` is told of frames as they are done. Every frame keeps its time. Holds a few seconds at a time.
    """
    objects = folder / OBJECTS
    # Beside a pass over the video itself, so many frames more are no great matter.
    alike = examples(read_sightings(objects), budget=max(watched.frames, LEAST_BUDGET)) if objects.is_file() else {}
    boxes = between_looks(read_sightings(objects) if objects.is_file() else iter(()), every)
    ranges = iter([(found.event.first_frame, found.event.last_frame) for found in watched.events])
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
                inside = event is not None and event[0] <= now.frame
                sightings = next(boxes)
                foremost = max(sightings, key=lambda one: one.score, default=None)
                example = None if foremost is None else alike.get(foremost.track)
                film.add(drawn.draw(frame, now, near, inside, sightings, example), now.time)
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


def between_looks(sightings: Iterator[Sighting], every: int) -> Iterator[list[Sighting]]:
    """The sightings of every frame, without end, where every `every`-th was looked at; between two looks boxes move."""
    waiting = next(sightings, None)
    looks: deque[list[Sighting]] = deque()
    for frame in count(0, every):
        own: list[Sighting] = []
        while waiting is not None and waiting.frame <= frame:
            own.append(waiting)
            waiting = next(sightings, None)
        looks.append(own)
        if len(looks) == 2:
            later = {one.track: one for one in looks[1]}
            for step in range(every):
                yield [_moved(one, later.get(one.track, one), step / every) for one in looks[0]]
            looks.popleft()


def _moved(one: Sighting, later: Sighting, share: float) -> Sighting:
    left, top, right, bottom = (
        (1 - share) * begin + share * end for begin, end in zip(one.box, later.box, strict=True)
    )
    return one._replace(box=(left, top, right, bottom))


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
