"""Finds which video each file of imported features belongs to: by the names in a data set, or by the tree of folders.

DIR/
├── train/SCENE/VIDEO.h5        or training/, and test/ or testing/; .hdf5 and .npy likewise
├── test/SCENE_VIDEO.h5         without scene folders: the scene is the part before the first _
├── test/ANY.npz                its arrays are files that would lie in test/
└── test.npz                    likewise
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from scenewise.counted import counted
from scenewise.datasets import Split, Video
from scenewise.datasets.listing import entries
from scenewise.errors import DataError
from scenewise.features.foreign_file import ARCHIVE, FeatureFile, feature_files
from scenewise.features.label_tree import LABELS, with_labels
from scenewise.folders import is_file, is_folder, why_closed
from scenewise.names import as_text

SPLITS: dict[str, Split] = {"train": "train", "training": "train", "test": "test", "testing": "test"}
PICKLES = frozenset({".pt", ".pth", ".pkl", ".pickle"})

Files = dict[Video, FeatureFile]
"""{video: its file of features}."""
Found = Iterator[tuple[FeatureFile, tuple[str, ...], bool]]
"""Files below a folder, the names of the folders that each is in, and whether it can be features."""


def read_tree(folder: Path, root: Path | None = None) -> tuple[Files, list[FeatureFile]]:
    """The videos that the tree of folders names, and the files in it that are no features.

    `root` is the folder in which labels/ lies, by default `folder` too. Raises DataError if there is no video, or a
    video has two files.
    """
    files: Files = {}
    extra: list[FeatureFile] = []
    seen: dict[tuple[str, str], FeatureFile] = {}
    for file, folders, possible in _files_in(folder):
        split = SPLITS.get(folders[0].lower()) if folders else None
        scene, separator, name = file.stem.partition("_")
        if len(folders) == 2:
            scene, name, separator = folders[1], file.stem.removeprefix(f"{folders[1]}_") or file.stem, "_"
        named = bool(separator) and not {scene, name} & {"", ".", ".."}
        if split is None or len(folders) > 2 or not named or not possible:
            extra.append(file)
            continue
        video = with_labels(Video(scene, name, split, file.path), root or folder)
        other = seen.setdefault((split, video.score_name), file)
        if other is not file:
            raise DataError(f"{file} and {other} would both be {video.title}; keep one of them")
        files[video] = file
    if not files:
        raise DataError(
            f"{folder}: found no features; expected train/SCENE/VIDEO.h5 and test/SCENE/VIDEO.h5 (or .hdf5, .npy, "
            f".npz; or train/SCENE_VIDEO.h5), or any tree with --data, whose videos name the files{_pickles(extra)}"
        )
    ordered = sorted(files, key=lambda video: (video.split == "test", video.scene, video.name))
    labels = {path for video in files for path in _label_files(video)}
    return {video: files[video] for video in ordered}, [file for file in extra if file.path not in labels]


def _label_files(video: Video) -> Iterator[Path]:
    if video.labels is not None:
        yield video.labels.path
    if video.events is not None:
        yield video.events


def match(folder: Path, videos: Sequence[Video]) -> tuple[Files, list[FeatureFile]]:
    """The files of features of `videos`, found by name, and the files that belong to none of them.

    A file belongs to a video if its stem is SCENE_VIDEO, VIDEO or the stem of the footage. If one of its folders is
    named like a split, or its last folder like a scene, these must be the video's. Raises DataError if nothing matches,
    one file could be of two videos, or a video has two files.
    """
    named: dict[str, list[Video]] = {}
    for video in videos:
        footage = video.path.stem if is_file(video.path) else video.path.name
        for stem in {video.score_name, as_text(footage), video.name}:
            named.setdefault(stem, []).append(video)
    scenes = {video.scene for video in videos}
    files: Files = {}
    extra: list[FeatureFile] = []
    for file, folders, possible in _files_in(folder):
        candidates = named.get(as_text(file.stem), []) if possible else []
        found = [video for video in candidates if _fits(video, folders, scenes)]
        if not found:
            extra.append(file)
            continue
        if len(found) > 1:
            raise DataError(
                f"{file} could be {found[0].title} or {found[1].title}; put it into {found[0].split}/{found[0].scene}/ "
                f"or {found[1].split}/{found[1].scene}/"
            )
        other = files.setdefault(found[0], file)
        if other is not file:
            raise DataError(f"{file} and {other} would both be features of {found[0].title}; keep one of them")
    if not files:
        raise DataError(
            f"{folder}: holds features of none of the {counted(len(videos), 'video')}; expected files "
            "named like them, such as "
            f"{videos[0].score_name}.h5 (or .hdf5, .npy, .npz){_pickles(extra)}"
        )
    return {video: files[video] for video in videos if video in files}, extra


def _fits(video: Video, folders: Sequence[str], scenes: set[str]) -> bool:
    """Whether the split and scene that a file's `folders` name, if any, are those of `video`."""
    splits = {SPLITS[name.lower()] for name in folders if name.lower() in SPLITS}
    return splits <= {video.split} and (not folders or as_text(folders[-1]) not in scenes - {video.scene})


def _files_in(folder: Path) -> Found:
    """All visible files in their order; an archive's arrays count as files where it lies, or in a split of its name."""
    if not is_folder(folder):
        raise DataError(f"{folder}: expected a folder of features, and there is no such folder")
    for path in sorted(_files_below(folder, frozenset())):
        folders = path.relative_to(folder).parts[:-1]
        found = [] if folders[:1] == (LABELS,) else feature_files(path)
        if not found:
            yield FeatureFile(path), folders, False
        if path.suffix.lower() == ARCHIVE and path.stem.lower() in SPLITS:
            folders = (*folders, path.stem)
        for file in found:
            inside = () if file.key is None else PurePosixPath(file.key).parts[:-1]
            yield file, (*folders, *inside), True


def _files_below(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    """All visible files, and the folders that cannot be listed.

    Links to folders are followed, except those that lead back to a folder they are in.
    """
    real = folder.resolve()
    for entry in () if real in above else entries(folder):
        if is_folder(entry) and why_closed(entry) is None:
            yield from _files_below(entry, above | {real})
        elif is_folder(entry) or is_file(entry):
            yield entry


def _pickles(files: Sequence[FeatureFile]) -> str:
    first = next((file for file in files if file.path.suffix.lower() in PICKLES), None)
    return "" if first is None else f"; {first} is a pickle, which is never loaded: save it as .npy first"
