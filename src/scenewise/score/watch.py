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
from scenewise.score.outline import Outline
from scenewise.score.stream import ScoredFrames
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
    seen: dict[int, tuple[float, Frame]] = {}  # time and picture of the frames that the open event stands on
    highest: Moment | None = None
    with whole_file(folder / SCORES) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for piece in pieces:
            scaled = scale.apply(piece.scores)
            table.writerows(_rows(piece, scene, scaled))
            found.outline.add(piece.times, scaled)
            over = finder.add(scaled)
            seen = _seen(seen, piece, [*over, *([finder.open] if finder.open else [])])
            for event in over:
                _keep(event, seen, folder, found)
            top = int(scaled.argmax())
            if highest is None or scaled[top] > highest.score:
                highest = Moment(float(scaled[top]), piece.first + top, float(piece.times[top]), piece.pictures[top])
            found.frames += len(scaled)
            found.lost += int(piece.lost.sum())
        for event in finder.finish():
            _keep(event, seen, folder, found)
    if highest and not found.moments:
        found.moments.append(highest)
    return found


def _rows(piece: ScoredFrames, scene: str, scaled: NDArray[np.float32]) -> Iterable[tuple[object, ...]]:
    for index, (time, score, own, lost) in enumerate(zip(piece.times, piece.scores, scaled, piece.lost, strict=True)):
        yield piece.first + index, f"{time:.3f}", f"{score:.7g}", scene, f"{own:.7g}", int(lost)


def _seen(
    earlier: dict[int, tuple[float, Frame]], piece: ScoredFrames, events: list[Event]
) -> dict[int, tuple[float, Frame]]:
    """Time and picture of the frames that `events` begin, end and peak at: in `piece`, or known from before."""
    frames = {frame for event in events for frame in (event.first_frame, event.last_frame, event.peak_frame)}
    return {
        frame: earlier[frame]
        if frame < piece.first
        else (float(piece.times[frame - piece.first]), piece.pictures[frame - piece.first])
        for frame in frames
    }


def _keep(event: Event, seen: dict[int, tuple[float, Frame]], folder: Path, found: Watched) -> None:
    """Write the event's thumbnail, and list it."""
    thumbnail = f"{THUMBNAILS}/{event.peak_frame:06d}.jpg"
    peak_time, picture = seen[event.peak_frame]
    write_bytes(folder / thumbnail, _jpeg(picture))
    start, end = seen[event.first_frame][0], seen[event.last_frame][0]
    found.events.append(FoundEvent(event, start, end, peak_time, thumbnail))
    moments = [*found.moments, Moment(event.peak_score, event.peak_frame, peak_time, picture)]
    found.moments = sorted(moments, key=lambda moment: (-moment.score, moment.frame))[:MOMENTS]


def _jpeg(picture: Frame) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue()
