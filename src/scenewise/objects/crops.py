"""What an object looks like: a square cut out around it, with everything else grey."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.object_encoder import GREY
from scenewise.objects.regions import Region

MARGIN = 1.3
"""Side of the square over the longer side of the object's box."""
RIM = np.ones((3, 3), np.uint8)
"""A pixel around the mask belongs to the object: masks end inside soft edges."""


def crop(frame: NDArray[np.uint8], region: Region, shape: tuple[int, int], size: int) -> NDArray[np.uint8]:
    """(size, size, 3) uint8: `region`, found in a picture of `shape` (h, w), as `frame` (H, W, 3) shows it."""
    height, width = region.mask.shape
    rows, columns = frame.shape[0] / shape[0], frame.shape[1] / shape[1]
    # The frame may be smaller than the picture: a box at its far end stays inside.
    top, left = (
        min(round(region.top * rows), frame.shape[0] - 1),
        min(round(region.left * columns), frame.shape[1] - 1),
    )
    bottom = max(round((region.top + height) * rows), top + 1)
    right = max(round((region.left + width) * columns), left + 1)
    seen = frame[top:bottom, left:right]
    mask = cv2.dilate(region.mask.astype(np.uint8), RIM)
    if seen.shape[:2] != mask.shape:
        mask = cv2.resize(mask, (seen.shape[1], seen.shape[0]), interpolation=cv2.INTER_NEAREST)
    side = max(1, round(MARGIN * max(seen.shape[:2])))
    square = np.full((side, side, 3), GREY, np.uint8)
    above, before = (side - seen.shape[0]) // 2, (side - seen.shape[1]) // 2
    square[above : above + seen.shape[0], before : before + seen.shape[1]][mask > 0] = seen[mask > 0]
    smooth = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size, size), interpolation=smooth), np.uint8)
