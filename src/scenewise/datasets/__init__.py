"""Which video is which scene: data sets as they lie on disk."""

from pathlib import Path

from scenewise.datasets.dataset_json import DATASET_JSON, read_dataset_json
from scenewise.datasets.generic import read_generic
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError

__all__ = ["Dataset", "LabelSource", "Split", "Video", "load_dataset"]


def load_dataset(root: Path) -> Dataset:
    """The data set that lies in `root`, recognised by its own tree.

    Raises DataError where nothing is recognised, or where two videos would bear the same name.
    """
    if not root.is_dir():
        raise DataError(f"{root}: expected the folder of a data set, and there is no such folder")
    if (root / DATASET_JSON).is_file():
        dataset = read_dataset_json(root)
    elif (root / "train").is_dir() or (root / "test").is_dir():
        dataset = read_generic(root)
    else:
        raise DataError(
            f"{root}: expected train/SCENE/VIDEO.mp4 (and test/SCENE/..., labels/SCENE/VIDEO.npy) or a {DATASET_JSON}, "
            f"found {', '.join(sorted(entry.name for entry in root.iterdir())[:5]) or 'an empty folder'}"
        )
    _refuse_name_clashes(dataset.videos)
    return dataset


def _refuse_name_clashes(videos: tuple[Video, ...]) -> None:
    """Scores are stored as SCENE_VIDEO.npy: two videos of one split must not come to the same file."""
    seen: dict[tuple[str, str], Video] = {}
    for video in videos:
        other = seen.setdefault((video.split, video.score_name), video)
        if other is not video:
            raise DataError(
                f"{video.path} and {other.path} would both be called {video.split} {video.score_name}; rename one"
            )
