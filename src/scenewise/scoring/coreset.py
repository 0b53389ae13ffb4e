"""A coreset: few of many vectors, such that none is far from all of them."""

import numpy as np
from numpy.typing import NDArray

PROJECTED = 128
"""Width to which vectors are projected at random before they are compared (Johnson and Lindenstrauss, 1984), as in
PatchCore: distances stay about the same, and are cheaper."""
SEED = 20
"""Of the projection, which is the same for all coresets."""


def greedy_coreset(vectors: NDArray[np.floating], most: int) -> NDArray[np.int64]:
    """Rows, `most` or all, of `vectors` (n, D), n at least 1, in the order in which they were chosen.

    The first is the nearest to the mean; then always the one that is farthest from all chosen before (the greedy
    k-centre algorithm, Gonzalez 1985; at most twice as bad as the best coreset).
    """
    if len(vectors) <= most:
        return np.arange(len(vectors))
    known = np.asarray(vectors, np.float32)
    if known.shape[1] > PROJECTED:
        random = np.random.default_rng(SEED)
        known = known @ random.normal(size=(known.shape[1], PROJECTED)).astype(np.float32) / PROJECTED**0.5
    chosen = [int(np.linalg.norm(known - known.mean(axis=0), axis=1).argmin())]
    apart = np.full(len(known), np.inf, np.float32)
    while len(chosen) < most:
        apart = np.minimum(apart, np.linalg.norm(known - known[chosen[-1]], axis=1))
        chosen.append(int(apart.argmax()))
    return np.array(chosen, np.int64)
