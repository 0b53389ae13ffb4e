"""Objects cut out of a frame: each as a square around it, with everything else grey."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.object_encoder import GREY
from scenewise.objects.regions import Region

MARGIN = 1.3
"""Side of the square over the longer side of the object's box."""
RIM = np.ones((3, 3), np.uint8)
"""One pixel around the mask belongs to the object: masks end inside soft edges."""


def crops_of(
    frame: NDArray[np.uint8], regions: Sequence[Region], shape: tuple[int, int], size: int
) -> NDArray[np.uint8]:
    """Crops (M, size, size, 3) of `regions`, found in a picture of `shape` (h, w), out of `frame` (H, W, 3)."""
    crops = np.empty((len(regions), size, size, 3), np.uint8)
    for number, region in enumerate(regions):
        crops[number] = crop(frame, region, shape, size)
    return crops


def crop(frame: NDArray[np.uint8], region: Region, shape: tuple[int, int], size: int) -> NDArray[np.uint8]:
    """(size, size, 3) uint8: `region`, found in a picture of `shape` (h, w), as `frame` (H, W, 3) shows it."""
    rows, columns = frame.shape[0] / shape[0], frame.shape[1] / shape[1]
    left, top, right, bottom = region.box
    # The frame may be smaller than the picture: a box at its far end stays inside.
    top, left = min(round(top * rows), frame.shape[0] - 1), min(round(left * columns), frame.shape[1] - 1)
    bottom, right = max(round(bottom * rows), top + 1), max(round(right * columns), left + 1)
    shown = frame[top:bottom, left:right]
    mask = cv2.dilate(region.mask.astype(np.uint8), RIM)
    if shown.shape[:2] != mask.shape:
        mask = cv2.resize(mask, (shown.shape[1], shown.shape[0]), interpolation=cv2.INTER_NEAREST)
    side = max(1, round(MARGIN * max(shown.shape[:2])))
    square = np.full((side, side, 3), GREY, np.uint8)
    above, before = (side - shown.shape[0]) // 2, (side - shown.shape[1]) // 2
    square[above : above + shown.shape[0], before : before + shown.shape[1]][mask > 0] = shown[mask > 0]
    smooth = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size, size), interpolation=smooth), np.uint8)
