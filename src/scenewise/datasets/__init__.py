"""Data sets on disk: which videos they hold, and of which scene each is."""

from dataclasses import replace
from pathlib import Path

from scenewise.datasets.dataset_json import DATASET_JSON
from scenewise.datasets.layouts import LAYOUTS, drawn_folders
from scenewise.datasets.listing import entries, first_closed, is_video, passed_over
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError
from scenewise.folders import is_file, is_folder, real
from scenewise.video.probe import VIDEO_SUFFIXES

__all__ = ["Dataset", "LabelSource", "Split", "Video", "load_dataset"]


def load_dataset(root: str | Path) -> Dataset:
    """The data set in `root`, or in the only folder inside it, recognised by its tree of files.

    Folders that cannot be listed, and those that operating systems make, are passed over. Raises DataError if nothing
    is recognised, or two videos would have the same name.
    """
    root = Path(root)
    if root.name in ("", ".."):
        root = real(root)  # the folder's name tells labels and scenes
    if not is_folder(root):
        raise DataError(f"{root}: expected the folder of a data set; {_what_it_is(root)}")
    try:
        dataset = next(filter(None, map(_recognised, (root, *_unpacked(root)))), None)
    except DataError as error:
        raise DataError(f"{error}{first_closed(root)}") from error
    if dataset is None:
        found = ", ".join(entry.name for entry in entries(root)[:5]) or "an empty folder"
        raise DataError(
            f"{root}: expected train/SCENE/VIDEO.mp4 (and test/SCENE/..., labels/SCENE/VIDEO.npy), a {DATASET_JSON} or "
            f"one of the trees that `scenewise datasets list` shows, found {found}"
            f"{_letter_case(root)}{first_closed(root)}{_meant(root)}"
        )
    _refuse_name_clashes(dataset.videos)
    return _without_closed(dataset)


def _what_it_is(root: Path) -> str:
    """What stands in the place of a folder, and what to do about it."""
    if ":/" in str(root):
        return "an address is for `scenewise score`, which takes streams; record some normal footage first"
    if root.suffix.lower() in VIDEO_SUFFIXES and is_file(root):
        return f"it is a recording: `scenewise split {root} --out DATA` makes a data set of it"
    return "it is a file; an archive has to be unpacked first" if is_file(root) else "there is no such folder"


def _meant(root: Path) -> str:
    """A hint at what was probably meant: the folder above, or recordings that nobody has sorted yet."""
    if root.name in ("train", "test") and any(map(_holds_videos, (root, *entries(root)))):
        return f"; did you mean {root.parent}?"
    if any(map(_holds_videos, (root, *entries(root)))):
        return (
            f"; these are recordings: `scenewise try {root}` does everything, and `scenewise split {root} --out DATA` "
            "makes a data set of them, with a folder for each camera"
        )
    return ""


def _holds_videos(folder: Path) -> bool:
    return is_folder(folder) and any(map(is_video, entries(folder)))


def _recognised(root: Path) -> Dataset | None:
    layout = next((layout for layout in LAYOUTS.values() if layout.recognise(root)), None)
    return None if layout is None else layout.read(root)


def _without_closed(dataset: Dataset) -> Dataset:
    """The data set with its `passed_over`, which it then reports as nothing else."""
    found = tuple(passed_over(dataset.root, dataset.videos))
    known = {path for path, _ in found}
    return replace(
        dataset,
        passed_over=found,
        ignored=tuple(path for path in dataset.ignored if path not in known),
        excluded=tuple(one for one in dataset.excluded if one[0] not in known),
        mismatches=tuple(one for one in dataset.mismatches if one[0] not in known),
    )


def _unpacked(root: Path) -> list[Path]:
    """The folder in `root` if there is only one, as in unpacked archives."""
    folders = [entry for entry in entries(root) if is_folder(entry)]
    return folders if len(folders) == 1 else []


def _letter_case(root: Path) -> str:
    """A hint if the drawing of a layout has a folder of this name in another letter case."""
    for name, layout in LAYOUTS.items():
        drawn = drawn_folders(layout)
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
