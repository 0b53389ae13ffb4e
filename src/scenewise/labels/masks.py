"""Masks: where in the picture a frame is abnormal, from every form in which data sets say it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.datasets import LabelSource
from scenewise.errors import DataError, VideoError
from scenewise.labels.label_files import open_npy
from scenewise.labels.matlab import read_cell
from scenewise.labels.tracks import read_boxes, read_spans
from scenewise.video.frame_folder import frame_files

Mask = NDArray[np.bool_]

_LOSSLESS = frozenset({".bmp", ".png", ".tif", ".tiff"})
"""JPEG would smear a mask's edges into pixels that are not quite 0."""


def read_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """One mask (H, W) a frame of a video of `frames` frames, in order; True where it is abnormal.

    All masks of a video are of one size, its pictures' size as its authors labelled them. A video that is normal
    throughout has masks of 1 x 1, which broadcast to any. Kinds that say nothing of places are refused.

    Raises DataError, naming the file, where it can not be read, holds another number of masks than `frames`, masks
    of different sizes, or something else than masks.
    """
    if source.kind == "npy":
        return _npy_masks(source, frames)
    if source.kind == "mat-masks":
        return _cell_masks(source, frames)
    if source.kind == "mask-folder":
        return _picture_masks(source, frames)
    if source.kind == "tracks":
        return _box_masks(source, frames)
    if source.kind == "ubnormal":
        return _object_masks(source, frames)
    if source.kind == "normal":
        return iter([np.zeros((1, 1), bool)] * frames)
    raise DataError(f"{source.path}: labels of kind {source.kind} say which frames are abnormal, not where in them")


def _npy_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    what = "expected a .npy file of one mask a frame"
    masks = open_npy(source.path, what)
    if masks.ndim != 3 or masks.dtype.kind not in "biuf":
        raise DataError(f"{source.path}: {what}, (frames, height, width), got {masks.shape} of type {masks.dtype}")
    _require_as_many(source, len(masks), frames)
    for number, mask in enumerate(masks):
        if masks.dtype.kind in "if" and not (mask >= 0).all():
            raise DataError(f"{source.path}: the mask of frame {number} holds values below 0 or that are no numbers")
        yield mask > 0


def _cell_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """`volLabel` as CUHK Avenue ships it: a 1 x N cell of (H, W) uint8, 1 where abnormal."""
    masks = read_cell(source.path, "volLabel", "expected a .mat file of one mask a frame")
    _require_as_many(source, len(masks), frames)
    for number, mask in enumerate(masks):
        if mask.ndim != 2 or mask.shape != masks[0].shape:
            raise DataError(
                f"{source.path}: expected masks (height, width) of one size; that of frame {number} is {mask.shape}, "
                f"the first {masks[0].shape}"
            )
        yield mask > 0


def _picture_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """A picture a frame, as UCSD's TestNNN_gt: 0 where normal, above 0 where abnormal."""
    if not source.path.is_dir():
        raise DataError(f"{source.path}: expected a folder of masks, one picture a frame; there is no such folder")
    try:
        files = frame_files(source.path)
    except VideoError as error:
        raise DataError(f"{source.path}: expected a folder of masks, one picture a frame ({error})") from error
    blurred = next((file for file in files if file.suffix.lower() not in _LOSSLESS), None)
    if blurred is not None:
        raise DataError(f"{blurred}: expected masks as .bmp, .png or .tif; this format does not keep single pixels")
    _require_as_many(source, len(files), frames)
    size: tuple[int, ...] | None = None
    for file in files:
        mask = _grey(file) > 0
        size = size or mask.shape
        if mask.shape != size:
            raise DataError(f"{file}: expected masks of one size, {size} like the first; this one is {mask.shape}")
        yield mask


def _box_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """Filled boxes, on pictures whose size the source's key tells."""
    boxes, size = read_boxes(source, frames)
    if size is None:
        raise DataError(f"{source.path}: boxes need the pictures' size; give it as the key, such as 1280x720")
    width, height = size
    of_frame: dict[int, list[tuple[float, float, float, float]]] = {}
    for box in boxes:
        of_frame.setdefault(box.frame, []).append((box.left, box.top, box.right, box.bottom))
    for frame in range(frames):
        mask = np.zeros((height, width), bool)
        for left, top, right, bottom in of_frame.get(frame, []):
            # A box covers at least the pixel it lies in.
            rows = slice(max(0, int(np.floor(top))), max(0, int(np.ceil(bottom))))
            mask[rows, max(0, int(np.floor(left))) : max(0, int(np.ceil(right)))] = True
        yield mask


def _object_masks(source: LabelSource, frames: int) -> Iterator[Mask]:
    """UBnormal's pictures hold every object's number, the normal ones' too: only those of its tracks are abnormal."""
    spans = read_spans(source, frames)
    if not spans:
        yield from [np.zeros((1, 1), bool)] * frames
        return
    name = source.path.name.removesuffix("_annotations")
    size = _grey(source.path / f"{name}_{spans[0].first:04d}_gt.png").shape
    for frame in range(frames):
        numbers = [span.track for span in spans if span.first <= frame <= span.last]
        if not numbers:
            yield np.zeros(size, bool)
            continue
        file = source.path / f"{name}_{frame:04d}_gt.png"
        objects = _grey(file)
        if objects.shape != size:
            raise DataError(f"{file}: expected masks of one size, {size} like the others; this one is {objects.shape}")
        yield np.isin(objects, numbers)


def _grey(path: Path) -> NDArray[np.int32]:
    """A picture's values (H, W), the largest of its colours where it has some."""
    try:
        with Image.open(path) as picture:
            plain = picture if picture.mode in ("1", "L", "I", "I;16") else picture.convert("RGB")
            values = np.asarray(plain).astype(np.int32)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "damaged, or no picture"
        raise DataError(f"{path}: expected the mask of a frame, and it can not be read ({reason})") from error
    return values if values.ndim == 2 else values.max(axis=-1)


def _require_as_many(source: LabelSource, masks: int, frames: int) -> None:
    if masks != frames:
        raise DataError(f"{source.path}: {masks} masks for a video of {frames} frames; they have to be as many")
