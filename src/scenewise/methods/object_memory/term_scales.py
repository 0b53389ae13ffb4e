"""The scale on which the terms of a frame's score are added: that of the scene's normal frames."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.scoring.smoothing import smooth

FRAME_WEIGHT = 0.1
"""Weight of the frame term beside the object term, if the object encoder distinguishes classes of object."""
FRAME_WEIGHT_BY_SHAPE = 1.0
"""The same if it knows outlines only, which tell little: the frame as a whole counts as much."""
LEAST_SPREAD = 0.05
"""Least distance between median and 99th percentile of normal scores: footage without any spread would make every
difference look infinite."""


class TermScale(NamedTuple):
    """Median and 99th percentile of a scene's normal terms, smoothed as scores are."""

    object_median: float
    object_q99: float
    frame_median: float
    frame_q99: float

    def of_objects(self, terms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Object terms, or scores of objects, with the median at 0 and the 99th percentile at 1."""
        return _scaled(terms, self.object_median, self.object_q99)

    def of_frames(self, terms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Frame terms, likewise."""
        return _scaled(terms, self.frame_median, self.frame_q99)


def fit_term_scale(
    object_terms: Sequence[NDArray[np.float32]],
    frame_terms: Sequence[NDArray[np.float32]],
    fps: Sequence[float],
    smoothing: float,
) -> TermScale:
    """The scale of one scene from the terms (N,) of its normal videos and their rates."""
    return TermScale(*_median_and_q99(object_terms, fps, smoothing), *_median_and_q99(frame_terms, fps, smoothing))


def _median_and_q99(
    terms: Sequence[NDArray[np.float32]], fps: Sequence[float], smoothing: float
) -> tuple[float, float]:
    values = np.concatenate([smooth(term, smoothing, rate) for term, rate in zip(terms, fps, strict=True)])
    return float(np.median(values)), float(np.quantile(values, 0.99))


def _scaled(values: NDArray[np.float32], median: float, q99: float) -> NDArray[np.float32]:
    return np.asarray((values - median) / max(q99 - median, LEAST_SPREAD), np.float32)
