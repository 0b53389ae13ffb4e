"""Foreground areas to regions: small areas are dropped, and a part that moves faster than its area is cut out of it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

LEAST_AREA = 0.0007
"""Share of the picture below which an area is noise: some 8 x 8 pixels of 360 x 240."""
FASTER = 1.8
"""A part that moves so many times as fast as its area's median is an object by itself."""
MOVING = 0.04
"""Picture heights a second below which nothing counts as moving."""
LARGE = 4
"""An area of so many times the least one may hold several regions."""
PART = (0.12, 0.75)
"""Share of its area that a part has to cover at least and at most."""


class Region(NamedTuple):
    """A connected foreground area, or a part of one: what one object covers in the picture."""

    left: int
    top: int
    mask: NDArray[np.bool_]
    """(height, width) of its pixels inside its box."""

    @property
    def place(self) -> tuple[slice, slice]:
        """Rows and columns of its box."""
        height, width = self.mask.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels; right and bottom lie just outside."""
        height, width = self.mask.shape
        return self.left, self.top, self.left + width, self.top + height


def regions_of(labels: NDArray[np.int32], areas: list[int], speed: NDArray[np.float32]) -> list[Region]:
    """The regions in one picture, from the `labels` (h, w) of its connected areas and the `areas` that are foreground.

    `speed` (h, w) in picture heights a second.
    """
    least = LEAST_AREA * labels.size
    found = []
    for area, place in zip(range(1, int(labels.max()) + 1), find_objects(labels), strict=True):
        mask = labels[place] == area
        if area in areas and mask.sum() >= least:
            found += split(Region(place[1].start, place[0].start, mask), speed, least)
    return found


def split(region: Region, speed: NDArray[np.float32], least: float) -> list[Region]:
    """`region` itself, or the parts of it that move faster than the rest, and the rest."""
    area = int(region.mask.sum())
    if area < LARGE * least:
        return [region]
    speeds = speed[region.place]
    fast = region.mask & (speeds > max(MOVING, FASTER * float(np.median(speeds[region.mask]))))
    opened = cv2.morphologyEx(fast.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, sizes, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    parts, rest = [], region.mask.copy()
    for label in range(1, count):
        if sizes[label, cv2.CC_STAT_AREA] < max(least, PART[0] * area):
            continue
        # Flow is smooth: a moving region's rim moves less than its middle.
        part = cv2.dilate((labels == label).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & region.mask
        if part.sum() <= PART[1] * area:
            parts.append(_cut(part, region))
            rest &= ~part
    if not parts:
        return [region]
    count, labels, sizes, _ = cv2.connectedComponentsWithStats(rest.astype(np.uint8), connectivity=8)
    large = [label for label in range(1, count) if sizes[label, cv2.CC_STAT_AREA] >= least]
    return parts + [_cut(labels == label, region) for label in large]


def _cut(mask: NDArray[np.bool_], whole: Region) -> Region:
    """The part of `whole` that `mask`, in the box of `whole`, covers; its box is close around it."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    inner = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Region(whole.left + int(columns[0]), whole.top + int(rows[0]), inner)
