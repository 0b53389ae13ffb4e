"""The street data set as a folder: its files, those that exist already, and foreign files, which stay untouched.

FOLDER/
├── dataset.json                      scenes with their normal classes, and the settings of the rendering
├── SHA256SUMS                        checksums of every other file
├── train/SCENE/000.mp4               normal footage
├── test/SCENE/000.mp4
└── labels/SCENE/000.npy              of the test videos, and 000.events.json
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from scenewise.checksums import record_checksums, recorded_checksums, sha256_of
from scenewise.config import StreetConfig
from scenewise.errors import ConfigError, DataError
from scenewise.files import WRITING, write_json
from scenewise.output_folder import OutputFolder
from scenewise.progress import note
from scenewise.street.scenes import scene
from scenewise.text_file import read_text

DATASET_JSON = "dataset.json"
PROGRAM = "scenewise street"
DRAWING = 2
"""Increased whenever the same settings draw other pictures; footage of a lower number is rendered again."""
_WRITTEN = re.compile(r"SHA256SUMS|dataset\.json|(train|test)/\w+/\d{3,}\.mp4|labels/\w+/\d{3,}\.(npy|events\.json)")
"""The names of the files that `scenewise street` writes."""


class StreetVideo(NamedTuple):
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


def videos_of(config: StreetConfig) -> list[StreetVideo]:
    """Every video of the data set, scene by scene."""
    counts: tuple[tuple[Literal["train", "test"], int], ...] = (
        ("train", config.videos),
        ("test", max(2, config.videos // 2)),
    )
    return [
        StreetVideo(index, scene(index, config.seed).name, split, number)
        for index in range(config.scenes)
        for split, count in counts
        for number in range(count)
    ]


def description(config: StreetConfig) -> dict[str, Any]:
    """The content of dataset.json.

    A video depends on the settings under `made_by` and on nothing else: with another number of scenes or videos, the
    existing videos stay as they are.
    """
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


def prepare(out: OutputFolder, config: StreetConfig) -> list[StreetVideo]:
    """Prepare the folder and return the videos that are still to be rendered.

    Whole files of the same settings stay. Files that this command wrote with other settings, or that no longer belong
    to the data set, are removed. Raises ConfigError, and changes nothing, if the folder holds anything else.
    """
    folder, wanted = out.path, videos_of(config)
    _refuse_others(out)
    names = {name for video in wanted for name in video.files}
    recorded = recorded_checksums(folder)
    described = description(config)
    for name in recorded:
        if (folder / name).is_file() and not is_whole(folder, [name], recorded):
            note(f"{folder / name} was changed since it was written, and is written again")
    keeps = names if settings_of(folder) == described["made_by"] else set()
    for path in folder.rglob(f"{WRITING}*"):
        if path.is_symlink() or not path.is_dir():  # a folder of this name is none of ours
            path.unlink()
    for name in {*recorded, *names} - keeps - {DATASET_JSON}:
        (folder / name).unlink(missing_ok=True)
    for place in sorted(folder.glob("*/*/"), reverse=True):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    write_json(folder / DATASET_JSON, described)
    record_checksums(folder, [DATASET_JSON])
    return [video for video in wanted if not is_whole(folder, video.files, recorded)]


def _refuse_others(out: OutputFolder) -> None:
    """Raise ConfigError if the folder holds files that `scenewise street` did not write.

    Other data sets have a dataset.json or a SHA256SUMS too: our dataset.json names the program that made it, and our
    SHA256SUMS lists only our names.
    """
    out.refuse_foreign(_is_written if settings_of(out.path) else None)
    others = [name for name in recorded_checksums(out.path) if not _is_written(name)]
    if others:
        raise ConfigError(
            f"{out.path}: expected a new folder, or one that holds {out.holds}, found a SHA256SUMS that lists "
            f"{others[0]}; choose another path"
        )


def _is_written(name: str) -> bool:
    return _WRITTEN.fullmatch(name) is not None


def settings_of(folder: Path) -> dict[str, Any]:
    """The settings that the data set in `folder` was rendered with; empty if this command did not render it."""
    try:
        made_by = json.loads(read_text(folder / DATASET_JSON, "expected JSON"))["made_by"]
        return dict(made_by) if made_by["program"] == PROGRAM else {}
    except (DataError, ValueError, KeyError, TypeError):
        return {}


def is_whole(folder: Path, names: Iterable[str], recorded: dict[str, str]) -> bool:
    """Whether all files of `names` exist with the recorded bytes."""
    return all((folder / name).is_file() and sha256_of(folder / name) == recorded.get(name) for name in names)
