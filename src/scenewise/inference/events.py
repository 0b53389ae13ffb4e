"""What is found in one video as its scores come in: the table, the events, the most abnormal moments."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.files import whole_file, write_bytes
from scenewise.inference.boxes import draw_boxes
from scenewise.inference.curve_outline import Outline
from scenewise.inference.highest_object import Foremost
from scenewise.inference.sightings import Sighting
from scenewise.inference.stream import ScoredFrames
from scenewise.scoring.calibration import SceneScale
from scenewise.scoring.events import Event, EventFinder
from scenewise.video.decode import Frame

SCORES = "scores.csv"
COLUMNS = ("frame", "time", "score", "scene", "scene_score", "lost")
THUMBNAILS = "thumbnails"
MOMENTS = 4
"""The most abnormal moments, pictured over the curve."""


class FoundEvent(NamedTuple):
    """An event with its times."""

    event: Event
    start: float
    """Seconds from the video's first frame."""
    end: float
    peak_time: float
    thumbnail: str
    """The peak's picture, relative to the video's folder."""
    foremost: Sighting | None
    """Its most novel object, where objects are looked at."""


class Shot(NamedTuple):
    """A frame that something may be told of later."""

    time: float
    picture: Frame
    sightings: list[Sighting]

    def drawn(self) -> Frame:
        """Its picture with the boxes of the objects that stand out."""
        return draw_boxes(self.picture, self.sightings)


class Moment(NamedTuple):
    """One frame and its picture."""

    score: float
    """On the scene scale."""
    frame: int
    time: float
    picture: Frame


@dataclass
class Watched:
    """All that is known of a video after it was watched to its end."""

    frames: int = 0
    lost: int = 0
    events: list[FoundEvent] = field(default_factory=list)
    outline: Outline = field(default_factory=Outline)
    moments: list[Moment] = field(default_factory=list)
    """The highest events' peaks, highest first; without an event, the highest frame."""


def watch(
    pieces: Iterable[ScoredFrames], folder: Path, scene: str, scale: SceneScale, threshold: float, gap: int
) -> Watched:
    """Write scores.csv and the events' thumbnails into `folder`, frame by frame.

    `threshold` is on the scene scale; `gap` is how many frames in a row may lie below it within one event.
    """
    found = Watched()
    finder = EventFinder(threshold, gap)
    foremost = Foremost()
    seen: dict[int, Shot] = {}  # the frames that the open event stands on
    highest: tuple[float, int, Shot] | None = None
    with whole_file(folder / SCORES) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for piece in pieces:
            scaled = scale.apply(piece.scores)
            table.writerows(_rows(piece, scene, scaled))
            found.outline.add(piece.times, scaled)
            foremost.add(piece.first, piece.sightings)
            over = finder.add(scaled)
            seen = _seen(seen, piece, [*over, *([finder.open] if finder.open else [])])
            for event in over:
                _keep(event, seen, foremost, folder, found)
            foremost.forget(finder.open)
            top = int(scaled.argmax())
            if highest is None or scaled[top] > highest[0]:
                highest = float(scaled[top]), piece.first + top, _shot(piece, top)
            found.frames += len(scaled)
            found.lost += int(piece.lost.sum())
        for event in finder.finish():
            _keep(event, seen, foremost, folder, found)
    if highest and not found.moments:
        score, frame, shot = highest
        found.moments.append(Moment(score, frame, shot.time, shot.drawn()))
    return found


def _rows(piece: ScoredFrames, scene: str, scaled: NDArray[np.float32]) -> Iterable[tuple[object, ...]]:
    for index, (time, score, own, lost) in enumerate(zip(piece.times, piece.scores, scaled, piece.lost, strict=True)):
        yield piece.first + index, f"{time:.3f}", f"{score:.7g}", scene, f"{own:.7g}", int(lost)


def _shot(piece: ScoredFrames, place: int) -> Shot:
    return Shot(float(piece.times[place]), piece.pictures[place], piece.sightings[place])


def _seen(earlier: dict[int, Shot], piece: ScoredFrames, events: list[Event]) -> dict[int, Shot]:
    """The frames that `events` begin, end and peak at: in `piece`, or known from before."""
    frames = {frame for event in events for frame in (event.first_frame, event.last_frame, event.peak_frame)}
    return {frame: earlier[frame] if frame < piece.first else _shot(piece, frame - piece.first) for frame in frames}


def _keep(event: Event, seen: dict[int, Shot], foremost: Foremost, folder: Path, found: Watched) -> None:
    """Write the event's thumbnail, and list it."""
    thumbnail = f"{THUMBNAILS}/{event.peak_frame:06d}.jpg"
    peak = seen[event.peak_frame]
    picture = peak.drawn()
    write_bytes(folder / thumbnail, _jpeg(picture))
    start, end = seen[event.first_frame].time, seen[event.last_frame].time
    found.events.append(FoundEvent(event, start, end, peak.time, thumbnail, foremost.of(event)))
    moments = [*found.moments, Moment(event.peak_score, event.peak_frame, peak.time, picture)]
    found.moments = sorted(moments, key=lambda moment: (-moment.score, moment.frame))[:MOMENTS]


def _jpeg(picture: Frame) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue()
