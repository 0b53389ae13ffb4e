"""Clips as folders of numbered pictures, whose labels go by number: which there are, and whether one is missing."""

import re
from pathlib import Path

from scenewise.datasets.listing import entries
from scenewise.video.frame_folder import IMAGE_SUFFIXES


def split_folder(root: Path, name: str) -> Path:
    """The folder `name` (Train, Test) of `root`, in whatever letter case: no other tree has train/Train001."""
    same = [entry for entry in entries(root) if entry.name.lower() == name.lower() and entry.is_dir()]
    return next((entry for entry in same if entry.name == name), same[0] if same else root / name)


def numbers_in(folder: Path) -> list[int]:
    """The numbers of the pictures in `folder`, in order: the last number in each name."""
    stems = (entry.stem for entry in entries(folder) if entry.suffix.lower() in IMAGE_SUFFIXES)
    return sorted(int(found[-1]) for stem in stems if (found := re.findall(r"[0-9]+", stem)))


def gap_in(folder: Path, starts: tuple[int, ...] = (0, 1)) -> str | None:
    """What is wrong with its numbering, in a few words: labels would fall on the wrong frames. None where it is whole.

    `starts` are the numbers that the first picture may bear.
    """
    numbers = numbers_in(folder)
    if not numbers:
        return "it holds no pictures"
    first = numbers[0] if numbers[0] in starts else starts[-1]
    missing = sorted(set(range(first, numbers[-1] + 1)) - set(numbers))
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return f"picture {missing[0]}{more} missing, and its labels go by number"
    if numbers[0] < first:
        return f"its first picture is number {numbers[0]}, expected {first}, and its labels go by number"
    return None
