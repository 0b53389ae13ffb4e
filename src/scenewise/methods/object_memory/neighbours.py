"""How far something is from the normal things most like it, by how far those are from each other."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

FLOOR = 30
"""Percentile of the members' own distances below which none counts: repeats of one moment would else make everything
near them look far away."""
CEILING = 96
"""Percentile above which none counts more: what never came twice (a cut-out gone wrong) is far from everything, is next
to whatever is new, and would else excuse it."""
CHUNK = 4096
"""Rows compared at a time: bounds the memory."""


class Neighbours(NamedTuple):
    """The k nearest members of a memory."""

    distance: NDArray[np.float32]
    """(M, k), the nearest first; infinite where a memory without one's own group holds fewer."""
    member: NDArray[np.int64]
    """(M, k) rows of the memory."""


def nearest(
    vectors: NDArray[np.float32],
    members: NDArray[np.float32],
    k: int,
    groups: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None,
) -> Neighbours:
    """The `k` (at most len(members)) nearest `members` (n, d), n at least 1, of each of `vectors` (M, d).

    `groups` are numbers (M,) and (n,): members of a vector's own group are no neighbours of it. A distance does not
    depend on the vectors beside it. Which of two members is nearer may, where their distances are the same but for
    float32's rounding, since the comparison is a matrix product.
    """
    k = min(k, len(members))
    known = torch.from_numpy(np.ascontiguousarray(members, np.float32))
    distances, rows = np.empty((len(vectors), k), np.float32), np.empty((len(vectors), k), np.int64)
    for begin in range(0, len(vectors), CHUNK):
        part = slice(begin, begin + CHUNK)
        own = torch.from_numpy(np.ascontiguousarray(vectors[part], np.float32))
        apart = torch.cdist(own, known)
        if groups is not None:
            apart[torch.from_numpy(groups[0][part, None] == groups[1][None])] = torch.inf
        closest = apart.topk(k, dim=1, largest=False)
        # A matrix product cancels: of two equal vectors it says that they are a hundredth apart. So, once more:
        exact = torch.linalg.vector_norm(own[:, None] - known[closest.indices], dim=2)
        exact[torch.isinf(closest.values)] = torch.inf
        ordered, order = exact.sort(dim=1, stable=True)
        distances[part], rows[part] = ordered.numpy(), closest.indices.gather(1, order).numpy()
    return Neighbours(distances, rows)


def mean_distance(neighbours: Neighbours) -> NDArray[np.float32]:
    """(M,) mean distance to those neighbours that there are; 0 where there is none."""
    there = np.isfinite(neighbours.distance)
    total = np.where(there, neighbours.distance, 0).sum(axis=1)
    return np.asarray(total / np.maximum(there.sum(axis=1), 1), np.float32)


def bounded(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """The members' own distances (n,), n at least 1, between the percentiles FLOOR and CEILING of them."""
    return np.clip(distance, *np.percentile(distance, [FLOOR, CEILING])).astype(np.float32)


def relative(value: NDArray[np.float32], neighbours: Neighbours, own: NDArray[np.float32]) -> NDArray[np.float32]:
    """(M,) `value` over the mean of the neighbours' `own` (n,): about 1 for what is as usual as its neighbours, and
    exactly that where there is none to compare with.

    The local outlier factor's idea (Breunig et al., SIGMOD 2000): what is rare and allowed has neighbours that are far
    from each other too, and does not stand out from them.
    """
    there = np.isfinite(neighbours.distance)
    total = np.where(there, own[neighbours.member], 0).sum(axis=1)
    usual = total / np.maximum(there.sum(axis=1), 1)
    return np.where(there.any(axis=1), value / np.maximum(usual, 1e-6), 1).astype(np.float32)
