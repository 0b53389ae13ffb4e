"""Smoothing inside one video."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d


def smooth(scores: NDArray[np.float32], seconds: float, fps: float) -> NDArray[np.float32]:
    """`scores` (N,) of one video, convolved with a Gaussian of `seconds` standard deviation.

    The width is fixed beforehand, never chosen by a result; the ends repeat the first and the last score, so that
    nothing reaches in from another video. `seconds` 0 returns the scores as they are.
    """
    if seconds <= 0 or len(scores) == 0:
        return scores
    smoothed = gaussian_filter1d(scores.astype(np.float64), sigma=seconds * fps, mode="nearest", truncate=4.0)
    return np.asarray(smoothed, np.float32)
