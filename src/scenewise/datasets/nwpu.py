"""NWPU Campus (Cao et al., A New Comprehensive Benchmark for Semi-supervised Video Anomaly Detection and Anticipation,
CVPR 2023).

ROOT/
├── videos/
│   ├── Train/SSSS_NN.avi               scene SSSS (D001 ... N999), video NN
│   └── Test/SSSS_NN.avi
└── groundtruth/NWPU_Campus_gt.npz      an array for each test video, with its name: 0 normal, 1 abnormal, one a frame

Officially 43 scenes, 305 training videos and 242 test videos.
"""

from pathlib import Path

from scenewise.datasets.listing import Mismatches, entries, is_video, other_letter_case, scene_and_name, stem_of
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError
from scenewise.folders import is_folder

TITLE = "NWPU Campus"
SOURCE = "https://campusvad.github.io"
LABELS = "NWPU_Campus_gt.npz"
FOLDERS: dict[Split, str] = {"train": "Train", "test": "Test"}


def recognise(root: Path) -> bool:
    """Whether `root` holds videos/Train or videos/Test."""
    return any(is_folder(root / "videos" / folder) for folder in FOLDERS.values())


def read(root: Path) -> Dataset:
    """Read the tree. Raises DataError if no video in it is called SCENE_VIDEO."""
    labels = root / "groundtruth" / LABELS
    videos: list[Video] = []
    mismatches: Mismatches = []
    ignored: list[Path] = []
    for split, folder in FOLDERS.items():
        for path in entries(root / "videos" / folder):
            parts = scene_and_name(path)
            if not is_video(path):
                ignored.append(path)
            elif parts is None:
                mismatches.append((path, "expected a name such as D001_01, of scene and video"))
            else:
                truth = LabelSource(labels, "npz", stem_of(path)) if split == "test" else None
                videos.append(Video(*parts, split, path, truth))
    if not videos:
        raise DataError(f"{root}: expected videos called SCENE_VIDEO in videos/Train/ and videos/Test/")
    mismatches += other_letter_case(root, "videos", "groundtruth")
    mismatches += other_letter_case(root / "videos", *FOLDERS.values())
    mismatches += other_letter_case(root / "groundtruth", LABELS)
    return Dataset(root, "nwpu-campus", tuple(videos), ignored=tuple(ignored), mismatches=tuple(mismatches))
