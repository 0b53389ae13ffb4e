"""Smoothing inside one video."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, gaussian_filter1d

TRUNCATE = 4.0
"""Standard deviations after which the Gaussian is cut off."""


def smooth(scores: NDArray[np.float32], seconds: float, fps: float, ahead: int | None = None) -> NDArray[np.float32]:
    """`scores` (N,) of one video, convolved with a Gaussian of `seconds` standard deviation.

    The width is fixed in advance, never chosen by a result. At the ends the first and the last score are repeated, so
    that scores of other videos have no influence. If `seconds` is 0, the scores are returned as they are. If `ahead` is
    less than `reach`, the Gaussian is cut off after so many later frames, and its weights are scaled to sum to 1.
    """
    behind = reach(seconds, fps)
    if behind == 0 or len(scores) == 0:
        return scores
    values = scores.astype(np.float64)
    if ahead is None or ahead >= behind:
        return np.asarray(gaussian_filter1d(values, seconds * fps, mode="nearest", truncate=TRUNCATE), np.float32)
    return np.asarray(correlate1d(values, _cut_off(seconds * fps, behind, ahead), mode="nearest"), np.float32)


def reach(seconds: float, fps: float) -> int:
    """How many scores on either side a smoothed score depends on: gaussian_filter1d cuts the Gaussian off there."""
    return int(TRUNCATE * max(seconds, 0.0) * fps + 0.5)


def stream_smooth(
    parts: Iterable[NDArray[np.float32]], seconds: float, fps: float, ahead: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """`smooth` of one video whose scores come in `parts` (n,), in order: the same numbers to the last bit.

    A score is yielded as soon as it is known: after `ahead` more frames, or after the Gaussian's reach. Holds at most a
    part and twice that reach.
    """
    behind = reach(seconds, fps)
    needed = behind if ahead is None else min(ahead, behind)
    held = np.empty(0, np.float32)
    given = 0  # how many of `held` were yielded already, and are kept to smooth later ones
    for part in parts:
        held = np.concatenate([held, part])
        ready = len(held) - needed
        if ready > given:
            yield smooth(held, seconds, fps, ahead)[given:ready]
            dropped = max(ready - behind, 0)
            held, given = held[dropped:], ready - dropped
    if len(held) > given:
        yield smooth(held, seconds, fps, ahead)[given:]


def _cut_off(sigma: float, behind: int, ahead: int) -> NDArray[np.float64]:
    """Weights (2 x behind + 1,) of the frames from `behind` before to `behind` after; 0 beyond `ahead` after."""
    offsets = np.arange(-behind, behind + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2) * (offsets <= ahead)
    cut: NDArray[np.float64] = weights / weights.sum()
    return cut
