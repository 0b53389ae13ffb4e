"""ShanghaiTech Campus (Liu et al., Future Frame Prediction for Anomaly Detection, CVPR 2018).

ROOT/
├── training/videos/SS_NNN.avi              scene SS, video NNN
│   or       frames/SS_NNN/000.jpg          the common re-packaging
└── testing/
    ├── frames/SS_NNNN/000.jpg              or videos/SS_NNNN.avi
    ├── test_frame_mask/SS_NNNN.npy         0 normal, 1 abnormal, one a frame
    └── test_pixel_mask/SS_NNNN.npy         optional: abnormal pixels, (N, H, W)

A tree with any number of scenes and videos is accepted. Officially 330 training videos; 107 test videos of 40,791
frames. 24 frames per second.
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
from scenewise.errors import DataError

TITLE = "ShanghaiTech Campus"
SOURCE = "https://svip-lab.github.io/dataset/campus_dataset.html"
FPS = 24.0
"""Frames a second of the recordings; folders of pictures do not state them."""
FOLDERS: dict[Split, str] = {"train": "training", "test": "testing"}


def recognise(root: Path) -> bool:
    """Whether videos called SCENE_VIDEO lie in frames/ or videos/ of training/ or testing/."""
    places = (root / folder / kind for folder in FOLDERS.values() for kind in ("frames", "videos"))
    return any("_" in entry.name and is_video(entry) for place in places for entry in entries(place))


def read(root: Path) -> Dataset:
    """Read the tree. Raises DataError if no video in it is called SCENE_VIDEO."""
    videos: list[Video] = []
    mismatches: Mismatches = []
    ignored: list[Path] = []
    excluded: list[tuple[Path, str]] = []
    for split, folder in FOLDERS.items():
        path_of: dict[tuple[str, str], Path] = {}
        for path in [*entries(root / folder / "frames"), *entries(root / folder / "videos")]:
            parts = scene_and_name(path)
            if not is_video(path):
                ignored.append(path)
            elif parts is None:
                mismatches.append((path, "expected a name such as 01_001, of scene and video"))
            elif (other := path_of.setdefault(parts, path)) is not path:
                excluded.append((path, f"{other.parent.name}/ has the same video"))
        videos += [_video(root, split, *parts, path_of[parts]) for parts in sorted(path_of)]
    if not videos:
        raise DataError(f"{root}: expected videos called SCENE_VIDEO in training/ or testing/, such as frames/01_001/")
    test, train = ([video.score_name for video in videos if video.split == split] for split in ("test", "train"))
    mismatches += in_both_splits(videos)
    mismatches += other_letter_case(root, *FOLDERS.values())
    mismatches += other_letter_case(root / "training", "frames", "videos")
    mismatches += other_letter_case(root / "testing", "frames", "videos", "test_frame_mask", "test_pixel_mask")
    for labels in ("test_frame_mask", "test_pixel_mask"):
        mismatches += strays(root / "testing" / labels, [".npy"], test, train)
    return Dataset(
        root, "shanghaitech", tuple(videos), ignored=tuple(ignored), excluded=tuple(excluded),
        mismatches=tuple(mismatches),
    )  # fmt: skip


def _video(root: Path, split: Split, scene: str, name: str, path: Path) -> Video:
    labels, masks = (
        LabelSource(folder / f"{scene}_{name}.npy") if split == "test" and folder.is_dir() else None
        for folder in (root / "testing/test_frame_mask", root / "testing/test_pixel_mask")
    )
    return Video(scene, name, split, path, labels, masks, fps=FPS)
