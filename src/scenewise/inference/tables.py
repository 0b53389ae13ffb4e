"""Writes and reads the tables of one video.

scores.csv has a line for every frame, objects.csv one for every object above SHOWN, and maps.csv one for every frame,
with the score of every cell of the grid over the picture.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from scenewise.csv_cells import cell_text, csv_lines
from scenewise.files import append_text, write_bytes
from scenewise.inference.scored_frames import SHOWN, Box, ScoredFrames, Sighting
from scenewise.methods.scores import NormalExample
from scenewise.runs.explanation import Parts

SCORES = "scores.csv"
SCORE_COLUMNS = ("frame", "time", "score", "scene", "scene_score", "lost")
OBJECTS = "objects.csv"
MAPS = "maps.csv"
SIDES = ("left", "top", "right", "bottom")
NORMAL_COLUMNS = ("normal_video", "normal_source", "normal_frame", *(f"normal_{side}" for side in SIDES), "normal_row")
OBJECT_COLUMNS = ("frame", *SIDES, "score", "track", *NORMAL_COLUMNS, "parts")


class ScoreTable:
    """A sink: writes the scores of every frame as soon as they are known."""

    def __init__(self, folder: Path, scene: str) -> None:
        self.path, self.scene = folder / SCORES, scene
        write_bytes(self.path, b"")
        _append(self.path, [SCORE_COLUMNS])

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        columns = zip(frames.times, frames.scores, frames.scene_scores, frames.lost, strict=True)
        _append(
            self.path,
            (
                (number, f"{time:.3f}", f"{score:.7g}", self.scene, f"{scaled:.7g}", int(lost))
                for number, (time, score, scaled, lost) in enumerate(columns, frames.first)
            ),
        )

    def close(self) -> None:
        """See `Sink`."""


class ObjectTable:
    """A sink: writes the objects above SHOWN, or all, of every examined frame; no file if the method gives none."""

    def __init__(self, folder: Path, has_objects: bool, *, all_boxes: bool = False) -> None:
        """`has_objects`: the method scores objects, so that there is a table even if nothing moves."""
        self.path, self.least = folder / OBJECTS, -np.inf if all_boxes else SHOWN
        self.has_objects = False
        if has_objects:
            self._begin()

    def _begin(self) -> None:
        self.has_objects = True
        write_bytes(self.path, b"")
        _append(self.path, [OBJECT_COLUMNS])

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        if not self.has_objects and any(frames.sightings):
            self._begin()
        if not self.has_objects:
            return
        _append(
            self.path,
            (
                _object_row(sighting)
                for frame, sightings in enumerate(frames.sightings, frames.first)
                for sighting in sightings
                if sighting.frame == frame and sighting.score > self.least  # other frames repeat the last examined one
            ),
        )

    def close(self) -> None:
        """See `Sink`."""


class MapTable:
    """A sink: writes the map of every frame; no file if the method gives none."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MAPS

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        if frames.maps is None or not len(frames.maps):
            return
        if not self.path.exists():
            rows, columns = frames.maps.shape[1:]
            cells = [f"row{row + 1}_column{column + 1}" for row in range(rows) for column in range(columns)]
            write_bytes(self.path, b"")
            _append(self.path, [["frame", *cells]])
        numbered = enumerate(frames.maps.reshape(len(frames.maps), -1).tolist(), frames.first)
        _append(self.path, ((frame, *(f"{score:.5g}" for score in cells)) for frame, cells in numbered))

    def close(self) -> None:
        """See `Sink`."""


class ScoreRow(NamedTuple):
    """One frame's line of scores.csv."""

    frame: int
    time: float
    score: float
    """On the scene scale."""


def read_scores(folder: Path) -> Iterator[ScoreRow]:
    """The rows that ScoreTable wrote."""
    with _opened(folder / SCORES) as file:
        for line in csv.DictReader(file):
            yield ScoreRow(int(line["frame"]), float(line["time"]), float(line["scene_score"]))


def read_sightings(folder: Path) -> Iterator[Sighting]:
    """The objects that ObjectTable wrote, ordered by frame; none if there is no such file."""
    if not (folder / OBJECTS).is_file():
        return
    with _opened(folder / OBJECTS) as file:
        for line in csv.DictReader(file):
            box = _box(line, "")
            parts = _parts(line["parts"])
            yield Sighting(int(line["frame"]), box, float(line["score"]), int(line["track"]), _normal(line), parts)


def read_maps(folder: Path) -> Iterator[NDArray[np.float32]]:
    """The maps (rows, columns) that MapTable wrote, one a frame in order; none if there is no such file."""
    if not (folder / MAPS).is_file():
        return
    with _opened(folder / MAPS) as file:
        lines = csv.reader(file)
        rows, columns = map(int, re.findall(r"\d+", next(lines)[-1]))
        for line in lines:
            yield np.array(line[1:], np.float32).reshape(rows, columns)


def _opened(path: Path) -> TextIO:
    return path.open(newline="", encoding="utf-8", errors="surrogateescape")


def _append(path: Path, rows: Iterable[Iterable[object]]) -> None:
    append_text(path, csv_lines(rows))


def _object_row(sighting: Sighting) -> list[object]:
    normal = sighting.normal
    columns = [sighting.frame, *_shares(sighting.box), f"{sighting.score:.7g}", sighting.track]
    parts = ";".join(f"{name}={share:.4f}" for name, share in sighting.parts)
    if normal is None:
        return [*columns, *("" for _ in NORMAL_COLUMNS), parts]
    return [*columns, normal.video, normal.source, normal.frame, *_shares(normal.box), normal.row, parts]


def _parts(cell: str) -> Parts:
    pairs = (one.rpartition("=") for one in cell_text(cell).split(";") if one)
    return tuple((name, float(share)) for name, _, share in pairs)


def _normal(line: dict[str, str]) -> NormalExample | None:
    if not line["normal_video"]:
        return None
    video, source = cell_text(line["normal_video"]), cell_text(line["normal_source"])
    return NormalExample(video, source, int(line["normal_frame"]), _box(line, "normal_"), int(line["normal_row"]))


def _box(line: dict[str, str], prefix: str) -> Box:
    left, top, right, bottom = (float(line[f"{prefix}{side}"]) for side in SIDES)
    return left, top, right, bottom


def _shares(box: Box) -> list[str]:
    return [f"{share:.5f}" for share in box]
