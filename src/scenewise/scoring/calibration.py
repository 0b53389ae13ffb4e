"""The scene scale: the same score means the same thing on every camera."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class SceneScale(NamedTuple):
    """Median and 99th percentile of a scene's held-out normal scores, smoothed like the scores to be scaled."""

    median: float
    q99: float

    def apply(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """(s - median) / (q99 - median), unbounded: 0 is ordinary, 1 the 99th percentile of normal."""
        # Constant held-out scores leave no spread to measure in; the smallest step of float32 stands in for it.
        spread = max(self.q99 - self.median, float(np.finfo(np.float32).eps) * max(abs(self.median), 1e-6))
        return ((scores.astype(np.float64) - self.median) / spread).astype(np.float32)


def scene_scale(held_out_scores: NDArray[np.float32]) -> SceneScale:
    """The scale that a scene's held-out normal scores (N,) define; N at least 1."""
    scores = held_out_scores.astype(np.float64)
    return SceneScale(float(np.median(scores)), float(np.quantile(scores, 0.99)))
