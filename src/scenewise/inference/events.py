"""The events of one video, found as its scores become known, with a picture of the peak of each."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.files import write_bytes
from scenewise.formats.pictures import jpeg_of
from scenewise.inference.boxes import Marks, draw_boxes
from scenewise.inference.highest_object import HighestObject, is_marked
from scenewise.inference.scored_frames import ScoredFrames, Sighting
from scenewise.methods.scores import NormalExample
from scenewise.runs.explanation import Elsewhere
from scenewise.runs.thumbnails import KeptPicture
from scenewise.scoring.events import Event, EventFinder
from scenewise.video.decode import Frame

THUMBNAILS = "thumbnails"
QUALITY = 85


class NormalPicture(NamedTuple):
    """A picture of a normal example, as the run keeps it."""

    picture: str
    """Relative to the video's folder."""
    similar: bool
    """It shows not the example itself but one that looks like it."""


class FoundEvent(NamedTuple):
    """An event with its times."""

    event: Event
    start: float
    """Seconds from the video's first frame."""
    end: float
    peak_time: float
    thumbnail: str
    """The peak's picture, relative to the video's folder."""
    highest_object: Sighting | None
    """The sighting with the highest score in it; None if it has no object."""
    elsewhere: Elsewhere | None
    """The scene in which that object would be normal."""
    normal: NormalPicture | None
    """Of that object's nearest normal example."""
    picture: Frame
    """The small picture of that object's frame, or of the peak if no object is marked; as it is."""


class _Shot(NamedTuple):
    """A frame that may be the first, the last or the peak of an event."""

    score: float
    time: float
    picture: Frame
    sightings: list[Sighting]
    seen_in: Frame
    """The picture of the frame that was examined: the sightings' boxes belong to it."""
    heat: NDArray[np.float32] | None

    def drawn(self, marks: Marks) -> Frame:
        """Its picture with the boxes of objects, or with its map."""
        boxes = marks.shown(self.sightings, self.score)
        return draw_boxes(self.seen_in if boxes else self.picture, boxes, marks.levels, heat=self.heat)


class EventList:
    """A sink: writes thumbnails/. It holds the first, the last and the peak frame of the open event."""

    def __init__(
        self,
        folder: Path,
        marks: Marks,
        gap: int,
        elsewhere: Callable[[Sighting], Elsewhere | None] = lambda _: None,
        kept: Callable[[NormalExample], KeptPicture | None] = lambda _: None,
    ) -> None:
        """Frames that are alarms belong to events; `gap` frames in a row may lie below it within one event.

        `elsewhere` gives the scene in which an object would be normal, `kept` the run's picture of a normal example.
        """
        self.folder, self.marks, self.elsewhere, self.kept = folder, marks, elsewhere, kept
        self.events: list[FoundEvent] = []
        self.highest, self.highest_time = -np.inf, 0.0
        """The highest score of all frames, and its time in seconds."""
        self.frames = self.lost = 0
        self._finder = EventFinder(marks.levels.alarm, gap)
        self._objects = HighestObject()
        self._shots: dict[int, _Shot] = {}

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        scores = frames.scene_scores
        self._objects.add(frames)
        over = self._finder.add(scores)
        self._shots = self._shots_of([*over, *([self._finder.open] if self._finder.open else [])], frames)
        for event in over:
            self._keep(event)
        self._objects.forget(self._finder.open)
        top = int(scores.argmax())
        if scores[top] > self.highest:
            self.highest, self.highest_time = float(scores[top]), float(frames.times[top])
        self.frames += len(scores)
        self.lost += int(frames.lost.sum())

    def close(self) -> None:
        """See `Sink`."""
        for event in self._finder.finish():
            self._keep(event)

    def _shots_of(self, events: list[Event], frames: ScoredFrames) -> dict[int, _Shot]:
        """The first, last and peak frames of `events`, from `frames` or from those that are held."""
        numbers = {number for event in events for number in (event.first_frame, event.last_frame, event.peak_frame)}
        return {
            number: self._shots[number] if number < frames.first else _shot(frames, number - frames.first)
            for number in numbers
        }

    def _keep(self, event: Event) -> None:
        """Write the event's thumbnail, and list it."""
        thumbnail = f"{THUMBNAILS}/{event.peak_frame:06d}.jpg"
        peak = self._shots[event.peak_frame]
        write_bytes(self.folder / thumbnail, jpeg_of(Image.fromarray(peak.drawn(self.marks)), QUALITY))
        start, end = self._shots[event.first_frame].time, self._shots[event.last_frame].time
        seen = self._objects.of(event)
        highest = None if seen is None else seen.sighting
        elsewhere, normal, picture = None, None, peak.picture
        if seen is not None and is_marked(highest, self.marks.levels):
            elsewhere, normal, picture = self.elsewhere(highest), self._keep_normal(event, highest.normal), seen.picture
        self.events.append(FoundEvent(event, start, end, peak.time, thumbnail, highest, elsewhere, normal, picture))

    def _keep_normal(self, event: Event, example: NormalExample | None) -> NormalPicture | None:
        """Write the run's picture of the nearest normal example, if it keeps one."""
        kept = None if example is None else self.kept(example)
        if kept is None:
            return None
        name = f"{THUMBNAILS}/{event.peak_frame:06d}-normal.jpg"
        write_bytes(self.folder / name, kept.jpeg)
        return NormalPicture(name, kept.similar)


def _shot(frames: ScoredFrames, place: int) -> _Shot:
    heat = None if frames.maps is None else frames.maps[place]
    score, time = float(frames.scene_scores[place]), float(frames.times[place])
    return _Shot(score, time, frames.pictures[place], frames.sightings[place], frames.seen_in(place), heat)
