"""How much of a frame the scene's normal frames do not explain, by how much they leave of frames like it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from scenewise.methods.object_memory.neighbours import CHUNK, bounded, nearest, relative

COMPONENTS = 32
"""Principal components that explain a scene's frames."""
NEIGHBOURS = 15
"""Frames whose own residual a frame's is measured by."""
MOST_MEMBERS = 10_000
"""Frames that are remembered at most, evenly."""
FOLDS = 5
"""Times the components are learned anew to know what they leave of frames they have not seen."""


class FrameResidual(NamedTuple):
    """One scene's normal frames: their principal components, and what such leave of normal frames unknown to them."""

    mean: NDArray[np.float32]
    """(D,)."""
    components: NDArray[np.float32]
    """(D, c)."""
    members: NDArray[np.float32]
    """(n, c) the remembered frames in these components."""
    groups: NDArray[np.int32]
    """(n,) which fold of footage each is from."""
    own: NDArray[np.float32]
    """(n,) residual of each by components learned without its group's fold; bounded."""

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N,) how new frames of features (N, D) are, about 1 for ordinary ones."""
        residual, projected = split_off(features, self.mean, self.components)
        return relative(residual, nearest(projected, self.members, NEIGHBOURS), self.own)


def learn_residual(
    videos: Sequence[NDArray[np.floating]], groups: Sequence[NDArray[np.int32]]
) -> tuple[FrameResidual, list[NDArray[np.float32]]]:
    """The residual of a scene's normal `videos` (N, D) each, and how new their own frames are, (N,) each.

    `groups` (N,) each: which fold of footage a frame is from. A frame's own score comes from components and
    neighbours of other folds.
    """
    features, all_groups = np.concatenate(videos), np.concatenate(groups)
    _, number = np.unique(all_groups, return_inverse=True)
    folds = number % FOLDS
    left = np.empty(len(features), np.float32)
    for fold in np.unique(folds):
        others = features[folds != fold]
        mean, components = _components(others if len(others) else features)
        left[folds == fold] = split_off(features[folds == fold], mean, components)[0]
    mean, components = _components(features)
    projected = split_off(features, mean, components)[1]
    rows = np.unique(np.linspace(0, len(features) - 1, min(len(features), MOST_MEMBERS)).astype(np.int64))
    own = bounded(left[rows])
    residual = FrameResidual(mean, components, projected[rows], all_groups[rows].astype(np.int32), own)
    found = nearest(projected, residual.members, NEIGHBOURS, (all_groups, residual.groups))
    score = relative(left, found, own)
    return residual, np.split(score, np.cumsum([len(video) for video in videos])[:-1])


def split_off(
    features: NDArray[np.floating], mean: NDArray[np.float32], components: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Length (N,) of what `components` (D, c) leave of features (N, D), and the features in them, (N, c)."""
    left = np.empty(len(features), np.float32)
    projected = np.empty((len(features), components.shape[1]), np.float32)
    for begin in range(0, len(features), CHUNK):
        part = slice(begin, begin + CHUNK)
        centred = features[part].astype(np.float32) - mean
        projected[part] = centred @ components
        left[part] = np.linalg.norm(centred - projected[part] @ components.T, axis=1)
    return left, projected


def _components(features: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (D,) and principal components (D, c) of features (N, D); a quarter as many as frames at the most."""
    rows = np.unique(np.linspace(0, len(features) - 1, min(len(features), MOST_MEMBERS)).astype(np.int64))
    sample = features[rows].astype(np.float32)
    mean = sample.mean(axis=0)
    centred = sample - mean
    kept = max(1, min(COMPONENTS, len(sample) // 4, sample.shape[1] - 1))
    covariance = centred.T @ centred
    _, components = eigh(covariance, subset_by_index=[len(covariance) - kept, len(covariance) - 1])
    return mean, np.ascontiguousarray(components, np.float32)
