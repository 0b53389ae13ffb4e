"""UCSD and Avenue re-packaged as pictures (Liu et al., Future Frame Prediction for Anomaly Detection, CVPR 2018).

ROOT/                            or a folder of these, each a scene
├── training/frames/NN/000.jpg   normal
├── testing/frames/NN/000.jpg
└── ped2.mat                     `gt`: entry N, 2 x K ranges of abnormal frames of video N, from 1
    or frame_labels_ped2.npy     0/1 for the frames of all test videos, one after the other

The labels may also be beside ROOT, with ROOT's name. The scene's name comes from their name, or from ROOT's.
"""

import re
from itertools import accumulate
from pathlib import Path

from scenewise.datasets.listing import Mismatches, entries, other_letter_case
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.datasets.numbered import gap_in, numbers_in
from scenewise.errors import DataError

TITLE = "UCSD or Avenue as re-packaged pictures"
SOURCE: str | None = "https://github.com/StevenLiuWen/ano_pred_cvpr2018"
FOLDERS: dict[Split, str] = {"train": "training", "test": "testing"}
FPS = {"ped1": 10.0, "ped2": 10.0, "avenue": 25.0}
"""Frames a second of the recordings; pictures do not state them."""


def recognise(root: Path) -> bool:
    """Whether folders with numbers as names lie in training/frames or testing/frames, in `root` or a folder in it."""
    return bool(_places(root))


def read(root: Path) -> Dataset:
    """Read the tree. Raises DataError if no video of it is complete, or it has several files of labels."""
    videos: list[Video] = []
    ignored: list[Path] = []
    mismatches: Mismatches = []
    excluded: list[tuple[Path, str]] = []
    for place in _places(root):
        labels = _labels_of(place)
        scene = _scene_of(place, labels)
        mismatches += other_letter_case(place, *FOLDERS.values())
        begin = _first_number(place)
        for split, folder in FOLDERS.items():
            mismatches += other_letter_case(place / folder, "frames")
            inside = entries(place / folder / "frames")
            clips = sorted((entry for entry in inside if _is_clip(entry)), key=lambda clip: int(clip.name))
            ignored += [entry for entry in inside if entry not in clips]
            sources = _sources(clips, labels) if split == "test" else [None] * len(clips)
            for clip, source in zip(clips, sources, strict=True):
                gap = gap_in(clip, begin)
                if gap is None:
                    videos.append(Video(scene, clip.name, split, clip, source, fps=FPS.get(scene)))
                else:
                    mismatches.append((clip, gap))
                    excluded.append((clip, gap))
    if not videos:
        raise DataError(f"{root}: expected folders of pictures such as training/frames/01/000.jpg; none is complete")
    videos.sort(key=lambda video: (video.split == "test", video.scene))
    return Dataset(
        root, "repackaged", tuple(videos), ignored=tuple(ignored), excluded=tuple(excluded),
        mismatches=tuple(mismatches),
    )  # fmt: skip


def _places(root: Path) -> list[Path]:
    return [root] if _is_place(root) else [entry for entry in entries(root) if _is_place(entry)]


def _is_place(folder: Path) -> bool:
    clips = [clip for name in FOLDERS.values() for clip in entries(folder / name / "frames")]
    return any(map(_is_clip, clips)) and not any("_" in clip.name for clip in clips)  # SS_NNN: ShanghaiTech


def _is_clip(path: Path) -> bool:
    return path.is_dir() and re.fullmatch(r"[0-9]{1,6}", path.name) is not None


def _first_number(place: Path) -> int:
    """The number of the first pictures in `place`, 0 or 1: if a clip begins one later, its first picture is missing."""
    clips = [clip for folder in FOLDERS.values() for clip in entries(place / folder / "frames") if _is_clip(clip)]
    return min([1, *(numbers[0] for clip in clips if (numbers := numbers_in(clip)))])


def _labels_of(place: Path) -> Path | None:
    """The file of labels in `place`, a .mat rather than a .npy; or else the one beside `place` with its name.

    Raises DataError if `place` holds several.
    """
    inside = [entry for entry in entries(place) if entry.suffix in (".mat", ".npy")]
    for suffix in (".mat", ".npy"):
        files = [entry for entry in inside if entry.suffix == suffix]
        if len(files) > 1:
            raise DataError(
                f"{place}: expected one file of labels, found {', '.join(file.name for file in files)}; keep that of "
                f"this data set"
            )
        if files:
            return files[0]
    beside = (place.with_name(f"{place.name}.mat"), place.with_name(f"frame_labels_{place.name}.npy"))
    return next((file for file in beside if file.is_file()), None)


def _scene_of(place: Path, labels: Path | None) -> str:
    names = f"{'' if labels is None else labels.stem} {place.name}".lower()
    known = re.search("|".join(FPS), names)
    return known[0] if known else place.name


def _sources(clips: list[Path], labels: Path | None) -> list[LabelSource | None]:
    """The labels of every test video: the entry of its number in a .mat, or its part of a .npy over all videos."""
    if labels is None or not clips:
        return [None] * len(clips)
    if labels.suffix == ".mat":
        zero = any(int(clip.name) == 0 for clip in clips)
        return [LabelSource(labels, "mat-ranges", str(int(clip.name) + zero)) for clip in clips]
    stops = list(accumulate(len(numbers_in(clip)) for clip in clips))
    starts = [0, *stops[:-1]]
    return [
        LabelSource(labels, "npy-part", f"{start}-{stop}/{stops[-1]}")
        for start, stop in zip(starts, stops, strict=True)
    ]
