"""Figures of frame scores against frame labels; undefined where one class is missing, never a stand-in of 0.5."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

Labels = NDArray[np.bool_]
Scores = NDArray[np.floating]


def frame_auc(labels: Labels, scores: Scores) -> float | None:
    """Area under the ROC curve over frames, 0 to 1; None without both classes."""
    return float(roc_auc_score(labels, scores)) if _both_classes(labels) else None


def padded_auc(labels: Labels, scores: Scores) -> float:
    """Frame AUC of a video that is given one normal frame below and one abnormal frame above all of its N scores.

    So every video has both classes; a convention of published code (the evaluation of Georgescu et al., "A
    Background-Agnostic Framework with Adversarial Training for Abnormal Event Detection in Video", TPAMI 2021). It
    flatters: the two frames are always right, and a video of one class alone counts as 1.
    """
    abnormal = int(labels.sum())
    normal = len(labels) - abnormal
    right = (frame_auc(labels, scores) or 0.0) * abnormal * normal
    return (right + abnormal + normal + 1) / ((abnormal + 1) * (normal + 1))


def average_precision(labels: Labels, scores: Scores) -> float | None:
    """Average precision (sum over thresholds of precision times gained recall), 0 to 1; None without both classes."""
    return float(average_precision_score(labels, scores)) if _both_classes(labels) else None


def equal_error_rate(labels: Labels, scores: Scores) -> float | None:
    """Where the ROC curve meets false alarms = misses, by linear interpolation, 0 to 1; None without both classes."""
    if not _both_classes(labels):
        return None
    false_alarms, hits, _ = roc_curve(labels, scores, drop_intermediate=False)
    misses = 1 - hits
    after = int(np.argmax(false_alarms >= misses))  # the curve runs from (0, 1) to (1, 0): never 0
    before = after - 1
    gap_before, gap_after = misses[before] - false_alarms[before], false_alarms[after] - misses[after]
    share = gap_before / (gap_before + gap_after)
    return float(false_alarms[before] + share * (false_alarms[after] - false_alarms[before]))


def mean_of_defined(values: list[float | None]) -> float | None:
    """Mean of the values that are defined; None where none is."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def _both_classes(labels: Labels) -> bool:
    return bool(labels.any() and not labels.all())
