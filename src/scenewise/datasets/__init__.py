"""Data sets on disk: which videos they hold, and of which scene each is."""

import re
from pathlib import Path

from scenewise.datasets.dataset_json import DATASET_JSON
from scenewise.datasets.layouts import LAYOUTS
from scenewise.datasets.listing import entries
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError

__all__ = ["Dataset", "LabelSource", "Split", "Video", "load_dataset"]


def load_dataset(root: Path) -> Dataset:
    """The data set in `root`, or in the only folder inside it, recognised by its tree of files.

    Raises DataError if nothing is recognised, or two videos would have the same name.
    """
    if not root.is_dir():
        what = "it is a file; an archive has to be unpacked first" if root.is_file() else "there is no such folder"
        raise DataError(f"{root}: expected the folder of a data set; {what}")
    dataset = next(filter(None, map(_recognised, (root, *_unpacked(root)))), None)
    if dataset is None:
        raise DataError(
            f"{root}: expected train/SCENE/VIDEO.mp4 (and test/SCENE/..., labels/SCENE/VIDEO.npy), a {DATASET_JSON} or "
            f"one of the trees that `scenewise datasets list` shows, found "
            f"{', '.join(entry.name for entry in entries(root)[:5]) or 'an empty folder'}{_letter_case(root)}"
        )
    _refuse_name_clashes(dataset.videos)
    return dataset


def _recognised(root: Path) -> Dataset | None:
    layout = next((layout for layout in LAYOUTS.values() if layout.recognise(root)), None)
    return None if layout is None else layout.read(root)


def _unpacked(root: Path) -> list[Path]:
    """The folder in `root` if there is only one, as in unpacked archives. The folder that macOS adds does not count."""
    folders = [entry for entry in entries(root) if entry.is_dir() and entry.name != "__MACOSX"]
    return folders if len(folders) == 1 else []


def _letter_case(root: Path) -> str:
    """A hint if the drawing of a layout has a folder of this name in another letter case."""
    for name, layout in LAYOUTS.items():
        drawn = set(re.findall(r"\w+(?=/)", layout.__doc__ or ""))
        for entry in entries(root):
            meant = {word for word in drawn if word.lower() == entry.name.lower()}
            if meant and entry.name not in drawn:
                return f"; letter case counts: {entry.name} is {meant.pop()} in the tree of {name}"
    return ""


def _refuse_name_clashes(videos: tuple[Video, ...]) -> None:
    """Raise DataError if two videos of one split would have the same score file, SCENE_VIDEO.npy."""
    seen: dict[tuple[str, str], Video] = {}
    for video in videos:
        other = seen.setdefault((video.split, video.score_name), video)
        if other is not video:
            raise DataError(
                f"{video.path} and {other.path} would both be called {video.split} {video.score_name}; rename one"
            )
