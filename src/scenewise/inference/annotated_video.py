"""`--annotate`: the video with its score, its curve and its objects drawn in."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from scenewise.clock import clock
from scenewise.inference.annotation_panel import Panel
from scenewise.inference.curve_strip import SECONDS
from scenewise.inference.events import EventList, FoundEvent
from scenewise.inference.highest_object import is_marked
from scenewise.inference.normal_examples import examples
from scenewise.inference.scored_frames import ScoredFrames, Sighting
from scenewise.inference.tables import ScoreRow, read_maps, read_scores, read_sightings
from scenewise.methods.scores import NormalExample
from scenewise.runs.explanation import WHOLE_FRAME, elsewhere_in_words, parts_in_words
from scenewise.runs.thumbnails import KeptPicture
from scenewise.scoring.level import Levels
from scenewise.video.copy_packets import open_file
from scenewise.video.decode import Frame, FrameBlock
from scenewise.video.encode_video import VideoWriter
from scenewise.video.read_ahead import read_ahead
from scenewise.video.source import FrameSource

ANNOTATED = "annotated.mp4"
LEAST_BUDGET = 2000
"""Frames of training videos that may always be decoded for the pictures of normal examples."""
QUALITY = {"preset": "veryfast", "crf": "21"}
"""Of H.264; what is drawn stays sharp."""


class AnnotatedVideo:
    """A sink: when the video has ended, its frames are read again, and the content of the tables is drawn in.

    The curve shows ten seconds ahead, so it cannot be drawn as scores become known.
    """

    def __init__(
        self,
        source: FrameSource,
        folder: Path,
        title: str,
        events: EventList,
        every: int,
        advance: Callable[[int], None],
        kept: Callable[[NormalExample], KeptPicture | None] = lambda _: None,
    ) -> None:
        """Every `every`-th frame of `source`, which can be read again, was examined for objects.

        `folder` holds the tables; `title` stands in every picture; `events` is closed before. `advance` is called with
        numbers of frames done. `kept` gives the run's own picture of a normal example.
        """
        self.source, self.folder, self.title, self.events = source, folder, title, events
        self.every, self.advance, self.kept = every, advance, kept

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""

    def close(self) -> None:
        """Write an H.264 file. Every frame keeps its time. Holds a few seconds of the video at a time."""
        with ExitStack() as closing, read_ahead(self.source.blocks(8)) as blocks:
            writer: VideoWriter | None = None
            for picture, seconds in self._drawn(blocks):
                if writer is None:
                    container = open_file(self.folder / ANNOTATED, closing)
                    writer = VideoWriter(container, picture, self.source.fps, begin=0.0, quality=QUALITY)
                writer.add(picture, seconds)
            if writer is not None:
                writer.finish()

    def _drawn(self, blocks: Iterator[FrameBlock]) -> Iterator[tuple[Frame, float]]:
        """Every frame with what is drawn on it and below it, and its time."""
        # The whole video is decoded anyway, so as many frames again are affordable.
        nearest = examples(read_sightings(self.folder), max(self.events.frames, LEAST_BUDGET), self.kept)
        boxes = boxes_of_frames(read_sightings(self.folder), self.every)
        explained = any(sighting.parts for sighting in read_sightings(self.folder))
        maps = read_maps(self.folder)
        events = iter(self.events.events)
        listed = next(events, None)
        around = _around(read_scores(self.folder))
        marks, top = self.events.marks, self.events.highest
        panel: Panel | None = None
        for block in blocks:
            for frame in block.frames:
                now, near = next(around)
                panel = panel or Panel(frame.shape[:2], self.title, marks.levels, top, explained=explained)
                while listed and now.frame > listed.event.last_frame:
                    listed = next(events, None)
                event = listed if listed and listed.event.first_frame <= now.frame else None
                sightings = marks.shown(next(boxes), now.score)
                highest = sightings[-1] if sightings and is_marked(sightings[-1], marks.levels) else None
                example = None if highest is None else nearest.get(highest.track)
                why = why_of(highest, event, marks.levels, self.source.fps)
                heat = next(maps, None)
                yield panel.draw(frame, now, near, event is not None, sightings, example, why, heat), now.time
            self.advance(len(block.frames))


def why_of(highest: Sighting | None, event: FoundEvent | None, levels: Levels, fps: float) -> str:
    """What a frame's score comes from, by its `highest` marked object and its `event`; empty if it is no alarm.

    A frame without a marked object may lie in an event for one that is marked earlier or later: scores are smoothed.
    """
    best = None if event is None else event.highest_object
    if highest is None:
        if event is None:
            return ""
        return f"the object marked at {clock(best.frame / fps)}" if is_marked(best, levels) else WHOLE_FRAME
    same = event is not None and best is not None and best.track == highest.track
    words = parts_in_words(highest.parts), elsewhere_in_words(event.elsewhere) if event and same else ""
    return "; ".join(word for word in words if word)


def _around(rows: Iterator[ScoreRow]) -> Iterator[tuple[ScoreRow, list[ScoreRow]]]:
    """Every row in order, with those from SECONDS before it to SECONDS after it."""
    near: deque[ScoreRow] = deque()
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


def boxes_of_frames(sightings: Iterator[Sighting], every: int) -> Iterator[list[Sighting]]:
    """The sightings of every frame, endlessly. Every `every`-th frame was examined; boxes are interpolated between."""
    waiting = next(sightings, None)
    examined: deque[list[Sighting]] = deque()
    for frame in count(0, every):
        of_frame: list[Sighting] = []
        while waiting is not None and waiting.frame <= frame:
            of_frame.append(waiting)
            waiting = next(sightings, None)
        examined.append(of_frame)
        if len(examined) == 2:
            later = {sighting.track: sighting for sighting in examined[1]}
            for step in range(every):
                yield [_moved(earlier, later.get(earlier.track, earlier), step / every) for earlier in examined[0]]
            examined.popleft()


def _moved(earlier: Sighting, later: Sighting, share: float) -> Sighting:
    left, top, right, bottom = (
        (1 - share) * begin + share * end for begin, end in zip(earlier.box, later.box, strict=True)
    )
    return earlier._replace(box=(left, top, right, bottom))
