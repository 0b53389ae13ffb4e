"""Labels in numpy's files: one 0/1 a frame or one mask per frame (`.npy`), or one array per video (`.npz`)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.counted import counted
from scenewise.datasets import LabelSource
from scenewise.errors import DataError
from scenewise.labels.label_files import npz_names, open_npy, read_npz
from scenewise.labels.masks import FrameLabels, Mask, labels_of_masks, require_one_mask_a_frame

ARCHIVE = "expected an .npz file with one array of 0/1 a video"


def npy_labels(source: LabelSource, frames: int) -> FrameLabels:
    """One 0/1 a frame, (N,); or one mask per frame, (N, H, W): a frame is abnormal if its mask holds any pixel."""
    array = open_npy(source.path, "expected a .npy file of one 0/1 a frame")
    if array.ndim == 3:
        return labels_of_masks(npy_masks(source, frames), frames)
    return _zeros_and_ones(source, array, frames)


def npy_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """An array (N, H, W) of numbers, above 0 where abnormal."""
    expected = "expected a .npy file of one mask per frame"
    masks = open_npy(source.path, expected)
    if masks.ndim != 3 or masks.dtype.kind not in "biuf":
        raise DataError(f"{source.path}: {expected}, (frames, height, width), got {masks.shape} of type {masks.dtype}")
    require_one_mask_a_frame(source, len(masks), frames)
    for number, mask in enumerate(masks):
        if masks.dtype.kind in "if" and not (mask >= 0).all():
            raise DataError(f"{source.path}: the mask of frame {number} holds values below 0 or NaN")
        yield mask > 0


def npy_part_labels(source: LabelSource, frames: int) -> FrameLabels:
    """Frames FIRST to before STOP of an array over all TOTAL test frames; the key is FIRST-STOP/TOTAL.

    The array may be (TOTAL,) or, as in published re-packagings, (1, TOTAL).
    """
    key = re.fullmatch(r"([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})", source.key or "")
    if key is None:
        raise DataError(f"{source.path}: expected the key FIRST-STOP/TOTAL of its part, got {source.key!r}")
    first, stop, total = map(int, key.groups())
    array = _as_row(open_npy(source.path, "expected a .npy file of one 0/1 a frame of all test videos"))
    if array.shape != (total,):
        raise DataError(
            f"{source.path}: labels of shape {array.shape} for test videos of "
            f"{counted(total, 'frame')} together; is a video or a "
            "frame missing?"
        )
    return _zeros_and_ones(source, array[first:stop], frames)


def npz_labels(source: LabelSource, frames: int) -> FrameLabels:
    """The array `key` of an archive: (N,), (1, N) or (N, 1)."""
    return _zeros_and_ones(source, _as_row(read_npz(source.path, source.key, ARCHIVE)), frames)


def npz_keys(path: Path) -> list[str]:
    """The names of all arrays in an archive, one a video."""
    return npz_names(path, ARCHIVE)


def _as_row(array: NDArray[Any]) -> NDArray[Any]:
    """(1, N) and (N, 1) become (N,); any other shape stays."""
    return array.ravel() if array.ndim == 2 and 1 in array.shape else array


def _zeros_and_ones(source: LabelSource, array: NDArray[Any], frames: int) -> FrameLabels:
    path, expected = source.path, "expected one 0/1 a frame"
    if array.dtype.kind not in "biuf":
        raise DataError(f"{path}: {expected}, got values of type {array.dtype}; write numbers 0 and 1")
    if array.ndim != 1:
        raise DataError(f"{path}: {expected}, got an array of shape {array.shape}; write one label per frame")
    if len(array) != frames:
        raise DataError(
            f"{path}: {counted(len(array), 'label')} for a video of {counted(frames, 'frame')}; "
            "expected one label per frame"
        )
    if not np.isin(array, (0, 1)).all():
        others = sorted({str(value) for value in array[~np.isin(array, (0, 1))]})
        raise DataError(f"{path}: expected labels 0 (normal) and 1 (abnormal) only, found also {', '.join(others[:5])}")
    return np.array(array, bool)  # a copy: the array may be memory-mapped
