"""Pixel level: the figures of an anomaly score for every pixel, from the maps or the boxes of a method."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.metrics import frame_auc

Map = NDArray[np.floating]
"""(H, W) anomaly scores of one frame, higher is more abnormal; comparable over all frames."""
Mask = NDArray[np.bool_]
"""(H, W): True at the abnormal pixels of one frame."""
BINS = 1 << 16
LEAST = np.int16(-1 << 15)
"""The sign's bit alone."""


class PixelFigures(NamedTuple):
    """Both 0 to 1; None if one class is missing."""

    pixel_auc: float | None
    """Area under the ROC curve in which every pixel of every frame is a sample."""
    pixel_criterion_auc: float | None
    """The pixel-level criterion of Mahadevan et al., CVPR 2010, and Li et al., "Anomaly Detection and Localization in
    Crowded Scenes", TPAMI 36, 2014. An abnormal frame is found if at least 40 % of its abnormal pixels reach the
    threshold; a normal frame is a false alarm if any pixel does. The figure is the area under that ROC curve."""


def pixel_figures(frames: Iterable[tuple[Map, Mask]]) -> PixelFigures:
    """The figures of `frames`, each a map and a mask of the same shape.

    Pixels are counted by their score as float16, three digits, so memory does not grow with the footage. Raises
    ValueError if a map and its mask have different shapes.
    """
    normal, abnormal = np.zeros((2, BINS), np.int64)
    labels, reached = [], []
    for scores, mask in frames:
        if scores.shape != mask.shape:
            raise ValueError(f"a map of {scores.shape} pixels does not fit a mask of {mask.shape}")
        ranks = _rank(scores)
        normal += np.bincount(ranks.ravel(), minlength=BINS)
        if mask.any():
            within = np.bincount(ranks[mask], minlength=BINS)
            normal -= within
            abnormal += within
        labels.append(bool(mask.any()))
        reached.append(_reached(scores, mask))
    pairs = int(normal.sum()) * int(abnormal.sum())
    in_order = float(abnormal @ (np.cumsum(normal) - normal / 2))
    return PixelFigures(in_order / pairs if pairs else None, frame_auc(np.array(labels, bool), np.array(reached)))


def _reached(scores: Map, mask: Mask) -> float:
    """The highest threshold at which the frame is detected: with 40 % of its abnormal pixels, or with any pixel."""
    if not mask.any():
        return float(scores.max())
    inside = scores[mask]
    enough = -(-2 * len(inside) // 5)
    return float(np.partition(inside, -enough)[-enough])


def _rank(scores: Map) -> NDArray[np.uint16]:
    """Each score, as float16, as a whole number of the same order: IEEE 754 orders bits by sign and magnitude."""
    with np.errstate(over="ignore"):
        bits = np.asarray(scores).astype(np.float16).view(np.int16)
    bits[bits == LEAST] = 0  # -0.0 is 0.0
    ranks: NDArray[np.uint16] = (bits ^ (bits >> 15 | LEAST)).view(np.uint16)  # below 0 all bits turn, else the sign's
    return ranks
