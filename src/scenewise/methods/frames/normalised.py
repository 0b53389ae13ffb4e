"""Features made comparable before distances are measured between them."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.formats.tensors import tensor

Normalisation = Literal["none", "standardise", "l2"]
LEAST = 1e-6
"""Least length or deviation that is divided by."""


class Normaliser(NamedTuple):
    """(features - mean) / deviation; before it, features are scaled to length 1 if `unit` is."""

    mean: NDArray[np.float32]
    """(D,) 0 unless features are standardised."""
    deviation: NDArray[np.float32]
    """(D,) 1 unless features are standardised."""
    unit: NDArray[np.bool_]
    """(1,) whether features are scaled to length 1."""

    def apply(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Features (..., D) as the method compares them."""
        values = features.astype(np.float32)
        if self.unit.item():
            values /= np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), LEAST)
        return np.asarray((values - self.mean) / self.deviation, np.float32)


NORMALISER_FORMS = {
    "mean": tensor("float32", "width"),
    "deviation": tensor("float32", "width"),
    "unit": tensor("bool", 1),
}
"""The fields of Normaliser, as the tensors of a run."""


def fit_normaliser(features: NDArray[np.floating], how: Normalisation) -> Normaliser:
    """The normaliser of normal features (n, D)."""
    width = features.shape[1]
    if how != "standardise":
        return Normaliser(np.zeros(width, np.float32), np.ones(width, np.float32), np.array([how == "l2"]))
    values = features.astype(np.float32)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    # A feature that never varied says nothing about how far a deviation of it is from normal: it counts by its size.
    deviation = np.where(deviation < LEAST, 1, deviation)
    return Normaliser(mean, deviation.astype(np.float32), np.array([False]))
