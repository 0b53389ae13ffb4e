"""Labels without footage: beside features in a folder of their own, or in a data set of which there are labels alone.

ROOT/
└── labels/SCENE/VIDEO.npy      or labels/SCENE_VIDEO.npy; .events.json likewise
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from scenewise.datasets import LabelSource, Video
from scenewise.folders import is_file, is_folder

LABELS = "labels"
SPLITS = ("train", "test")


def holds_labels_alone(root: Path) -> bool:
    """Whether `root` holds a folder of labels, and no folder of videos."""
    return is_folder(root / LABELS) and not any(is_folder(root / split) for split in SPLITS)


def with_labels(video: Video, root: Path) -> Video:
    """`video` with the labels and events that `root` holds of it; training videos have none."""
    if video.split == "train":
        return video
    arrays = list(_places(video, root, ".npy"))
    labels = next((LabelSource(path) for path in arrays if is_file(path)), None)
    events = next((path for path in _places(video, root, ".events.json") if is_file(path)), None)
    return replace(video, labels=labels, events=events, labels_sought=() if labels else tuple(arrays))


def _places(video: Video, root: Path, suffix: str) -> Iterator[Path]:
    folder = root / LABELS
    yield folder / video.scene / f"{video.name}{suffix}"
    yield folder / video.scene / f"{video.score_name}{suffix}"
    yield folder / f"{video.score_name}{suffix}"
