"""How nearest_row two objects look: a space in which what varies along one object's own track counts little."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

SAMPLE = 12_000
"""Objects that the space is learned from, at most."""
COMPONENTS = 128
"""Principal components that are looked at."""
WIDTH = 64
"""Components that are kept: those in which objects differ most, over what varies along a track."""
SHRINKAGE = 0.1
"""Share of the covariance within tracks that is taken as equal in all directions: few tracks do not tell it well."""
LEAST_TRACK = 4
"""Sightings of an object from which its track says how appearance vary."""

CHUNK = 4096
"""Descriptions that are mapped at a time: as float32 all of a scene's may not fit the memory."""


class AppearanceMap(NamedTuple):
    """A linear map from descriptions (M, D') to appearance (M, d)."""

    mean: NDArray[np.float32]
    """(D',)."""
    matrix: NDArray[np.float32]
    """(D', d)."""

    def of(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """AppearanceMap (M, d) of descriptions (M, D')."""
        return _projected(features, self.mean, self.matrix)


def learn_appearance(features: NDArray[np.floating], tracks: NDArray[np.int64]) -> AppearanceMap:
    """The map for objects of descriptions (M, D') and track numbers (M,), M at least 2.

    Principal components, whitened by the covariance within tracks (within-class covariance normalisation; Hatch et
    al., Interspeech 2006, with tracks as classes), and of the result the components of the largest variance.
    """
    rows = _spread(len(features), SAMPLE)
    sample = features[rows].astype(np.float32)
    mean = sample.mean(axis=0)
    centred = sample - mean
    kept = min(COMPONENTS, centred.shape[1], len(centred) - 1)
    covariance = centred.T @ centred / len(centred)
    _, components = eigh(covariance, subset_by_index=[len(covariance) - kept, len(covariance) - 1])
    projected = _projected(features, mean, components[:, ::-1])
    within = _within(projected, tracks)
    spread = float(np.trace(within)) / kept
    within = (1 - SHRINKAGE) * within + SHRINKAGE * max(spread, 1e-8) * np.eye(kept)
    values, vectors = eigh(within)
    whitening = vectors / np.sqrt(values)
    _, order = eigh(np.cov((projected @ whitening).T).reshape(kept, kept))
    matrix = components[:, ::-1] @ whitening @ order[:, ::-1][:, :WIDTH]
    return AppearanceMap(mean, matrix.astype(np.float32))


def _projected(
    features: NDArray[np.floating], mean: NDArray[np.float32], matrix: NDArray[np.floating]
) -> NDArray[np.float32]:
    """(M, c) of features (M, D') through a matrix (D', c)."""
    projected = np.empty((len(features), matrix.shape[1]), np.float32)
    for begin in range(0, len(features), CHUNK):
        part = slice(begin, begin + CHUNK)
        projected[part] = (features[part].astype(np.float32) - mean) @ matrix
    return projected


def _within(projected: NDArray[np.floating], tracks: NDArray[np.int64]) -> NDArray[np.float64]:
    """(d, d) covariance around the tracks' means; unit where no track is long enough to tell."""
    _, own, sightings = np.unique(tracks, return_inverse=True, return_counts=True)
    means = np.zeros((len(sightings), projected.shape[1]))
    np.add.at(means, own, projected)
    strays = (projected - (means / sightings[:, None])[own])[sightings[own] >= LEAST_TRACK]
    return np.asarray(strays.T @ strays / len(strays)) if len(strays) else np.eye(projected.shape[1])


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Up to `most` numbers below `count`, evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
