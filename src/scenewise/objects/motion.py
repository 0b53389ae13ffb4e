"""How everything in the picture moves, by dense optical flow, and how regions move in it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.objects.regions import Region

LEAST_SIDE = 32
"""Pixels; OpenCV's search writes outside its memory, or gives no numbers, in pictures of 12 to 20 pixels a side."""


class Motion:
    """Velocity of every pixel between two pictures, by dense inverse search (Kroeger et al., ECCV 2016)."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def flow(self, earlier: NDArray[np.uint8], later: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """(h, w, 2) picture heights a second, right and down, of what is in `later`; both (h, w, 3) uint8 RGB."""
        height, width = earlier.shape[:2]
        below, right = max(LEAST_SIDE - height, 0), max(LEAST_SIDE - width, 0)
        grey = [
            cv2.copyMakeBorder(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 0, below, 0, right, cv2.BORDER_REPLICATE)
            for picture in (later, earlier)
        ]
        backward = np.asarray(self._flow.calc(grey[0], grey[1], np.zeros((*grey[0].shape, 2), np.float32)))
        return np.asarray(-backward[:height, :width] / (height * seconds), np.float32)


def speeds_of(regions: Sequence[Region], flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Speeds (M, 3) of `regions` in a flow (h, w, 2), as `Objects` holds them."""
    speeds = np.empty((len(regions), 3), np.float32)
    for number, region in enumerate(regions):
        velocity = flow[region.place][region.mask]
        speed = np.hypot(velocity[:, 0], velocity[:, 1])
        speeds[number] = speed.mean(), np.percentile(speed, 90), np.median(speed)
    return speeds
