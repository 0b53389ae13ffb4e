"""One file of labels for all test videos of a scene or a data set: where it lies, and which part is whose.

frame_labels_NAME.npy     0/1 for the frames of all test videos, one after the other, (N,) or (1, N)
NAME.mat                  `gt`: an entry a video, 2 x K ranges of abnormal frames, from 1
"""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path

from scenewise.datasets.listing import entries
from scenewise.datasets.manifest import LabelSource
from scenewise.datasets.numbered import numbers_in
from scenewise.errors import DataError
from scenewise.folders import is_folder
from scenewise.video.count import count_frames


def find_label_file(place: Path, names: Iterable[str]) -> Path | None:
    """The file of labels in `place`, a .mat rather than a .npy; or else the one beside `place` called after `names`.

    Raises DataError if `place` holds several.
    """
    for suffix in (".mat", ".npy"):
        files = [entry for entry in entries(place) if entry.suffix == suffix and not is_folder(entry)]
        if len(files) > 1:
            raise DataError(
                f"{place}: expected one file of labels, found {', '.join(file.name for file in files)}; keep that of "
                f"this data set"
            )
        if files:
            return files[0]
    beside = {entry.name.lower(): entry for entry in entries(place.parent)}
    return next((beside[name.lower()] for name in _names_of_files(names) if name.lower() in beside), None)


def places_of_label_file(place: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """Where `find_label_file` looks, for messages: with its first name, in and beside `place`."""
    name = _names_of_files(names)[1]
    return place / name, place.with_name(name)


def parts_by_length(labels: Path, lengths: Sequence[int]) -> list[LabelSource]:
    """The parts of a .npy over all test videos, which have `lengths` frames, in its order."""
    stops = list(accumulate(lengths))
    starts = [0, *stops[:-1]]
    return [
        LabelSource(labels, "npy-part", f"{start}-{stop}/{stops[-1]}")
        for start, stop in zip(starts, stops, strict=True)
    ]


def frames_in(video: Path) -> int:
    """The number of frames of a folder of numbered pictures, or of a file. Raises VideoError."""
    return len(numbers_in(video)) if is_folder(video) else count_frames(video).frames


def in_order_of_numbers(name: str) -> list[tuple[int, str]]:
    """A key that sorts names by the numbers in them: 01_2 before 01_10, as 01_02 and 01_10 are as text."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name)]


def _names_of_files(names: Iterable[str]) -> list[str]:
    return [file for name in names for file in (f"{name}.mat", f"frame_labels_{name}.npy")]
