"""Appearance embedding: object features mapped so that what varies along one object's track counts little."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

SAMPLE = 12_000
"""Objects that the map is fitted on, at most."""
COMPONENTS = 128
"""Principal components before whitening."""
WIDTH = 64
"""Width of the embedding: the components in which objects differ most, relative to what varies along a track."""
SHRINKAGE = 0.1
"""Share of the within-track covariance that is taken as equal in all directions: few tracks estimate it badly."""
LEAST_TRACK = 4
"""Detections of an object from which its track says how its appearance varies."""
CHUNK = 4096
"""Objects embedded at a time: as float32 all of a scene's may not fit the memory."""


class AppearanceMap(NamedTuple):
    """A linear map from object features (M, D') to appearance embeddings (M, d)."""

    mean: NDArray[np.float32]
    """(D',)."""
    matrix: NDArray[np.float32]
    """(D', d)."""

    def embed(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Appearance embeddings (M, d) of object features (M, D')."""
        return _project(features, self.mean, self.matrix)


def fit_appearance(features: NDArray[np.floating], tracks: NDArray[np.int64]) -> AppearanceMap:
    """The map for objects with features (M, D') and track numbers (M,), M at least 2.

    Principal components, whitened by the covariance within tracks (within-class covariance normalisation; Hatch et
    al., Interspeech 2006, with tracks as classes), and of the result the components of the largest variance.
    scikit-learn's PCA is not used: it differs from this form in float32 by more than scores may change.
    """
    rows = evenly_spread(len(features), SAMPLE)
    sample = features[rows].astype(np.float32)
    mean = sample.mean(axis=0)
    centred = sample - mean
    kept = min(COMPONENTS, centred.shape[1], len(centred) - 1)
    covariance = centred.T @ centred / len(centred)
    _, components = eigh(covariance, subset_by_index=[len(covariance) - kept, len(covariance) - 1])
    projected = _project(features, mean, components[:, ::-1])
    within = _within_tracks(projected, tracks)
    spread = float(np.trace(within)) / kept
    within = (1 - SHRINKAGE) * within + SHRINKAGE * max(spread, 1e-8) * np.eye(kept)
    values, vectors = eigh(within)
    whitening = vectors / np.sqrt(values)
    _, order = eigh(np.cov((projected @ whitening).T).reshape(kept, kept))
    matrix = components[:, ::-1] @ whitening @ order[:, ::-1][:, :WIDTH]
    return AppearanceMap(mean, matrix.astype(np.float32))


def _project(
    features: NDArray[np.floating], mean: NDArray[np.float32], matrix: NDArray[np.floating]
) -> NDArray[np.float32]:
    """(M, c) of features (M, D') through a matrix (D', c)."""
    projected = np.empty((len(features), matrix.shape[1]), np.float32)
    for begin in range(0, len(features), CHUNK):
        part = slice(begin, begin + CHUNK)
        projected[part] = (features[part].astype(np.float32) - mean) @ matrix
    return projected


def _within_tracks(projected: NDArray[np.floating], tracks: NDArray[np.int64]) -> NDArray[np.float64]:
    """(d, d) covariance around the tracks' means; the unit matrix if no track is long enough to estimate it."""
    _, track_of, detections = np.unique(tracks, return_inverse=True, return_counts=True)
    means = np.zeros((len(detections), projected.shape[1]))
    np.add.at(means, track_of, projected)
    deviations = (projected - (means / detections[:, None])[track_of])[detections[track_of] >= LEAST_TRACK]
    return np.asarray(deviations.T @ deviations / len(deviations)) if len(deviations) else np.eye(projected.shape[1])


def evenly_spread(count: int, most: int) -> NDArray[np.int64]:
    """Up to `most` numbers below `count`, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
