"""Labels as ranges of abnormal frames, of all videos in one file: UCSD's `.m` list, and the `.mat` cell `gt`."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.datasets import LabelSource
from scenewise.errors import DataError
from scenewise.labels.masks import FrameLabels
from scenewise.labels.matlab import read_cell
from scenewise.text_file import read_text


def ucsd_labels(source: LabelSource, frames: int) -> FrameLabels:
    """UCSD's `TestVideoFile{end+1}.gt_frame = [5:90, 140:200];`, a line per video: frames from 1, both ends included.

    It is parsed as text. An entry in any other form is refused: skipping it would give every later video the labels
    of the one before.
    """
    entries = _ucsd_entries(source.path)
    place = _entry_of_key(source, len(entries))
    listed = re.fullmatch(r"\s*\[([0-9:,\s]*)\]\s*", entries[place])
    ranges = re.split(r"[,\s]+", listed[1].strip(" ,\t")) if listed and listed[1].strip() else []
    if listed is None or not all(re.fullmatch(r"[0-9]{1,9}(:[0-9]{1,9})?", one) for one in ranges):
        raise DataError(
            f"{source.path}: entry {place + 1}: expected ranges such as [5:90, 140:200], got {entries[place][:60]!r}"
        )
    pairs = [tuple(map(int, one.split(":"))) for one in ranges]
    return _counted_from_one(source, place, [(pair[0], pair[-1]) for pair in pairs], frames)


def ucsd_keys(path: Path) -> list[str]:
    """The numbers, from 1, of all entries in UCSD's list."""
    return _numbers_from_one(_ucsd_entries(path))


def mat_range_labels(source: LabelSource, frames: int) -> FrameLabels:
    """The cell `gt` of re-packaged UCSD and Avenue: 2 x K a video, first and last frame from 1, both included."""
    cell = _mat_entries(source.path)
    place = _entry_of_key(source, len(cell))
    entry = cell[place]
    if entry.size == 2:
        entry = entry.reshape(2, 1)
    whole = np.isfinite(entry).all() and (entry == np.floor(entry)).all()
    if entry.size and (entry.ndim != 2 or len(entry) != 2 or not whole):
        raise DataError(
            f"{source.path}: entry {place + 1} of gt: expected first and last frames as 2 x K whole numbers, got "
            f"an array of shape {entry.shape}"
        )
    pairs = [] if not entry.size else [(int(first), int(last)) for first, last in entry.T]
    return _counted_from_one(source, place, pairs, frames)


def mat_range_keys(path: Path) -> list[str]:
    """The numbers, from 1, of all entries in the cell `gt`."""
    return _numbers_from_one(_mat_entries(path))


def labels_in_ranges(ranges: Iterable[tuple[int, int]], frames: int) -> FrameLabels:
    """A frame is abnormal if it lies in one of the `ranges` (first, last) of frames from 0, both ends included."""
    labels = np.zeros(frames, bool)
    for first, last in ranges:
        labels[first : last + 1] = True
    return labels


def _ucsd_entries(path: Path) -> list[str]:
    """What each line of UCSD's list gives its video, as text."""
    text = re.sub(r"%.*", "", read_text(path, "expected UCSD's list of abnormal frames", undecodable="replace"))
    entries = re.findall(r"TestVideoFile\s*\{\s*end\s*\+\s*1\s*\}\s*\.\s*gt_frame\s*=([^\n;]*)", text)
    if len(entries) != text.count("gt_frame") or not entries:
        raise DataError(f"{path}: expected only lines such as TestVideoFile{{end+1}}.gt_frame = [60:152];")
    return entries


def _mat_entries(path: Path) -> list[NDArray[Any]]:
    """The entries of the cell `gt`, one a video. A file is read once, not once a video."""
    return _cell_of_ranges(path, path.stat().st_mtime_ns if path.exists() else None)


@lru_cache(maxsize=4)
def _cell_of_ranges(path: Path, _changed: int | None) -> list[NDArray[Any]]:
    return read_cell(path, "gt", "expected a .mat file of ranges, 2 x K a video")


def _numbers_from_one(entries: list[Any]) -> list[str]:
    return [str(number) for number in range(1, len(entries) + 1)]


def _entry_of_key(source: LabelSource, entries: int) -> int:
    """The index, from 0, of the entry that the source's key counts from 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", source.key or ""):
        raise DataError(f"{source.path}: expected the number of a video, from 1, as the key, got {source.key!r}")
    number = int(source.key or 0)
    if number > entries:
        raise DataError(f"{source.path}: it lists {entries} test videos, but this is number {number}")
    return number - 1


def _counted_from_one(source: LabelSource, place: int, pairs: list[tuple[int, int]], frames: int) -> FrameLabels:
    for first, last in pairs:
        if not 1 <= first <= last <= frames:
            raise DataError(
                f"{source.path}: entry {place + 1}: frames {first} to {last} do not lie inside the video's {frames} "
                f"frames, which count from 1"
            )
    return labels_in_ranges([(first - 1, last - 1) for first, last in pairs], frames)
