"""Frame residual: what the principal components of a scene's normal frames do not explain of a frame.

The residual is taken relative to the residuals of the normal frames nearest to it, so a frame with something rare and
allowed is not abnormal for it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from scenewise.methods.object_memory.appearance import evenly_spread
from scenewise.methods.object_memory.neighbours import CHUNK, clip_distances, nearest, relative_to_neighbours

COMPONENTS = 32
"""Principal components of a scene's frames."""
NEIGHBOURS = 15
"""Normal frames whose residual a frame's is compared with."""
LARGEST = 10_000
"""Frames in the bank at most, evenly spread."""
GROUPS = 5
"""Times the components are fitted without a fifth of the folds, to know the residual of frames they have not seen."""


class FrameResidual(NamedTuple):
    """A scene's normal frames: their principal components, and the residuals of frames unseen by them."""

    mean: NDArray[np.float32]
    """(D,)."""
    components: NDArray[np.float32]
    """(D, c)."""
    bank: NDArray[np.float32]
    """(n, c) normal frames in these components."""
    folds: NDArray[np.int32]
    """(n,) fold of footage each is from."""
    residual: NDArray[np.float32]
    """(n,) residual of each by components fitted without its group of folds; clipped."""

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N,) anomaly scores of frames of features (N, D), about 1 for ordinary ones."""
        residual, projected = split_off(features, self.mean, self.components)
        return relative_to_neighbours(residual, nearest(projected, self.bank, NEIGHBOURS), self.residual)


def fit_frame_residual(
    videos: Sequence[NDArray[np.floating]], folds: Sequence[NDArray[np.int32]]
) -> tuple[FrameResidual, list[NDArray[np.float32]]]:
    """The residual of a scene's normal `videos` (N, D) each, and the anomaly scores of their frames, (N,) each.

    `folds` (N,) each. A frame's score comes from components and neighbours of other folds. The folds are dealt out to
    GROUPS in turn; scikit-learn's GroupKFold deals by size, and gives other scores.
    """
    features, all_folds = np.concatenate(videos), np.concatenate(folds)
    _, number = np.unique(all_folds, return_inverse=True)
    groups = number % GROUPS
    unseen = np.empty(len(features), np.float32)
    for group in np.unique(groups):
        others = features[groups != group]
        mean, components = _principal_components(others if len(others) else features)
        unseen[groups == group] = split_off(features[groups == group], mean, components)[0]
    mean, components = _principal_components(features)
    projected = split_off(features, mean, components)[1]
    rows = evenly_spread(len(features), LARGEST)
    residuals = clip_distances(unseen[rows])
    residual = FrameResidual(mean, components, projected[rows], all_folds[rows].astype(np.int32), residuals)
    found = nearest(projected, residual.bank, NEIGHBOURS, (all_folds, residual.folds))
    scores = relative_to_neighbours(unseen, found, residuals)
    return residual, np.split(scores, np.cumsum([len(video) for video in videos])[:-1])


def split_off(
    features: NDArray[np.floating], mean: NDArray[np.float32], components: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Length (N,) of what `components` (D, c) leave of features (N, D), and the features in them, (N, c)."""
    residual = np.empty(len(features), np.float32)
    projected = np.empty((len(features), components.shape[1]), np.float32)
    for begin in range(0, len(features), CHUNK):
        part = slice(begin, begin + CHUNK)
        centred = features[part].astype(np.float32) - mean
        projected[part] = centred @ components
        residual[part] = np.linalg.norm(centred - projected[part] @ components.T, axis=1)
    return residual, projected


def _principal_components(features: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (D,) and principal components (D, c) of features (N, D); a quarter as many as frames at most."""
    sample = features[evenly_spread(len(features), LARGEST)]
    return principal_components(sample, max(1, min(COMPONENTS, len(sample) // 4, sample.shape[1] - 1)))


def principal_components(features: NDArray[np.floating], kept: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (D,) and the first `kept` principal components (D, kept) of features (N, D), at most N or D, in rising
    order of their variance."""
    sample = features.astype(np.float32)
    mean = sample.mean(axis=0)
    centred = sample - mean
    fewer_frames = len(centred) < centred.shape[1]
    # Of N frames and D features, the smaller square matrix has all that is needed: from an eigenvector u of the
    # frames' products, features' components are u @ centred, scaled to length 1.
    products = centred @ centred.T if fewer_frames else centred.T @ centred
    _, components = eigh(products, subset_by_index=[len(products) - kept, len(products) - 1])
    if fewer_frames:
        components = centred.T @ components
        components /= np.maximum(np.linalg.norm(components, axis=0), 1e-12)
    return mean, np.ascontiguousarray(components, np.float32)
