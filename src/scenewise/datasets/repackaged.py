"""UCSD and Avenue re-packaged as pictures (Liu et al., Future Frame Prediction for Anomaly Detection, CVPR 2018).

ROOT/                            or a folder of these, each a scene
├── training/frames/NN/000.jpg   normal
├── testing/frames/NN/000.jpg
└── ped2.mat                     `gt`: entry N, 2 x K ranges of abnormal frames of video N, from 1
    or frame_labels_ped2.npy     0/1 for the frames of all test videos, one after the other

The labels may also be beside ROOT, with ROOT's name or the scene's. The scene's name comes from their name, or from
ROOT's. ShanghaiTech re-packaged in this way is read by the layout of ShanghaiTech.
"""

import re
from pathlib import Path

from scenewise.datasets.listing import Mismatches, entries, other_letter_case
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.datasets.numbered import gap_in, numbers_in
from scenewise.datasets.one_label_file import find_label_file, parts_by_length, places_of_label_file
from scenewise.errors import DataError
from scenewise.folders import is_folder

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
        names = _names_of(place)
        labels = find_label_file(place, names)
        sought = () if labels else places_of_label_file(place, names)
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
                    of_test = sought if split == "test" else ()
                    videos.append(
                        Video(scene, clip.name, split, clip, source, fps=FPS.get(scene), labels_sought=of_test)
                    )
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
    return is_folder(path) and re.fullmatch(r"[0-9]{1,6}", path.name) is not None


def _first_number(place: Path) -> int:
    """The number of the first pictures in `place`, 0 or 1: if a clip begins one later, its first picture is missing."""
    clips = [clip for folder in FOLDERS.values() for clip in entries(place / folder / "frames") if _is_clip(clip)]
    return min([1, *(numbers[0] for clip in clips if (numbers := numbers_in(clip)))])


def _names_of(place: Path) -> list[str]:
    """The names that a file of labels beside `place` may have: that of `place`, or of the data set."""
    return [place.name, *(name for name in FPS if name in place.name.lower())]


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
    return [*parts_by_length(labels, [len(numbers_in(clip)) for clip in clips])]
