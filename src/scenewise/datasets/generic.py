"""The generic layout.

ROOT/
├── train/SCENE/VIDEO.mp4            normal footage (.avi, .mkv, .ts, ... likewise)
│   or    SCENE/VIDEO/000.jpg        a folder of numbered frames
├── test/SCENE/...                   likewise
├── labels/SCENE/VIDEO.npy           0 normal, 1 abnormal, one a frame of the test video
└── labels/SCENE/VIDEO.events.json   optional: what happens when, and whether it is abnormal there
"""

from pathlib import Path

from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError
from scenewise.video.probe import VIDEO_SUFFIXES, is_frame_folder

SPLITS: tuple[Split, ...] = ("train", "test")


def read_generic(
    root: Path,
    scene_fps: dict[str, float] | None = None,
    normal_classes: dict[str, tuple[str, ...]] | None = None,
) -> Dataset:
    """Read the tree; `scene_fps` and `normal_classes` come from a dataset.json beside it, where there is one.

    Raises DataError where it holds no video, or two that differ only in their suffix.
    """
    videos: list[Video] = []
    ignored: list[Path] = []
    for split in SPLITS:
        for scene in _visible(root / split):
            if not scene.is_dir():
                ignored.append(scene)
                continue
            fps = (scene_fps or {}).get(scene.name)
            for path in _visible(scene):
                if _is_video(path):
                    videos.append(_video(root, split, scene.name, path, fps))
                else:
                    ignored.append(path)
    nested = tuple(path for path in ignored if any(map(_is_video, _visible(path))))
    if not videos:
        deeper = f"; {nested[0]} holds some, one level too deep" if nested else ""
        raise DataError(
            f"{root}: no video found in train/SCENE/ or test/SCENE/ (files such as .mp4, or folders of frames){deeper}"
        )
    return Dataset(root, "generic", tuple(videos), normal_classes or {}, tuple(ignored), nested=nested)


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES or is_frame_folder(path)


def _visible(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _video(root: Path, split: Split, scene: str, path: Path, fps: float | None) -> Video:
    stem = path.stem if path.is_file() else path.name
    labels: LabelSource | None = None
    events: Path | None = None
    if split == "test":
        found = _existing(root / "labels" / scene / f"{stem}.npy")
        labels = None if found is None else LabelSource(found)
        events = _existing(root / "labels" / scene / f"{stem}.events.json")
    name = stem.removeprefix(f"{scene}_") or stem
    return Video(scene, name, split, path, labels, events=events, fps=fps)


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None
