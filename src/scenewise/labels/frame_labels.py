"""Frame labels, from every form in which data sets ship them."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.datasets import LabelSource
from scenewise.datasets.manifest import LabelKind
from scenewise.errors import DataError
from scenewise.labels.label_files import npz_names, open_npy, read_npz, read_text
from scenewise.labels.masks import read_masks
from scenewise.labels.matlab import read_cell
from scenewise.labels.tracks import read_boxes, read_spans

Labels = NDArray[np.bool_]

_ARCHIVE = "expected an .npz file with an array of one 0/1 a frame"
_CELL = "expected a .mat file of ranges, 2 x K a video"


def read_frame_labels(source: LabelSource, frames: int) -> Labels:
    """Frame labels (N,) of a video of `frames` frames, whatever the source's kind: True is abnormal.

    Raises DataError, naming the file, where it can not be read, is of another form than its kind, or does not fit the
    video's length.
    """
    if source.kind == "npy":
        return _array(source, frames)
    if source.kind == "npy-part":
        return _part(source, frames)
    if source.kind == "npz":
        array = read_npz(source.path, source.key, _ARCHIVE)
        return _zeros_and_ones(source, _row(array), frames)
    if source.kind == "ucsd-m":
        return _listed_ranges(source, frames)
    if source.kind == "mat-ranges":
        return _cell_ranges(source, frames)
    if source.kind in ("mat-masks", "mask-folder"):
        return np.fromiter((mask.any() for mask in read_masks(source, frames)), bool, frames)
    if source.kind == "tracks":
        boxes, _ = read_boxes(source, frames)
        return _within([(box.frame, box.frame) for box in boxes], frames)
    if source.kind == "ubnormal":
        return _within([(span.first, span.last) for span in read_spans(source, frames)], frames)
    return np.zeros(frames, bool)  # normal


def listed_keys(path: Path, kind: LabelKind) -> list[str]:
    """The keys of all videos that a labels file has entries for; none for kinds of one file a video.

    Raises DataError, naming the file, where it can not be read.
    """
    if kind == "npz":
        return npz_names(path, _ARCHIVE)
    if kind in ("ucsd-m", "mat-ranges"):
        entries = _listed(path) if kind == "ucsd-m" else read_cell(path, "gt", _CELL)
        return [str(number) for number in range(1, len(entries) + 1)]
    return []


def _array(source: LabelSource, frames: int) -> Labels:
    array = open_npy(source.path, "expected a .npy file of one 0/1 a frame")
    if array.ndim == 3:
        return np.fromiter((mask.any() for mask in read_masks(source, frames)), bool, frames)
    return _zeros_and_ones(source, array, frames)


def _part(source: LabelSource, frames: int) -> Labels:
    """Frames FIRST up to, not including, STOP of labels of all TOTAL frames; published ones are (1, TOTAL) too."""
    key = re.fullmatch(r"([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})", source.key or "")
    if key is None:
        raise DataError(f"{source.path}: expected the key FIRST-STOP/TOTAL of its part, got {source.key!r}")
    first, stop, total = map(int, key.groups())
    array = _row(open_npy(source.path, "expected a .npy file of one 0/1 a frame of all test videos"))
    if array.shape != (total,):
        raise DataError(
            f"{source.path}: labels of shape {array.shape} for test videos of {total} frames together; is a video or a "
            f"frame missing?"
        )
    return _zeros_and_ones(source, array[first:stop], frames)


def _row(array: NDArray[Any]) -> NDArray[Any]:
    """(1, N) and (N, 1) as (N,), any other shape as it is."""
    return array.ravel() if array.ndim == 2 and 1 in array.shape else array


def _zeros_and_ones(source: LabelSource, array: NDArray[Any], frames: int) -> Labels:
    path, what = source.path, "expected one 0/1 a frame"
    if array.dtype.kind not in "biuf":
        raise DataError(f"{path}: {what}, got values of type {array.dtype}; write numbers 0 and 1")
    if array.ndim != 1:
        raise DataError(f"{path}: {what}, got an array of shape {array.shape}; write one label a frame")
    if len(array) != frames:
        raise DataError(f"{path}: {len(array)} labels for a video of {frames} frames; they have to be as many")
    if not np.isin(array, (0, 1)).all():
        others = sorted({str(value) for value in array[~np.isin(array, (0, 1))]})
        raise DataError(f"{path}: expected labels 0 (normal) and 1 (abnormal) only, found also {', '.join(others[:5])}")
    return np.array(array, bool)  # a copy: the array may be mapped


def _listed_ranges(source: LabelSource, frames: int) -> Labels:
    """UCSD's `TestVideoFile{end+1}.gt_frame = [5:90, 140:200];`, a line a video: frames from 1, both ends included.

    Parsed as text. An entry in any other form is refused and not passed over: the ones after it would move up.
    """
    listed = _listed(source.path)
    number = _entry_number(source, len(listed))
    frames_of = re.fullmatch(r"\s*\[([0-9:,\s]*)\]\s*", listed[number])
    ranges = re.split(r"[,\s]+", frames_of[1].strip(" ,\t")) if frames_of and frames_of[1].strip() else []
    if frames_of is None or not all(re.fullmatch(r"[0-9]{1,9}(:[0-9]{1,9})?", one) for one in ranges):
        raise DataError(
            f"{source.path}: entry {number + 1}: expected ranges such as [5:90, 140:200], got {listed[number][:60]!r}"
        )
    pairs = [tuple(map(int, one.split(":"))) for one in ranges]
    return _counted_from_one(source, number, [(pair[0], pair[-1]) for pair in pairs], frames)


def _listed(path: Path) -> list[str]:
    """What each line of UCSD's list gives its video, as text."""
    text = re.sub(r"%.*", "", read_text(path, "expected UCSD's list of abnormal frames"))
    listed = re.findall(r"TestVideoFile\s*\{\s*end\s*\+\s*1\s*\}\s*\.\s*gt_frame\s*=([^\n;]*)", text)
    if len(listed) != text.count("gt_frame") or not listed:
        raise DataError(f"{path}: expected lines TestVideoFile{{end+1}}.gt_frame = [60:152]; found other ones")
    return listed


def _cell_ranges(source: LabelSource, frames: int) -> Labels:
    """The cell `gt` of re-packaged UCSD and Avenue: 2 x K a video, first and last frame from 1, both included."""
    cell = read_cell(source.path, "gt", _CELL)
    number = _entry_number(source, len(cell))
    entry = cell[number]
    if entry.size == 2:
        entry = entry.reshape(2, 1)
    whole = np.isfinite(entry).all() and (entry == np.floor(entry)).all()
    if entry.size and (entry.ndim != 2 or len(entry) != 2 or not whole):
        raise DataError(
            f"{source.path}: entry {number + 1} of gt: expected first and last frames as 2 x K whole numbers, got "
            f"an array of shape {entry.shape}"
        )
    pairs = [] if not entry.size else [(int(first), int(last)) for first, last in entry.T]
    return _counted_from_one(source, number, pairs, frames)


def _entry_number(source: LabelSource, entries: int) -> int:
    """The place, from 0, of the entry that the key counts from 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", source.key or ""):
        raise DataError(f"{source.path}: expected the number of a video, from 1, as the key, got {source.key!r}")
    number = int(source.key or 0)
    if number > entries:
        raise DataError(f"{source.path}: it lists {entries} test videos, and this is number {number}")
    return number - 1


def _counted_from_one(source: LabelSource, number: int, pairs: list[tuple[int, int]], frames: int) -> Labels:
    for first, last in pairs:
        if not 1 <= first <= last <= frames:
            raise DataError(
                f"{source.path}: entry {number + 1}: frames {first} to {last} do not lie inside the video's {frames} "
                f"frames, which count from 1"
            )
    return _within([(first - 1, last - 1) for first, last in pairs], frames)


def _within(pairs: list[tuple[int, int]], frames: int) -> Labels:
    labels = np.zeros(frames, bool)
    for first, last in pairs:
        labels[first : last + 1] = True
    return labels
