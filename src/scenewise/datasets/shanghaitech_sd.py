"""ShanghaiTech-SD, the scene-dependent split of ShanghaiTech (Cao et al., CVPR 2023), as published code reads it.

ROOT/
├── training/SS_VVV/000.jpg         scene SS, video VVV
├── testing/SS_VVVV/000.jpg
└── testframemask/SS_VVVV.npy       0 normal, 1 abnormal, one a frame

35 training videos; 18 test videos of 5,946 frames. `scenewise datasets build shanghaitech-sd` writes it from the
official ShanghaiTech Campus. Bicycles and motorbikes are normal in scene 01 and abnormal in the others.
"""

from pathlib import Path

from scenewise.datasets.listing import (
    Mismatches,
    entries,
    in_both_splits,
    is_video,
    other_letter_case,
    scene_and_name,
    strays,
)
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.datasets.shanghaitech import FPS
from scenewise.errors import DataError
from scenewise.folders import is_folder

TITLE = "ShanghaiTech-SD"
SOURCE = "https://campusvad.github.io"
FOLDERS: dict[Split, str] = {"train": "training", "test": "testing"}
LABELS = "testframemask"


def recognise(root: Path) -> bool:
    """Whether videos called SCENE_VIDEO lie directly in training/ or testing/."""
    return any("_" in entry.name and is_video(entry) for folder in FOLDERS.values() for entry in entries(root / folder))


def read(root: Path) -> Dataset:
    """Read the tree. Raises DataError if no video in it is called SCENE_VIDEO."""
    videos: list[Video] = []
    mismatches: Mismatches = []
    ignored: list[Path] = []
    for split, folder in FOLDERS.items():
        for path in entries(root / folder):
            parts = scene_and_name(path)
            if not is_video(path):
                ignored.append(path)
            elif parts is None:
                mismatches.append((path, "expected a name such as 01_0014, of scene and video"))
            else:
                labels = root / LABELS / f"{'_'.join(parts)}.npy"
                truth = LabelSource(labels) if split == "test" and is_folder(labels.parent) else None
                sought = (labels,) if split == "test" and truth is None else ()
                videos.append(Video(*parts, split, path, truth, fps=FPS, labels_sought=sought))
    if not videos:
        raise DataError(f"{root}: expected folders of frames called SCENE_VIDEO in training/ and testing/")
    test, train = ([video.score_name for video in videos if video.split == split] for split in ("test", "train"))
    mismatches += in_both_splits(videos)
    mismatches += other_letter_case(root, *FOLDERS.values(), LABELS)
    mismatches += strays(root / LABELS, [".npy"], test, train)
    return Dataset(root, "shanghaitech-sd", tuple(videos), ignored=tuple(ignored), mismatches=tuple(mismatches))
