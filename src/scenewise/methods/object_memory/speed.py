"""Normalised speed: speed over what is typical at that height of the picture, since far objects move few pixels."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 8
"""Groups of equally many objects, by the row they stand on, that typical speed is measured in."""
LEAST = 0.3
"""Share of the middle typical speed that no row falls short of: the line may cross zero at the horizon."""


class SpeedScale(NamedTuple):
    """Typical speed as a straight line over the row on which objects stand."""

    slope: float
    intercept: float
    least: float

    def typical(self, bottom: NDArray[np.floating]) -> NDArray[np.float32]:
        """(M,) typical speed, above 0, of objects whose boxes' lower edges are `bottom` (M,)."""
        return np.asarray(np.maximum(self.slope * bottom + self.intercept, self.least), np.float32)

    def normalise(self, speed: NDArray[np.floating], bottom: NDArray[np.floating]) -> NDArray[np.float32]:
        """(M, c) normalised `speed` (M, c): 0 at rest, 1 typical, always below 2.

        `bottom` (M,) are the lower edges of the boxes. 2u / (u + 1) of the ratio u to the typical speed saturates:
        twice as fast counts, twenty times as fast counts little more than ten times.
        """
        ratio = speed / self.typical(bottom)[:, None]
        return np.asarray(2 * ratio / (ratio + 1), np.float32)

    def speed_of(self, normalised: NDArray[np.floating], bottom: NDArray[np.floating]) -> NDArray[np.float32]:
        """(M, c) speeds that `normalise` gave: its inverse."""
        kept = np.clip(normalised, 0, 1.99)  # 2 stands for an infinite speed
        return np.asarray(kept / (2 - kept) * self.typical(bottom)[:, None], np.float32)


def fit_speed_scale(speed: NDArray[np.floating], bottom: NDArray[np.floating]) -> SpeedScale:
    """The speed scale of a scene from its objects' mean speeds (M,) and lower edges (M,), M at least 1."""
    edges = np.quantile(bottom, np.linspace(0, 1, BINS + 1))
    rows, typical = [], []
    for low, high in pairwise(edges):
        inside = (bottom >= low) & (bottom <= high)
        if not inside.any():  # fewer objects than groups
            continue
        rows.append(float(np.median(bottom[inside])))
        typical.append(float(np.median(speed[inside])))
    middle = max(float(np.median(typical)), 1e-4)
    if np.ptp(rows) < 1e-3:
        return SpeedScale(0.0, middle, LEAST * middle)
    slope, intercept = np.polyfit(rows, typical, 1)
    return SpeedScale(float(slope), float(intercept), LEAST * middle)
