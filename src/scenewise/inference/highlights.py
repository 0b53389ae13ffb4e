"""What people look at first: the events of a video and its highest moments, each with pictures.

pictures/000123.jpg           the frame in which the object has its highest score, with its box, at full size
pictures/000123-object.jpg    the object in it
pictures/000123-normal.jpg    its nearest normal example
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from scenewise.files import write_bytes
from scenewise.formats.pictures import jpeg_of
from scenewise.inference.boxes import COLOUR_OF, GROUND
from scenewise.inference.encoded_frames import small
from scenewise.inference.events import EventList
from scenewise.inference.highest_object import is_marked
from scenewise.inference.moments import TopMoments
from scenewise.inference.normal_examples import examples
from scenewise.inference.scored_frames import Box, ScoredFrames, Sighting
from scenewise.methods.scores import NormalExample
from scenewise.runs.explanation import WHOLE_FRAME, Elsewhere, elsewhere_in_words, parts_in_words
from scenewise.runs.thumbnails import KeptPicture
from scenewise.scoring.level import Level, Levels
from scenewise.video.decode import Frame
from scenewise.video.source import FrameSource
from scenewise.video.square import square_around

PICTURES = "pictures"
MOST_EVENTS = 40
"""So many events of one video get pictures, the highest first."""
QUALITY = 88
WIDEST = 1920
"""Pixels; wider frames are shrunk to it."""
LEAST_BUDGET = 2000
"""Frames of training videos that may always be decoded for the pictures of normal examples."""


class Clip(NamedTuple):
    """A stretch of the video as a file."""

    file: str
    """Relative to the video's folder."""
    start: float
    """Seconds from the video's first frame, and likewise `stop`."""
    stop: float

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"file": self.file, "start": round(self.start, 3), "stop": round(self.stop, 3)}


@dataclass
class Highlight:
    """One event, or one moment without an event."""

    start: float
    """Seconds from the video's first frame."""
    end: float
    score: float
    """On the scene scale."""
    frame: int
    """The frame that is shown."""
    time: float
    """Of that frame, in seconds."""
    small: Frame
    """Its small picture, or that of the peak; later with the box of its object."""
    sighting: Sighting | None
    """The object that is shown; None if nothing moves."""
    elsewhere: Elsewhere | None
    is_event: bool
    levels: Levels
    """Of the scene."""
    similar: bool = False
    """The picture of the normal example shows not the nearest one itself but one that looks like it."""
    pictures: dict[str, str] = field(default_factory=dict)
    """{frame, object, normal: file relative to the video's folder}."""
    clip: Clip | None = None
    """What shows it in motion, with --clips."""
    observed: tuple[int, int] | None = None
    """The first and the last frame that `accept` takes in; None if nothing was kept, or the method cannot accept."""

    @property
    def level(self) -> Level:
        """The word for its score."""
        return self.levels.of(self.score)

    @property
    def why(self) -> str:
        """What its score comes from, in words."""
        if self.sighting is None:
            return WHOLE_FRAME if self.is_event else ""
        words = parts_in_words(self.sighting.parts), elsewhere_in_words(self.elsewhere)
        return "; ".join(word for word in words if word)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "start": round(self.start, 3),
            "end": round(self.end, 3),
            "score": self.score,
            "frame": self.frame,
            "time": round(self.time, 3),
            "is_event": self.is_event,
            "box": None if self.sighting is None else [round(share, 5) for share in self.sighting.box],
            "why": self.why,
            "similar": self.similar,
            "pictures": self.pictures,
            "clip": None if self.clip is None else self.clip.as_json(),
            "observed": self.observed,
        }


BOX_FITS = 120
"""Pixels a side of an object's picture from which it shows the box: lines would hide what is smaller."""


class Highlights:
    """A sink: when the video has ended, its frames are read again for the pictures, up to the last that is shown."""

    def __init__(
        self,
        source: FrameSource,
        folder: Path,
        events: EventList,
        elsewhere: Callable[[Sighting], Elsewhere | None] = lambda _: None,
        kept: Callable[[NormalExample], KeptPicture | None] = lambda _: None,
    ) -> None:
        """`events` is closed before.

        `elsewhere` gives the scene in which an object would be normal, `kept` the run's picture of a normal example.
        """
        self.source, self.folder, self.events, self.elsewhere, self.kept = source, folder, events, elsewhere, kept
        self.levels = events.marks.levels
        self.moments = TopMoments()
        self.found: list[Highlight] = []

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        self.moments.add(frames)

    def close(self) -> None:
        """See `Sink`."""
        self.found = sorted([*self._events(), *self._moments()], key=lambda one: (-one.score, one.frame))
        sightings = (one.sighting for one in self.found if one.sighting)
        nearest = examples(sightings, max(self.events.frames, LEAST_BUDGET), self.kept)
        for one, picture in zip(self.found, self._full_size(), strict=True):
            stem, boxed = f"{PICTURES}/{one.frame:06d}", with_box(picture, one.sighting, one.level)
            one.pictures["frame"] = self._write(f"{stem}.jpg", boxed)
            one.small = small(boxed)
            if one.sighting is not None:
                square = square_around(picture.shape[:2], one.sighting.box)
                one.pictures["object"] = self._write(
                    f"{stem}-object.jpg", square.of(boxed if square.side >= BOX_FITS else picture)
                )
                if (example := nearest.get(one.sighting.track)) is not None:
                    one.pictures["normal"] = self._write(f"{stem}-normal.jpg", example.picture)
                    one.similar = example.similar

    def _events(self) -> Iterable[Highlight]:
        highest = sorted(self.events.events, key=lambda found: -found.event.peak_score)[:MOST_EVENTS]
        for found in highest:
            # Of an object that did not raise the event the box would be that of another frame.
            sighting = found.highest_object if is_marked(found.highest_object, self.levels) else None
            frame = found.event.peak_frame if sighting is None else sighting.frame
            time = found.peak_time + (frame - found.event.peak_frame) / self.source.fps
            yield Highlight(
                found.start, found.end, found.event.peak_score, frame, time, found.picture, sighting, found.elsewhere,
                is_event=True, levels=self.levels,
            )  # fmt: skip

    def _moments(self) -> Iterable[Highlight]:
        spans = [(found.start, found.end) for found in self.events.events]
        for moment in self.moments.top():
            if any(start <= moment.time <= end for start, end in spans):
                continue
            elsewhere = self.elsewhere(moment.sighting) if is_marked(moment.sighting, self.levels) else None
            frame = moment.frame if moment.sighting is None else moment.sighting.frame
            yield Highlight(
                moment.time, moment.time, moment.score, frame, moment.time, moment.picture, moment.sighting, elsewhere,
                is_event=False, levels=self.levels,
            )  # fmt: skip

    def _full_size(self) -> list[Frame]:
        """The frame of every highlight as the source has it; of a stream the small pictures."""
        wanted = {one.frame for one in self.found}
        frames: dict[int, Frame] = {}
        if self.source.can_be_read_again and wanted:
            for block in self.source.blocks(8):
                for number, picture in enumerate(block.frames, block.first):
                    if number in wanted:
                        frames[number] = picture.copy()
                if block.first + len(block.frames) > max(wanted):
                    break
        return [frames.get(one.frame, one.small) for one in self.found]

    def _write(self, name: str, picture: Frame) -> str:
        image = Image.fromarray(picture)
        image.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
        write_bytes(self.folder / name, jpeg_of(image, QUALITY))
        return name


def with_box(picture: Frame, sighting: Sighting | None, level: Level) -> Frame:
    """A frame of that level with the box of an object in the same colour; its score is not written on it."""
    if sighting is None:
        return picture
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    fine = max(round(image.width / 320), 1)  # cards show it at half its size
    left, top, right, bottom = _pixels(sighting.box, image.size)
    colour = COLOUR_OF[level]
    for grown, ink, thick in ((2 * fine + 1, GROUND, 2 * fine + 2), (2 * fine, colour, 2 * fine)):
        draw.rectangle((left - grown, top - grown, right + grown - 1, bottom + grown - 1), outline=ink, width=thick)
    return np.asarray(image)


def _pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(share * side) for share, side in zip(box, (*size, *size), strict=True))
    return left, top, right, bottom
