"""Masks in files of their own: which pixels of a frame are abnormal, from Matlab cells and folders of pictures."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenewise.counted import counted
from scenewise.datasets import LabelSource
from scenewise.errors import DataError, VideoError
from scenewise.formats.pictures import open_picture
from scenewise.labels.matlab import read_cell
from scenewise.video.frame_folder import frame_files

FrameLabels = NDArray[np.bool_]
"""(N,), True if the frame is abnormal."""
Mask = NDArray[np.bool_]
"""(H, W), True where the frame is abnormal; (1, 1) for videos that are normal throughout."""

LOSSLESS = frozenset({".bmp", ".png", ".tif", ".tiff"})
"""JPEG would turn pixels at a mask's edge into values that are not quite 0."""


def labels_of_masks(masks: Iterable[Mask], frames: int) -> FrameLabels:
    """A frame is abnormal if its mask holds any abnormal pixel."""
    return np.fromiter((mask.any() for mask in masks), bool, frames)


def mat_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """`volLabel` as CUHK Avenue ships it: a 1 x N cell of (H, W) uint8, 1 where abnormal."""
    masks = read_cell(source.path, "volLabel", "expected a .mat file of one mask per frame")
    require_one_mask_a_frame(source, len(masks), frames)
    for number, mask in enumerate(masks):
        if mask.ndim != 2 or mask.shape != masks[0].shape:
            raise DataError(
                f"{source.path}: expected masks (height, width) of one size; that of frame {number} is {mask.shape}, "
                f"the first {masks[0].shape}"
            )
        yield mask > 0


def mask_pictures(source: LabelSource, frames: int) -> Iterator[Mask]:
    """A folder of one picture per frame, as UCSD's TestNNN_gt: above 0 where abnormal."""
    if not source.path.is_dir():
        raise DataError(f"{source.path}: expected a folder of masks, one picture per frame; there is no such folder")
    try:
        files = frame_files(source.path)
    except VideoError as error:
        raise DataError(f"{source.path}: expected a folder of masks, one picture per frame ({error})") from error
    lossy = next((file for file in files if file.suffix.lower() not in LOSSLESS), None)
    if lossy is not None:
        raise DataError(f"{lossy}: expected masks as .bmp, .png or .tif; this format does not keep single pixels")
    require_one_mask_a_frame(source, len(files), frames)
    size: tuple[int, ...] | None = None
    for file in files:
        mask = grey_picture(file) > 0
        size = size or mask.shape
        if mask.shape != size:
            raise DataError(f"{file}: expected masks of one size, {size} like the first; this one is {mask.shape}")
        yield mask


def grey_picture(path: Path) -> NDArray[np.int32]:
    """A picture's values (H, W); of a picture in colour, the largest of its three. Raises DataError."""
    try:
        values = np.asarray(open_picture(path, "RGB", keep=("1", "L", "I", "I;16"))).astype(np.int32)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: expected the mask of a frame, but it cannot be read ({reason})") from error
    return values if values.ndim == 2 else values.max(axis=-1)


def require_one_mask_a_frame(source: LabelSource, masks: int, frames: int) -> None:
    """Raises DataError if there are not as many `masks` as `frames`."""
    if masks != frames:
        raise DataError(
            f"{source.path}: {counted(masks, 'mask')} for a video of {counted(frames, 'frame')}; "
            "expected one mask per frame"
        )
