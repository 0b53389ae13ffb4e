"""A Gaussian mixture as scikit-learn fits it, without scikit-learn: what a run holds of it are three arrays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp


class Mixture(NamedTuple):
    """g Gaussians in d dimensions."""

    weights: NDArray[np.float64]
    """(g,)."""
    means: NDArray[np.float64]
    """(g, d)."""
    precisions: NDArray[np.float64]
    """(g, d, d) Cholesky factors of the inverse covariances."""

    def log_likelihood(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """(N,) of `vectors` (N, d)."""
        whitened = np.einsum("ngi,gij->ngj", vectors[:, None] - self.means, self.precisions)
        determinant = np.log(np.einsum("gii->gi", self.precisions)).sum(axis=1)
        each = determinant - 0.5 * ((whitened**2).sum(axis=2) + self.means.shape[1] * np.log(2 * np.pi))
        return np.asarray(logsumexp(each + np.log(self.weights), axis=1), np.float64)
