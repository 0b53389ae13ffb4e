"""CUHK Avenue (Lu, Shi and Jia, Abnormal Event Detection at 150 FPS in MATLAB, ICCV 2013).

ROOT/
├── training_videos/01.avi             normal                           short tree: train/01.avi
├── testing_videos/01.avi                                                           test/01.avi
└── testing_label_mask/1_label.mat     `volLabel`: a mask per frame                   labels/1_label.mat

One scene. The videos' numbers are zero-padded, the labels' are not. The labels are a separate download,
ground_truth_demo/testing_label_mask/, which may lie in ROOT or beside the folder of the videos. Officially 16 training
videos; 21 test videos of 15,324 frames. 25 frames per second, as the files say.
"""

from pathlib import Path

from scenewise.datasets.listing import Mismatches, entries, is_video, other_letter_case, stem_of, strays
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError
from scenewise.folders import is_file, is_folder
from scenewise.video.probe import VIDEO_SUFFIXES

TITLE = "CUHK Avenue"
SOURCE: str | None = "http://www.cse.cuhk.edu.hk/leojia/projects/detectabnormal/dataset.html"
SCENE = "avenue"
SUFFIX = "_label.mat"
FULL: dict[Split, str] = {"train": "training_videos", "test": "testing_videos"}
SHORT: dict[Split, str] = {"train": "train", "test": "test"}


def recognise(root: Path) -> bool:
    """Whether `root` is one of the two trees. The labels distinguish the short tree from the generic one."""
    return _full_place(root) is not None or _is_short(root)


def read(root: Path) -> Dataset:
    """Read the tree. Raises DataError if it holds no video."""
    place = _full_place(root)
    folders = SHORT if place is None else FULL
    labels = root / "labels" if place is None else _label_folder(root, place)
    videos: list[Video] = []
    ignored: list[Path] = []
    mismatches: Mismatches = other_letter_case(place or root, *folders.values(), labels.name)
    for split, folder in folders.items():
        for entry in entries((place or root) / folder):
            if is_video(entry):
                videos.append(_video(split, entry, labels))
            else:
                ignored.append(entry)
    if not videos:
        raise DataError(f"{root}: expected videos such as {folders['train']}/01.avi, found none")
    known = {name for video in videos if video.split == "test" for name in (video.name, _unpadded(video.name))}
    mismatches += strays(labels, [SUFFIX], known)
    return Dataset(root, "avenue", tuple(videos), ignored=tuple(ignored), mismatches=tuple(mismatches))


def _full_place(root: Path) -> Path | None:
    """`root`, or a folder in it such as `Avenue Dataset`. The labels' download holds test videos, but no others."""
    if any(is_folder(root / folder) for folder in FULL.values()):
        return root
    return next((entry for entry in entries(root) if is_folder(entry / FULL["train"])), None)


def _is_short(root: Path) -> bool:
    files = [entry for folder in SHORT.values() for entry in entries(root / folder)]
    return any(file.suffix.lower() in VIDEO_SUFFIXES for file in files) and any(
        file.name.endswith(SUFFIX) for file in entries(root / "labels")
    )


def _label_folder(root: Path, place: Path) -> Path:
    """The folder of the masks; if there is none, the path where it is expected."""
    folders = [base / inner for base in (place, root) for inner in ("", "ground_truth_demo")]
    return next(
        (folder for base in folders if is_folder(folder := base / "testing_label_mask")),
        folders[0] / "testing_label_mask",
    )


def _video(split: Split, path: Path, labels: Path) -> Video:
    name = stem_of(path)
    if split == "train":
        return Video(SCENE, name, split, path)
    padded = labels / f"{name}{SUFFIX}"
    source = LabelSource(padded if is_file(padded) else labels / f"{_unpadded(name)}{SUFFIX}", "mat-masks")
    return Video(SCENE, name, split, path, source, source)


def _unpadded(name: str) -> str:
    return name.lstrip("0") or name
