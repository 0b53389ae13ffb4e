"""UCSD Ped1 and Ped2 (Mahadevan et al., Anomaly Detection in Crowded Scenes, CVPR 2010).

ROOT/                            UCSD_Anomaly_Dataset.v1p2, or one of the two folders in it
├── UCSDped1/
└── UCSDped2/
    ├── Train/Train001/001.tif   normal
    └── Test/
        ├── Test001/001.tif
        ├── Test001_gt/001.bmp   optional: abnormal pixels are above 0
        └── UCSDped2.m           entry N: ranges of abnormal frames of TestN, from 1; read as text, never executed

Each of the two is a scene: ped1 has 34 training and 36 test videos of 200 frames, ped2 has 16 and 12 (2,010 test
frames). If a test video is missing, the others keep the entries of their numbers. 10 frames per second.
"""

import re
from pathlib import Path

from scenewise.datasets.listing import Mismatches, entries
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.datasets.numbered import gap_in, misplaced, split_folder
from scenewise.errors import DataError
from scenewise.folders import is_file, is_folder

TITLE = "UCSD Ped1 and Ped2"
SOURCE: str | None = "http://www.svcl.ucsd.edu/projects/anomaly/dataset.html"
FPS = 10.0
"""Frames a second according to the literature; neither the pictures nor the data set's README state them."""
FOLDERS: dict[Split, str] = {"train": "Train", "test": "Test"}


def recognise(root: Path) -> bool:
    """Whether Train/TrainNNN or Test/TestNNN lie in `root`, or in a folder of it."""
    return bool(_places(root))


def read(root: Path) -> Dataset:
    """Read the tree. Raises DataError if no video of it is complete."""
    videos: list[Video] = []
    mismatches: Mismatches = []
    ignored: list[Path] = []
    excluded: list[tuple[Path, str]] = []
    for place in _places(root):
        labels = _labels_of(place)
        scene = _scene_of(place, labels)
        for split, folder in FOLDERS.items():
            for entry in entries(split_folder(place, folder)):
                number = re.fullmatch(rf"{folder}([0-9]+)", entry.name)
                wrong = _mismatch(entry, folder)
                if wrong is not None:
                    mismatches.append((entry, wrong))
                elif number is None:
                    ignored += [] if entry == labels or entry.name.endswith("_gt") else [entry]
                elif (gap := gap_in(entry)) is not None:
                    mismatches.append((entry, gap))
                    excluded.append((entry, gap))
                else:
                    videos.append(_video(scene, split, entry, labels, int(number[1])))
    if not videos:
        first = f"; {mismatches[0][0]}: {mismatches[0][1]}" if mismatches else ""
        raise DataError(f"{root}: expected videos such as Train/Train001/001.tif and Test/Test001/001.tif{first}")
    videos.sort(key=lambda video: (video.split == "test", video.scene))
    return Dataset(
        root, "ucsd", tuple(videos), ignored=tuple(ignored), excluded=tuple(excluded), mismatches=tuple(mismatches)
    )


def _places(root: Path) -> list[Path]:
    """`root`, or the folders in it, that hold Train/ or Test/ of UCSD."""
    return [root] if _is_place(root) else [entry for entry in entries(root) if _is_place(entry)]


def _is_place(folder: Path) -> bool:
    named = [
        entry.name for name in FOLDERS.values() for entry in entries(split_folder(folder, name)) if is_folder(entry)
    ]
    # Street Scene has the same folders, with .jpg; only UCSD has the list of ranges.
    return any(re.fullmatch(r"(Train|Test)[0-9]{3}", name) for name in named) and (
        folder.name.lower().startswith("ucsd") or is_file(_labels_of(folder)) or _holds_tif(folder)
    )


def _holds_tif(folder: Path) -> bool:
    clips = (entry for name in FOLDERS.values() for entry in entries(split_folder(folder, name)))
    return any(file.suffix.lower() in (".tif", ".tiff") for clip in clips for file in entries(clip)[:1])


def _labels_of(place: Path) -> Path:
    """The list of ranges; if there is none, the path where it is expected."""
    test = split_folder(place, FOLDERS["test"])
    named = [file for folder in (test, place) for file in entries(folder) if file.suffix == ".m"]
    return next((file for file in named if file.stem.lower().startswith("ucsdped")), test / f"{place.name}.m")


def _scene_of(place: Path, labels: Path) -> str:
    ped = re.search(r"ped[12]", f"{place.name} {labels.stem}".lower())
    return ped[0] if ped else place.name.lower()


def _mismatch(entry: Path, folder: str) -> str | None:
    wrong = misplaced(entry, folder, "Test" if folder == "Train" else "Train")
    if wrong is None and entry.name.endswith("_gt") and not is_folder(entry.with_name(entry.name.removesuffix("_gt"))):
        return "masks of no test video"
    return wrong


def _video(scene: str, split: Split, path: Path, labels: Path, number: int) -> Video:
    name = path.name.removeprefix(FOLDERS[split])
    if split == "train":
        return Video(scene, name, split, path, fps=FPS)
    masks = path.with_name(f"{path.name}_gt")
    return Video(
        scene, name, split, path, LabelSource(labels, "ucsd-m", str(number)),
        LabelSource(masks, "mask-folder") if is_folder(masks) else None, fps=FPS,
    )  # fmt: skip
