"""Clips as folders of numbered pictures: checks that no number is missing, since labels refer to numbers."""

import re
from pathlib import Path

from scenewise.datasets.listing import entries
from scenewise.folders import is_file, is_folder
from scenewise.video.frame_folder import IMAGE_SUFFIXES


def split_folder(root: Path, name: str) -> Path:
    """The folder `name` (Train, Test) of `root`, in any letter case: no other tree has train/Train001."""
    same = [entry for entry in entries(root) if entry.name.lower() == name.lower() and is_folder(entry)]
    return next((entry for entry in same if entry.name == name), same[0] if same else root / name)


def misplaced(entry: Path, folder: str, other: str) -> str | None:
    """The problem of a clip called `entry` in the split `folder` (Train, Test), in a few words; None without one.

    `other` is the other split's folder.
    """
    if re.fullmatch(rf"{other}[0-9]+(_gt)?", entry.name):
        return f"it lies in {folder}/; are the splits swapped?"
    if is_folder(entry) and not entry.name.startswith(folder) and entry.name.lower().startswith(folder.lower()):
        return f"written in another letter case than {folder}001"
    return None


def numbers_in(folder: Path) -> list[int]:
    """The numbers of the pictures in `folder`, in order: the last number in each name."""
    stems = (entry.stem for entry in entries(folder) if entry.suffix.lower() in IMAGE_SUFFIXES and is_file(entry))
    return sorted(int(numbers[-1]) for stem in stems if (numbers := re.findall(r"[0-9]+", stem)))


def gap_in(folder: Path, begin: int = 1) -> str | None:
    """The problem with the numbers of the pictures in `folder`, in a few words; None if they are complete.

    If one is missing, labels fall on the wrong frames. `begin` is the number that the first picture must have.
    """
    numbers = sorted(set(numbers_in(folder)))
    if not numbers:
        return "it holds no pictures"
    if numbers[0] < begin:
        return f"its first picture is number {numbers[0]}, expected {begin}, and its labels go by number"
    missing = numbers[-1] - begin + 1 - len(numbers)
    if not missing:
        return None
    first = next(expected for expected, number in enumerate(numbers, begin) if expected != number)
    more = f" and {missing - 1} more" if missing > 1 else ""
    return f"picture {first}{more} missing, and its labels go by number"
