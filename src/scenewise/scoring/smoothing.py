"""Smoothing inside one video."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

TRUNCATE = 4.0
"""Standard deviations after which the Gaussian is cut off."""


def smooth(scores: NDArray[np.float32], seconds: float, fps: float) -> NDArray[np.float32]:
    """`scores` (N,) of one video, convolved with a Gaussian of `seconds` standard deviation.

    The width is fixed beforehand, never chosen by a result; the ends repeat the first and the last score, so that
    nothing reaches in from another video. `seconds` 0 returns the scores as they are.
    """
    if reach(seconds, fps) == 0 or len(scores) == 0:
        return scores
    smoothed = gaussian_filter1d(scores.astype(np.float64), sigma=seconds * fps, mode="nearest", truncate=TRUNCATE)
    return np.asarray(smoothed, np.float32)


def reach(seconds: float, fps: float) -> int:
    """How many scores either side a smoothed score depends on, as gaussian_filter1d cuts the Gaussian off."""
    return int(TRUNCATE * max(seconds, 0.0) * fps + 0.5)


def stream_smooth(pieces: Iterable[NDArray[np.float32]], seconds: float, fps: float) -> Iterator[NDArray[np.float32]]:
    """`smooth` of one video whose scores come in `pieces` (n,), in order: the same numbers to the last bit.

    Runs behind by the Gaussian's reach, and holds no more than a piece and twice that reach.
    """
    needed = reach(seconds, fps)
    held = np.empty(0, np.float32)
    given = 0  # how many of `held` are given out already, and are kept for what comes after them
    for piece in pieces:
        held = np.concatenate([held, piece])
        ready = len(held) - needed
        if ready > given:
            yield smooth(held, seconds, fps)[given:ready]
            dropped = max(ready - needed, 0)
            held, given = held[dropped:], ready - dropped
    if len(held) > given:
        yield smooth(held, seconds, fps)[given:]
