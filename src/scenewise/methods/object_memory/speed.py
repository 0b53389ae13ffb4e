"""How fast something moves for where it is in the picture: what is far away moves few pixels."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 8
"""Rows are looked at in so many groups of equally many objects."""
LEAST = 0.3
"""Of the middle speed_scale, the speed_scale that no row falls short of: a line may cross zero at the horizon."""


class SpeedScale(NamedTuple):
    """Typical speed as a straight line over the row where objects stand."""

    slope: float
    intercept: float
    least: float

    def relative(self, speed: NDArray[np.floating], bottom: NDArray[np.floating]) -> NDArray[np.float32]:
        """(M, 3) `speed` over what is typical where the object stands, saturating: 0 at rest, 1 typical, below 2.

        `bottom` (M,) are the lower edges of the boxes. 2u / (u + 1): twice as fast counts, ten times no ten times more.
        """
        typical = np.maximum(self.slope * bottom + self.intercept, self.least)
        ratio = speed / typical[:, None]
        return np.asarray(2 * ratio / (ratio + 1), np.float32)


def learn_speed_scale(speed: NDArray[np.floating], bottom: NDArray[np.floating]) -> SpeedScale:
    """The speed_scale of a scene from its objects' mean speeds (M,) and lower edges (M,), M at least 1."""
    edges = np.quantile(bottom, np.linspace(0, 1, BINS + 1))
    rows, typical = [], []
    for low, high in pairwise(edges):
        own = (bottom >= low) & (bottom <= high)
        if not own.any():  # fewer objects than groups
            continue
        rows.append(float(np.median(bottom[own])))
        typical.append(float(np.median(speed[own])))
    middle = max(float(np.median(typical)), 1e-4)
    if np.ptp(rows) < 1e-3:
        return SpeedScale(0.0, middle, LEAST * middle)
    slope, intercept = np.polyfit(rows, typical, 1)
    return SpeedScale(float(slope), float(intercept), LEAST * middle)
