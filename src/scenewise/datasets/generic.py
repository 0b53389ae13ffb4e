"""The generic layout.

ROOT/
├── train/SCENE/VIDEO.mp4            normal footage (.avi, .mkv, .ts, ... likewise)
│   or    SCENE/VIDEO/000.jpg        a folder of pictures
├── test/SCENE/...                   likewise
├── labels/SCENE/VIDEO.npy           0 normal, 1 abnormal, one a frame of the test video
└── labels/SCENE/VIDEO.events.json   optional: events, each with its frames and whether it is abnormal in this scene
"""

from pathlib import Path

from scenewise.datasets.listing import Mismatches, entries, is_video, other_letter_case, stem_of, strays
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError
from scenewise.folders import is_file, is_folder

TITLE = "Your own cameras"
SOURCE = None
SPLITS: tuple[Split, ...] = ("train", "test")


def recognise(root: Path) -> bool:
    """Whether `root` holds a folder `train` or `test`."""
    return any(is_folder(root / split) for split in SPLITS)


def read(
    root: Path,
    scene_fps: dict[str, float] | None = None,
    normal_classes: dict[str, tuple[str, ...]] | None = None,
) -> Dataset:
    """Read the tree; `scene_fps` and `normal_classes` come from a dataset.json beside it, if there is one.

    Raises DataError if it holds no video.
    """
    videos: list[Video] = []
    ignored: list[Path] = []
    names: dict[Split, dict[str, list[str]]] = {split: {} for split in SPLITS}
    for split in SPLITS:
        for scene in entries(root / split):
            if not is_folder(scene) or not entries(scene):
                ignored.append(scene)
                continue
            fps = (scene_fps or {}).get(scene.name)
            for path in entries(scene):
                if is_video(path):
                    names[split].setdefault(scene.name, []).append(stem_of(path))
                    videos.append(_video(root, split, scene.name, path, fps))
                else:
                    ignored.append(path)
    nested = tuple(path for path in ignored if any(map(is_video, entries(path))))
    if not videos:
        deeper = f"; {nested[0]} holds some, one level too deep" if nested else ""
        raise DataError(
            f"{root}: no video found in train/SCENE/ or test/SCENE/ (files such as .mp4, or folders of frames){deeper}"
        )
    mismatches = _stray_labels(root, names["test"], names["train"])
    mismatches += other_letter_case(root, *SPLITS, "labels")
    return Dataset(
        root,
        "generic",
        tuple(videos),
        normal_classes or {},
        tuple(ignored),
        mismatches=tuple(mismatches),
        nested=nested,
    )


def _stray_labels(root: Path, test: dict[str, list[str]], train: dict[str, list[str]]) -> Mismatches:
    mismatches: Mismatches = []
    for scene in entries(root / "labels"):
        if is_folder(scene) and scene.name not in test and scene.name not in train:
            mismatches.append((scene, f"labels of no scene: there is no test/{scene.name}/"))
        elif is_folder(scene):
            mismatches += strays(scene, (".npy", ".events.json"), test.get(scene.name, ()), train.get(scene.name, ()))
    return mismatches


def _video(root: Path, split: Split, scene: str, path: Path, fps: float | None) -> Video:
    stem = stem_of(path)
    labels: LabelSource | None = None
    events: Path | None = None
    sought: tuple[Path, ...] = ()
    if split == "test":
        array = root / "labels" / scene / f"{stem}.npy"
        labels = LabelSource(array) if is_file(array) else None
        sought = () if labels else (array,)
        listed = array.with_name(f"{stem}.events.json")
        events = listed if is_file(listed) else None
    name = stem.removeprefix(f"{scene}_") or stem
    return Video(scene, name, split, path, labels, events=events, fps=fps, labels_sought=sought)
