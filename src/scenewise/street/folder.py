"""The street data set as a folder: what belongs in it, what of it is already there, what must not be touched.

FOLDER/
├── dataset.json                      scenes with their normal classes, and the settings it was rendered with
├── SHA256SUMS                        of every other file
├── train/SCENE/000.mp4               normal footage
├── test/SCENE/000.mp4
└── labels/SCENE/000.npy              of the test videos, and 000.events.json
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from scenewise.config import StreetConfig
from scenewise.errors import DataError
from scenewise.files import CHECKSUMS, record_checksums, recorded_checksums, sha256_of, write_json
from scenewise.street.scenes import scene

DATASET_JSON = "dataset.json"
PROGRAM = "scenewise street"
DRAWING = 1
"""Raised whenever the same settings come to draw other pictures; footage of an older drawing is rendered anew."""


class Take(NamedTuple):
    """One video to render."""

    scene_number: int
    scene: str
    split: Literal["train", "test"]
    number: int

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files in the folder, the video first."""
        place = f"{self.scene}/{self.number:03d}"
        video = f"{self.split}/{place}.mp4"
        return (video, f"labels/{place}.npy", f"labels/{place}.events.json") if self.split == "test" else (video,)


def takes(config: StreetConfig) -> list[Take]:
    """Every video of the data set, scene by scene."""
    counts: tuple[tuple[Literal["train", "test"], int], ...] = (
        ("train", config.videos),
        ("test", max(2, config.videos // 2)),
    )
    return [
        Take(index, scene(index, config.seed).name, split, number)
        for index in range(config.scenes)
        for split, count in counts
        for number in range(count)
    ]


def description(config: StreetConfig) -> dict[str, Any]:
    """The content of dataset.json. A video depends on the settings under `made_by` and on nothing else, so that
    another number of scenes or videos leaves those that are there as they are."""
    scenes = [scene(number, config.seed) for number in range(config.scenes)]
    return {
        "format": 1,
        "scenes": {made.name: {"normal_classes": list(made.normal_classes)} for made in scenes},
        "made_by": {
            "program": PROGRAM,
            "drawing": DRAWING,
            "size": config.size,
            "frames": config.frames,
            "seed": config.seed,
        },
    }


def prepare(folder: Path, config: StreetConfig) -> list[Take]:
    """Make `folder` ready and return the videos that are still to be rendered.

    What is whole and of the same settings stays; what this command wrote with other settings, or no longer belongs to
    the data set, is removed. Raises DataError, and changes nothing, where the folder holds anything else.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: expected a folder to render into, and this is a file; name a new folder")
    wanted = takes(config)
    names = {name for take in wanted for name in take.files}
    recorded = recorded_checksums(folder)
    settings = settings_of(folder)
    refuse_foreign(folder, {*recorded, *names, DATASET_JSON, CHECKSUMS} if settings or recorded else set())

    described = description(config)
    keeps = names if settings == described["made_by"] else set()
    for path in folder.rglob(".writing-*"):
        path.unlink()
    for name in {*recorded, *names} - keeps - {DATASET_JSON}:
        (folder / name).unlink(missing_ok=True)
    for place in sorted(folder.glob("*/*/"), reverse=True):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    write_json(folder / DATASET_JSON, described)
    record_checksums(folder, [DATASET_JSON])
    return [take for take in wanted if not is_whole(folder, take.files, recorded)]


def settings_of(folder: Path) -> dict[str, Any]:
    """The settings that the data set in `folder` was rendered with; empty where it holds none of ours."""
    try:
        made_by = json.loads((folder / DATASET_JSON).read_text())["made_by"]
        return dict(made_by) if made_by["program"] == PROGRAM else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def refuse_foreign(folder: Path, ours: set[str]) -> None:
    """Raise DataError where `folder` holds a file that is not among `ours`."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name not in ours and not path.name.startswith(".writing-"):
            raise DataError(
                f"{folder}: expected a new folder, or one that this command rendered, but it holds {name}, which this "
                "command did not write; nothing was changed, name a new folder"
            )


def is_whole(folder: Path, names: Iterable[str], recorded: dict[str, str]) -> bool:
    """Whether all the named files are there with the bytes that were recorded."""
    return all((folder / name).is_file() and sha256_of(folder / name) == recorded.get(name) for name in names)
