"""Scores as published code makes them from errors: smoothed across videos, without the tail of each video.

each video ── segments without overlap ── the largest error of each, copied to its frames ──┐
all videos in one row ── Gaussian along the row, across borders ── min-max over the row ────┴─ scores 0 to 1
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from scenewise.evaluation.metrics import Labels, frame_auc
from scenewise.methods.method import SegmentScores

SIGMAS = range(20)
"""Standard deviations in frames; the smoothing is chosen among them by test labels."""


def segment_maxima(features: NDArray[np.floating], model: SegmentScores, fps: float, scene: str) -> NDArray[np.float32]:
    """Scores (M,) of the first M of the N frames of a video of `scene`, from its `features` (N, D); the tail has none.

    Segments follow each other without overlap, and each gives all its frames the largest of their errors. M is the
    largest multiple of the segment length in N, 0 for a shorter video. If the model has a fixed segment rate, segments
    are made of the frames picked at that rate, and a frame between two picks has the score of the pick before it.
    """
    segment_length = model.length
    picks = model.picked_frames(len(features), fps)
    count = len(picks) // segment_length
    if count == 0:
        return np.empty(0, np.float32)
    segments = features[picks[: count * segment_length]].reshape(count, segment_length, -1)
    of_picks = np.repeat(model.segment_errors(segments, scene).max(axis=1), segment_length)
    last_pick = np.searchsorted(picks, np.arange(len(features)), side="right") - 1
    return of_picks[last_pick[last_pick < len(of_picks)]].astype(np.float32)


def smoothed_and_scaled(row: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Scores (N,) of all videos in a row, smoothed along it by a Gaussian of `sigma` frames and scaled to 0 to 1."""
    values = row.astype(np.float64)
    if sigma > 0:
        values = gaussian_filter1d(values, sigma)
    values -= values.min()
    spread = values.max()
    return (values / spread if spread > 0 else values).astype(np.float32)


def auc_of_sigmas(row: NDArray[np.float32], labels: Labels, labelled: NDArray[np.bool_]) -> list[float]:
    """Test AUC of `row` (N,) smoothed by each of SIGMAS, over its `labelled` frames.

    The `labels` (N,) of these frames hold both classes.
    """
    aucs = [frame_auc(labels[labelled], smoothed_and_scaled(row, sigma)[labelled]) for sigma in SIGMAS]
    return [auc for auc in aucs if auc is not None]
