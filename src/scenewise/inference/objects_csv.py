"""objects.csv: every object that stands out, a line each, written as scores become known and read back as a stream."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from scenewise.files import whole_file
from scenewise.inference.sightings import SHOWN, Sighting
from scenewise.inference.stream import ScoredFrames
from scenewise.methods.object_memory.scorer import NormalExample

OBJECTS = "objects.csv"
SIDES = ("left", "top", "right", "bottom")
COLUMNS = ("frame", *SIDES, "score", "track")
NORMAL = ("normal_video", "normal_source", "normal_frame", *(f"normal_{side}" for side in SIDES))


def recorded(pieces: Iterable[ScoredFrames], path: Path) -> Iterator[ScoredFrames]:
    """`pieces` as they come, their sightings above SHOWN written into `path`, which is there once all were taken."""
    with whole_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*COLUMNS, *NORMAL])
        for piece in pieces:
            for frame, sightings in enumerate(piece.sightings, piece.first):
                # The frames after it, up to the next that is looked at, repeat them.
                table.writerows(_row(one) for one in sightings if one.frame == frame and one.score > SHOWN)
            yield piece


def read_sightings(path: Path) -> Iterator[Sighting]:
    """What `recorded` wrote, in order of frames."""
    with path.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            left, top, right, bottom = (float(line[side]) for side in SIDES)
            box = left, top, right, bottom
            yield Sighting(int(line["frame"]), box, float(line["score"]), int(line["track"]), _normal(line))


def _row(sighting: Sighting) -> list[object]:
    normal = sighting.normal
    known = [sighting.frame, *_shares(sighting.box), f"{sighting.score:.7g}", sighting.track]
    if normal is None:
        return [*known, *("" for _ in NORMAL)]
    return [*known, normal.video, normal.source, normal.frame, *_shares(normal.box)]


def _normal(line: dict[str, str]) -> NormalExample | None:
    if not line["normal_video"]:
        return None
    left, top, right, bottom = (float(line[f"normal_{side}"]) for side in SIDES)
    return NormalExample(
        line["normal_video"], line["normal_source"], int(line["normal_frame"]), (left, top, right, bottom)
    )


def _shares(box: tuple[float, float, float, float]) -> list[str]:
    return [f"{share:.5f}" for share in box]
