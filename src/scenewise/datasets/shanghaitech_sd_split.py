"""The lists of ShanghaiTech-SD (Cao et al., CVPR 2023): its training videos and its test videos.

The training videos of scene 01 are from the official *test* split. Officially bicycles and motorbikes are abnormal
there; in ShanghaiTech-SD they are normal in scene 01, so every frame of its test videos is normal.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from scenewise.datasets.dataset_json import DATASET_JSON
from scenewise.datasets.manifest import Dataset, Split, Video
from scenewise.datasets.shanghaitech_sd import FOLDERS
from scenewise.errors import DataError
from scenewise.folders import real

TRAIN = {
    "01": "0016 0051 0063 0073 0076 0129 0131 0134 0177",
    "06": "001 002 003 004 005 007 008 009 014",
    "10": "001 002 006 007 008 009 010 011",
    "12": "002 003 004 005 006 007 008 009 015",
}
TEST = {
    "01": "0014 0029 0052 0138 0139 0163",
    "06": "0147 0150 0155",
    "10": "0037 0074",
    "12": "0142 0148 0151 0154 0173 0174 0175",
}
ALL_NORMAL = "01"
"""The scene whose test videos are normal throughout."""
COUNTS = {"01": (1710, 0), "06": (795, 328), "10": (1034, 848), "12": (2407, 1722)}
"""{scene: frames and abnormal frames of its test videos}."""
NORMAL_CLASSES = {"01": ["person", "bicycle", "motorbike"], "06": ["person"], "10": ["person"], "12": ["person"]}


class Member(NamedTuple):
    """A video of the official data set, and its split in ShanghaiTech-SD."""

    split: Split
    video: Video

    @property
    def all_normal(self) -> bool:
        """Whether every frame of it is normal in ShanghaiTech-SD, whatever its official labels say."""
        return self.split == "test" and self.video.scene == ALL_NORMAL


def members(official: Dataset) -> list[Member]:
    """The videos of ShanghaiTech-SD in the official data set. Raises DataError, which names those that are missing."""
    video_of = {(video.split, video.scene, video.name): video for video in official.videos}
    chosen: list[Member] = []
    missing: list[str] = []
    lists: tuple[tuple[Split, dict[str, str]], ...] = (("train", TRAIN), ("test", TEST))
    for split, scenes in lists:
        for scene, name in ((scene, name) for scene, names in scenes.items() for name in names.split()):
            official_split: Split = "test" if split == "test" or scene == ALL_NORMAL else "train"
            video = video_of.get((official_split, scene, name))
            if video is None:
                missing.append(f"{FOLDERS[official_split]}/ {scene}_{name}")
            else:
                chosen.append(Member(split, video))
    if missing:
        more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
        raise DataError(
            f"{official.root}: expected the official ShanghaiTech Campus with all videos of the split, {len(missing)} "
            f"missing: {', '.join(missing[:8])}{more}"
        )
    return chosen


def manifest(chosen: Iterable[Member], made_by: dict[str, Any]) -> dict[str, Any]:
    """The content of a dataset.json of ShanghaiTech-SD; it names the footage by absolute paths."""
    return {
        "format": 1,
        "scenes": {scene: {"normal_classes": classes} for scene, classes in NORMAL_CLASSES.items()},
        "videos": [_entry(member) for member in chosen],
        "made_by": made_by,
    }


def _entry(member: Member) -> dict[str, Any]:
    split, video = member
    entry = {"scene": video.scene, "name": video.name, "split": split, "path": _absolute(video.path), "fps": video.fps}
    if member.all_normal:
        normal = {"path": DATASET_JSON, "kind": "normal"}
        return {**entry, "labels": normal, "masks": normal}
    if split == "test" and video.labels is not None:
        entry["labels"] = _absolute(video.labels.path)
        if video.masks is not None:
            entry["masks"] = _absolute(video.masks.path)
    return entry


def _absolute(path: Path) -> str:
    return str(real(path))
