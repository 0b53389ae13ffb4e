"""Lists the folders of data sets: videos, and label files without a video. Reads names only; opens nothing."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from scenewise.datasets.manifest import Video
from scenewise.folders import contents, is_folder, why_closed
from scenewise.names import as_text
from scenewise.video.probe import VIDEO_SUFFIXES, is_frame_folder

Mismatches = list[tuple[Path, str]]
"""Paths, each with its problem in a few words."""

SYSTEM_FOLDERS = frozenset(
    {"lost+found", "$recycle.bin", "recycler", "system volume information", "found.000", "__macosx"}
    | {"@eadir", "#recycle", "@recycle", "#snapshot", "@recently-snapshot", "@tmp", "network trash folder"}  # on shares
)
"""Folders that operating systems put among people's files, in small letters; they never hold footage."""


def entries(folder: Path) -> list[Path]:
    """The entries of `folder` that are neither hidden nor SYSTEM_FOLDERS, sorted by name.

    Empty if there is no such folder, or it is closed to this user; `passed_over` names those.
    """
    return [entry for entry in _visible(folder) if entry.name.lower() not in SYSTEM_FOLDERS]


def passed_over(root: Path, videos: Iterable[Video]) -> Iterator[tuple[Path, str]]:
    """The folders beside and among `videos` that are not looked into, each with the reason in a few words."""
    listed, places = set(), {root}
    for video in videos:
        listed.add(video.path)
        labels = () if video.labels is None else (video.labels.path,)
        for path in (video.path, *labels, *video.labels_sought):
            places.update(parent for parent in path.parents if parent.is_relative_to(root))
    for place in sorted(places):
        for entry in _visible(place):
            if entry in listed or not is_folder(entry):
                continue
            if entry.name.lower() in SYSTEM_FOLDERS:
                yield entry, "a folder of the operating system"
            elif reason := why_closed(entry):
                yield entry, f"it cannot be listed ({reason})"


def first_closed(root: Path) -> str:
    """The first folder in or below `root` that is closed to this user, to add to a message; empty if none is."""
    for folder in (root, *entries(root), *(inner for entry in entries(root) for inner in entries(entry))):
        if is_folder(folder) and (reason := why_closed(folder)):
            return f"; {folder} cannot be listed ({reason})"
    return ""


def _visible(folder: Path) -> list[Path]:
    return sorted(entry for entry in contents(folder) if not entry.name.startswith("."))


def is_video(path: Path) -> bool:
    """Whether `path` has the suffix of a video file, or is a folder of pictures."""
    return path.suffix.lower() in VIDEO_SUFFIXES or is_frame_folder(path)


def stem_of(video: Path) -> str:
    """A video's name: a file's name without its suffix, or a folder's name."""
    return video.name if is_folder(video) else video.stem


def scene_and_name(video: Path) -> tuple[str, str] | None:
    """SCENE and VIDEO of a video called SCENE_VIDEO, split at the last underscore; None if it has another name."""
    scene, _, name = stem_of(video).rpartition("_")
    return (scene, name) if scene and name else None


def strays(labels: Path, suffixes: Sequence[str], test: Iterable[str], train: Iterable[str] = ()) -> Mismatches:
    """Label files in the folder `labels` without a test video: none has their name without a suffix of `suffixes`.

    `test` and `train` are the videos' names as label files have them. A label file of a training video is a sign
    of swapped splits.
    """
    wanted = {as_text(name) + suffix for name in test for suffix in suffixes}
    of_training = {as_text(name) + suffix for name in train for suffix in suffixes}
    in_small_letters = {name.lower(): name for name in wanted}
    endings = tuple(suffix.lower() for suffix in suffixes)
    mismatches: Mismatches = []
    for file in entries(labels):
        name = as_text(file.name)
        if name in wanted or not name.lower().endswith(endings):  # a readme is no label
            continue
        if name in of_training:
            mismatches.append((file, "labels of a training video; are the splits swapped?"))
        elif name.lower() in in_small_letters:
            mismatches.append((file, f"letter case counts: expected {in_small_letters[name.lower()]}"))
        else:
            mismatches.append((file, "labels of no test video"))
    return mismatches


def other_letter_case(folder: Path, *names: str) -> Mismatches:
    """Entries of `folder` that differ from one of `names` only in letter case, and are ignored for that reason."""
    meant = {name.lower(): name for name in names}
    return [
        (entry, f"letter case counts: expected {meant[entry.name.lower()]}; it is ignored")
        for entry in entries(folder)
        if entry.name not in names and entry.name.lower() in meant
    ]


def in_both_splits(videos: Sequence[Video]) -> Mismatches:
    """Test videos with the name of a training video, for data sets in which every name is unique."""
    training = {video.score_name: video.path for video in videos if video.split == "train"}
    return [
        (video.path, f"{training[video.score_name]} has the same name: is it in both splits?")
        for video in videos
        if video.split == "test" and video.score_name in training
    ]
