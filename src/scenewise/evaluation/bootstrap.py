"""Bootstrap resamples as weights of frames, and figures of weighted frames: the 95 % intervals are made of them.

A resample draws test footage with replacement, scene by scene (Efron and Tibshirani, "An Introduction to the
Bootstrap", 1993, chapters 8 and 13: stratified samples, percentile intervals). It is stored as the number of times it
drew each frame, so that scores are sorted once and not in each of a thousand resamples.

Frames of one video resemble each other. Drawing them one by one would make the intervals far too narrow, so whole
videos are drawn. If a scene has too few videos, blocks of consecutive frames are drawn (Künsch, "The jackknife and the
bootstrap for general stationary observations", Annals of Statistics 17, 1989). For that the scene's frames are closed
to a ring, so that every frame is drawn equally often (Politis and Romano, "A circular block-resampling procedure for
stationary data", in "Exploring the Limits of Bootstrap", 1992).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.metrics import Labels, Scores

Weights = NDArray[np.float32]
"""(R, N): how often each of R resamples drew each of N frames."""
Values = NDArray[np.float64]
"""(R,): a figure in every resample; NaN if it is undefined there."""


def draw_videos(lengths: Sequence[int], resamples: int, random: np.random.Generator) -> Weights:
    """Weights of resamples that draw as many whole videos as there are; the videos, in order, have `lengths` frames."""
    drawn = random.multinomial(len(lengths), np.full(len(lengths), 1 / len(lengths)), size=resamples)
    return np.repeat(drawn.astype(np.float32), lengths, axis=1)


def draw_blocks(frames: int, block: int, resamples: int, random: np.random.Generator) -> Weights:
    """Weights of resamples of `frames` frames in blocks of `block` (the last one shorter) that begin anywhere."""
    block = min(block, frames)
    sizes = np.full(-(-frames // block), block)
    sizes[-1] = frames - block * (len(sizes) - 1)
    starts = random.integers(0, frames, (resamples, len(sizes)))
    ends = starts + sizes
    row = frames * np.arange(resamples)[:, None]
    begun = np.bincount((row + starts).ravel(), minlength=frames * resamples)
    ended = np.bincount((row + ends % frames).ravel(), minlength=frames * resamples)
    changes = (begun - ended).reshape(resamples, frames).astype(np.float32)
    changes[:, 0] += (ends >= frames).sum(axis=1)  # blocks that wrap around the ring, or end at its last frame
    return np.cumsum(changes, axis=1, out=changes)


def weighted_auc(labels: Labels, scores: Scores, weights: Weights) -> Values:
    """Frame AUC of labels and scores (N,) in every resample: each frame counts as often as it was drawn.

    AUC is the share of drawn pairs of an abnormal and a normal frame that are in the right order; ties count half. NaN
    if a class was not drawn.
    """
    normal, abnormal = np.flatnonzero(~labels), np.flatnonzero(labels)
    normal = normal[np.argsort(scores[normal], kind="stable")]
    left = np.searchsorted(scores[normal], scores[abnormal], "left")
    right = np.searchsorted(scores[normal], scores[abnormal], "right")
    values = np.full(len(weights), np.nan)
    below = np.zeros(len(normal) + 1)
    for resample, of_frame in enumerate(weights):  # one resample at a time stays in the processor's cache
        np.cumsum(of_frame[normal], out=below[1:])
        drawn = of_frame[abnormal].astype(np.float64)
        pairs = drawn.sum() * below[-1]
        if pairs:
            values[resample] = drawn @ (below[left] + below[right]) / (2 * pairs)
    return values


def weighted_share(chosen: Labels, weights: Weights) -> Values:
    """Share of drawn frames that are `chosen` (N,), in every resample; NaN if none was drawn."""
    drawn = weights.sum(axis=1, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        share: Values = (weights @ chosen.astype(np.float32)).astype(np.float64) / drawn
    return share
