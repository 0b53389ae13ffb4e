"""ShanghaiTech Campus (Liu et al., Future Frame Prediction for Anomaly Detection, CVPR 2018).

ROOT/
├── training/videos/SS_NNN.avi              scene SS, video NNN
│   or       frames/SS_NNN/000.jpg          the common re-packaging
└── testing/
    ├── frames/SS_NNNN/000.jpg              or videos/SS_NNNN.avi
    ├── test_frame_mask/SS_NNNN.npy         0 normal, 1 abnormal, one a frame
    │   or ROOT/frame_labels_shanghai.npy    likewise, of all test videos, one after the other
    └── test_pixel_mask/SS_NNNN.npy         optional: abnormal pixels, (N, H, W)

The one file of labels may also be beside ROOT. Its parts are in the order of the numbers in the videos' names, and as
long as the videos. A tree with any number of scenes and videos is accepted. Officially 330 training videos; 107 test
videos of 40,791 frames. 24 frames per second.
"""

from collections.abc import Mapping
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
from scenewise.datasets.one_label_file import (
    find_label_file,
    frames_in,
    in_order_of_numbers,
    parts_by_length,
    places_of_label_file,
)
from scenewise.errors import DataError, VideoError
from scenewise.folders import is_folder

TITLE = "ShanghaiTech Campus"
SOURCE = "https://svip-lab.github.io/dataset/campus_dataset.html"
FPS = 24.0
"""Frames a second of the recordings; folders of pictures do not state them."""
FOLDERS: dict[Split, str] = {"train": "training", "test": "testing"}
LABELS = "testing/test_frame_mask"
MASKS = "testing/test_pixel_mask"
ONE_FILE = ("shanghai", "shanghaitech")
"""What the one file of labels is called after, if not after ROOT."""

_Named = dict[tuple[str, str], Path]
"""{(scene, name): video}."""


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
        path_of: _Named = {}
        for path in [*entries(root / folder / "frames"), *entries(root / folder / "videos")]:
            parts = scene_and_name(path)
            if not is_video(path):
                ignored.append(path)
            elif parts is None:
                mismatches.append((path, "expected a name such as 01_001, of scene and video"))
            elif (other := path_of.setdefault(parts, path)) is not path:
                excluded.append((path, f"{other.parent.name}/ has the same video"))
        truths = _labels_of(root, path_of, mismatches) if split == "test" else {}
        videos += [_video(root, split, *parts, path_of[parts], truths) for parts in sorted(path_of)]
    if not videos:
        raise DataError(f"{root}: expected videos called SCENE_VIDEO in training/ or testing/, such as frames/01_001/")
    test, train = ([video.score_name for video in videos if video.split == split] for split in ("test", "train"))
    mismatches += in_both_splits(videos)
    mismatches += other_letter_case(root, *FOLDERS.values())
    mismatches += other_letter_case(root / "training", "frames", "videos")
    mismatches += other_letter_case(root / "testing", "frames", "videos", "test_frame_mask", "test_pixel_mask")
    for labels in (LABELS, MASKS):
        mismatches += strays(root / labels, [".npy"], test, train)
    return Dataset(
        root, "shanghaitech", tuple(videos), ignored=tuple(ignored), excluded=tuple(excluded),
        mismatches=tuple(mismatches),
    )  # fmt: skip


def _video(
    root: Path, split: Split, scene: str, name: str, path: Path, truths: Mapping[tuple[str, str], LabelSource]
) -> Video:
    if split == "train":
        return Video(scene, name, split, path, fps=FPS)
    labels = truths.get((scene, name))
    sought = root / LABELS / f"{scene}_{name}.npy", *places_of_label_file(root, ONE_FILE)
    masks = LabelSource(root / MASKS / f"{scene}_{name}.npy") if is_folder(root / MASKS) else None
    return Video(scene, name, split, path, labels, masks, fps=FPS, labels_sought=() if labels else sought)


def _labels_of(root: Path, path_of: _Named, mismatches: Mismatches) -> dict[tuple[str, str], LabelSource]:
    """The labels of every test video: a file each if there is a folder of them, else its part of the one file."""
    folder = root / LABELS
    one = None if entries(folder) else find_label_file(root, (root.name, *ONE_FILE))
    if one is None:
        each = path_of if is_folder(folder) else ()
        return {(scene, name): LabelSource(folder / f"{scene}_{name}.npy") for scene, name in each}
    ordered = sorted(path_of, key=lambda parts: in_order_of_numbers("_".join(parts)))
    if one.suffix == ".mat":
        return {parts: LabelSource(one, "mat-ranges", str(place)) for place, parts in enumerate(ordered, 1)}
    try:
        lengths = [frames_in(path_of[parts]) for parts in ordered]
    except VideoError as error:
        mismatches.append((one, f"it cannot be divided among the test videos, because one cannot be counted: {error}"))
        return {}
    return dict(zip(ordered, parts_by_length(one, lengths), strict=True))
