"""From a camera's picture to the small one that an encoder takes: resize and fit, on uint8.

torch's antialiased filters follow Pillow's, which the encoders were trained behind: at 224 pixels a camera's picture
comes out within one level, in a fifth of a millisecond instead of one and a half (640x360, one core). Both filter rows
first and round in between, so that two roundings may meet in a difference of two where pictures grow; only Pillow 13
filters the columns of some upright pictures first, which differs by a few levels at their sharpest edges. OpenCV's area
filter differs by 20 to 35 levels.
"""

from typing import Literal, TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from scenewise.config import Fit
from scenewise.device import CPU

Resample = Literal["bilinear", "bicubic", "opencv-bilinear"]
"""opencv-bilinear is for comparison alone: it reads four pixels however much the picture shrinks."""
PUBLISHED_LEVEL = 0.5
"""Mean and deviation, on the scale 0 to 1, of what published code feeds encoders with: level / 127.5 - 1, in every
channel. Its colours are in blue-green-red order, as OpenCV reads them."""
RESIZED_AT_ONCE = 16
"""Frames that a GPU holds in float32 at once: 400 MB at 1080p."""
Size: TypeAlias = tuple[int, int]
"""Height and width in pixels."""


def fit_frames(
    frames: NDArray[np.uint8],
    size: Size,
    fit: Fit,
    *,
    border: tuple[int, int, int] = (0, 0, 0),
    resample: Resample = "bicubic",
    device: torch.device = CPU,
) -> Tensor:
    """Frames (N, H, W, 3) uint8, N at least 1, as (N, 3, *size) uint8 on `device`, to which they go as they are.

    squash scales each axis by itself, so that the whole picture is kept; crop scales until the shorter side fits and
    cuts the longer one's ends off, as CLIP's processor does; pad scales until the longer side fits and surrounds the
    picture with `border`, three levels.
    """
    if fit == "squash":
        return resized(frames, size, resample, device)
    if fit == "crop":
        return _centre(resized(frames, _covering(frames.shape[1:3], size), resample, device), size)
    inner = resized(frames, _within(frames.shape[1:3], size), resample, device)
    padded = torch.tensor(border, dtype=torch.uint8, device=device).repeat(len(frames), *size, 1).permute(0, 3, 1, 2)
    _centre(padded, (inner.shape[2], inner.shape[3])).copy_(inner)
    return padded


def resized(frames: NDArray[np.uint8], size: Size, resample: Resample, device: torch.device = CPU) -> Tensor:
    """Frames (N, H, W, 3) uint8 as (N, 3, *size) uint8 on `device`, antialiased unless `resample` is OpenCV's."""
    if resample == "opencv-bilinear":
        small = [cv2.resize(frame, size[::-1], interpolation=cv2.INTER_LINEAR) for frame in frames]
        return torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2).to(device)
    # Decoders may hand out read-only or flipped arrays, which torch cannot wrap; only those are copied.
    pixels = torch.from_numpy(np.require(frames, requirements=["C", "W"]))
    if device.type == "cpu":
        return functional.interpolate(pixels.permute(0, 3, 1, 2), size, mode=resample, antialias=True)
    if device.type == "cuda":
        pixels = pixels.pin_memory()  # from there a GPU fetches them while it computes, and nobody waits
    there = pixels.to(device, non_blocking=True)
    return torch.cat([resized_in_float(part, size, resample) for part in torch.split(there, RESIZED_AT_ONCE)])


def resized_in_float(pixels: Tensor, size: Size, resample: Resample) -> Tensor:
    """Pixels (N, H, W, 3) uint8 as (N, 3, *size) uint8, on any device: only a CPU resizes uint8 itself.

    Within two levels of `resized` on the CPU, which rounds in between.
    """
    small = functional.interpolate(pixels.permute(0, 3, 1, 2).float(), size, mode=resample, antialias=True)
    return small.round().clamp(0, 255).to(torch.uint8)


def repeat_last(pixels: Tensor, count: int) -> Tensor:
    """`pixels` (N, ...) lengthened to `count` rows by its last row.

    A model's arithmetic may differ with the batch size. With always the same size, a frame's features do not depend on
    how many frames came with it.
    """
    missing = count - len(pixels)
    return torch.cat([pixels, pixels[-1:].expand(missing, *pixels.shape[1:])]) if missing else pixels


def _covering(source: tuple[int, ...], size: Size) -> Size:
    """The smallest size of `source`'s shape that covers `size`; the longer side rounds down, as in CLIP's processor."""
    (height, width), (rows, columns) = source, size
    if rows * width >= columns * height:
        return rows, max(columns, width * rows // height)
    return max(rows, height * columns // width), columns


def _within(source: tuple[int, ...], size: Size) -> Size:
    """The largest size of `source`'s shape inside `size`."""
    (height, width), (rows, columns) = source, size
    scale = min(rows / height, columns / width)
    return max(1, min(rows, round(height * scale))), max(1, min(columns, round(width * scale)))


def _centre(pixels: Tensor, size: Size) -> Tensor:
    """A view of the middle of `pixels` (..., H, W)."""
    top, left = (pixels.shape[-2] - size[0]) // 2, (pixels.shape[-1] - size[1]) // 2
    return pixels[..., top : top + size[0], left : left + size[1]]
