"""Figures of frame scores against frame labels: undefined if one class is missing, never replaced by 0.5."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

Labels = NDArray[np.bool_]
Scores = NDArray[np.floating]


def frame_auc(labels: Labels, scores: Scores) -> float | None:
    """Area under the ROC curve over frames, 0 to 1; None without both classes."""
    return float(roc_auc_score(labels, scores)) if _both_classes(labels) else None


def scene_aucs(labels: dict[str, Labels], scores: dict[str, Scores]) -> dict[str, float | None]:
    """AUC within each scene, from the labels and scores (N,) of all its test frames; no two scenes are compared."""
    return {scene: frame_auc(labels[scene], scores[scene]) for scene in labels}


def padded_auc(labels: Labels, scores: Scores) -> float:
    """Frame AUC of a video that is given one normal frame below and one abnormal frame above all of its N scores.

    So every video has both classes. This is a convention of published code (the evaluation of Georgescu et al., "A
    Background-Agnostic Framework with Adversarial Training for Abnormal Event Detection in Video", TPAMI 2021). It is
    biased upwards: the two frames are always in the right order, and a video of one class counts as 1.
    """
    abnormal = int(labels.sum())
    normal = len(labels) - abnormal
    right = (frame_auc(labels, scores) or 0.0) * abnormal * normal
    return (right + abnormal + normal + 1) / ((abnormal + 1) * (normal + 1))


def average_precision(labels: Labels, scores: Scores) -> float | None:
    """Average precision (sum over thresholds of precision times gained recall), 0 to 1; None without both classes."""
    # A sum of shares: rounding may take it beyond 1.
    return min(float(average_precision_score(labels, scores)), 1.0) if _both_classes(labels) else None


def equal_error_rate(labels: Labels, scores: Scores) -> float | None:
    """The rate at which the ROC curve has as many misses as false alarms, linearly interpolated, 0 to 1.

    None without both classes.
    """
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
    """Mean of the values that are defined; None if none is."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def constant_per_scene_auc(labels: dict[str, Labels]) -> dict[str, float | None]:
    """Pooled frame AUC of one constant score per scene; `labels` {scene: (N,) of its test frames}.

    A detector reaches it that knows only which camera a frame comes from: 78 to 85 % on ShanghaiTech-SD. So it belongs
    beside every pooled AUC.

    `best`: each scene's constant is its share of abnormal frames. No other constants do better: if only the scene is
    known, this order is the Neyman-Pearson test. `zero_or_one`: 0 for scenes without an abnormal frame, 1 for the
    others. None if all frames are of one class.
    """
    if not labels:
        return {"best": None, "zero_or_one": None}
    pooled = np.concatenate(list(labels.values()))
    shares = np.concatenate([np.full(len(of_scene), of_scene.mean()) for of_scene in labels.values()])
    return {"best": frame_auc(pooled, shares), "zero_or_one": frame_auc(pooled, (shares > 0).astype(float))}


def pairs_within_scene(labels: dict[str, Labels]) -> float | None:
    """Share of the pairs of an abnormal and a normal frame, which pooled AUC counts, that lie within one scene.

    `labels` {scene: (N,) of its test frames}. The other pairs compare frames of different cameras: one constant per
    scene can put them in order without any knowledge of the pictures. None without both classes.
    """
    abnormal = {scene: int(of_scene.sum()) for scene, of_scene in labels.items()}
    normal = {scene: len(of_scene) - abnormal[scene] for scene, of_scene in labels.items()}
    pairs = sum(abnormal.values()) * sum(normal.values())
    return sum(abnormal[scene] * normal[scene] for scene in labels) / pairs if pairs else None


def _both_classes(labels: Labels) -> bool:
    return bool(labels.any() and not labels.all())
