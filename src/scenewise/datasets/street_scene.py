"""Street Scene (Ramachandra and Jones, Street Scene: A New Dataset and Evaluation Protocol, WACV 2020).

ROOT/
├── Train/Train001/001.jpg      normal
└── Test/Test001/
    ├── 001.jpg
    └── Test001_gt.txt          lines `filename track_id xc yc w h`: a box in a frame, in pixels

Track files are also found beside the clips or in a separate folder (groundtruth/Test001_gt.txt). One scene;
46 training clips, 35 test clips of 146,410 frames. 15 frames per second.
"""

import re
from pathlib import Path

from scenewise.datasets.listing import Mismatches, entries
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.datasets.numbered import gap_in, misplaced, split_folder
from scenewise.errors import DataError, VideoError
from scenewise.folders import is_folder
from scenewise.video.frame_folder import FrameFolder, is_frame_folder

TITLE = "Street Scene"
SOURCE: str | None = "https://www.merl.com/pub/streetscene/"
SCENE = "street"
FPS = 15.0
FOLDERS: dict[Split, str] = {"train": "Train", "test": "Test"}


def recognise(root: Path) -> bool:
    """Whether folders of pictures called TrainNNN or TestNNN lie in Train/ or Test/. UCSD's layout is tried first."""
    return any(
        re.fullmatch(r"(Train|Test)[0-9]+", entry.name) and is_frame_folder(entry)
        for folder in FOLDERS.values()
        for entry in entries(split_folder(root, folder))
    )


def read(root: Path) -> Dataset:
    """Read the tree. Raises DataError if no clip of it is complete."""
    videos: list[Video] = []
    mismatches: Mismatches = []
    ignored: list[Path] = []
    excluded: list[tuple[Path, str]] = []
    tracks = _track_files(root)
    for split, folder in FOLDERS.items():
        other = FOLDERS["test" if split == "train" else "train"]
        for entry in entries(split_folder(root, folder)):
            if not is_folder(entry):
                ignored += [] if entry in tracks else [entry]
            elif (wrong := misplaced(entry, folder, other)) is not None:
                mismatches.append((entry, wrong))
            elif not re.fullmatch(rf"{folder}[0-9]+", entry.name):
                ignored += [] if any(file.parent == entry for file in tracks) else [entry]
            elif (gap := gap_in(entry)) is not None:
                mismatches.append((entry, gap))
                excluded.append((entry, gap))
            else:
                videos.append(_video(split, entry, tracks))
    if not videos:
        first = f"; {mismatches[0][0]}: {mismatches[0][1]}" if mismatches else ""
        raise DataError(f"{root}: expected clips such as Train/Train001/001.jpg and Test/Test001/001.jpg{first}")
    clips = {clip.name for clip in entries(split_folder(root, FOLDERS["test"]))}
    for file in tracks:
        of = re.match(r"Test[0-9]+", file.stem)
        if of is not None and of[0] not in clips:
            mismatches.append((file, f"tracks of no test clip: there is no clip called {of[0]}"))
    return Dataset(
        root, "street-scene", tuple(videos), ignored=tuple(ignored), excluded=tuple(excluded),
        mismatches=tuple(mismatches),
    )  # fmt: skip


def _track_files(root: Path) -> list[Path]:
    """All text files of the test split: in the clips, beside them, or in a separate folder."""
    test = split_folder(root, FOLDERS["test"])
    folders = [test, *(entry for entry in entries(test) if is_folder(entry))]
    folders += [entry for entry in entries(root) if is_folder(entry) and entry.name.title() not in FOLDERS.values()]
    return [file for folder in [*folders, root] for file in entries(folder) if file.suffix.lower() == ".txt"]


def _video(split: Split, path: Path, tracks: list[Path]) -> Video:
    name = path.name.removeprefix(FOLDERS[split])
    if split == "train":
        return Video(SCENE, name, split, path, fps=FPS)
    found = (file for file in tracks if re.fullmatch(rf"{path.name}(\D.*)?", file.stem))
    labels = LabelSource(next(found, path / f"{path.name}_gt.txt"), "tracks", _size_of(path))
    return Video(SCENE, name, split, path, labels, labels, fps=FPS)


def _size_of(clip: Path) -> str | None:
    """WIDTHxHEIGHT of the clip's pictures, which the boxes refer to; None if no picture can be read."""
    try:
        width, height = FrameFolder(clip).size
    except VideoError:
        return None
    return f"{width}x{height}"
