"""The ROC curve of frames, at false alarm rates that all runs share, so that it can be averaged over seeds."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from scenewise.evaluation.metrics import Labels, Scores

FALSE_ALARMS: NDArray[np.float64] = np.linspace(0.0, 1.0, 501)
"""The false alarm rates of all curves: shares of normal frames above the threshold, in steps of 0.2 %."""


def labels_of(frames: int, abnormal_ranges: list[tuple[int, int]]) -> Labels:
    """Frame labels (frames,) from the first and last frame, both included, of every abnormal range."""
    labels = np.zeros(frames, bool)
    for first, last in abnormal_ranges:
        labels[first : last + 1] = True
    return labels


def hits_at(labels: Labels, scores: Scores) -> NDArray[np.float64] | None:
    """Share of abnormal frames found at each of FALSE_ALARMS; None without both classes.

    Between thresholds the curve is a straight line, as in the area of `frame_auc`. If it rises at one false alarm rate,
    the upper end counts. Averaging such curves rate by rate is "vertical averaging" (Fawcett 2006, An introduction to
    ROC analysis, section 8.1).
    """
    if labels.all() or not labels.any():
        return None
    false_alarms, hits, _ = roc_curve(labels, scores)
    return np.asarray(np.interp(FALSE_ALARMS, false_alarms, hits))
