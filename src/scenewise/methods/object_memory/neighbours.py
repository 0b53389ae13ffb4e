"""k nearest neighbours in a memory bank, and distances relative to those within the bank."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

FLOOR = 30
"""Percentile below which neighbour distances within the bank are raised to it. Without it, repeats of one moment have
distances near 0, and everything near them would look far away."""
CEILING = 96
"""Percentile above which they are lowered to it. An outlier in the bank (a bad crop) is far from everything; without
the cap, whatever is near it would look normal."""
CHUNK = 4096
"""Rows compared at a time: bounds the memory."""


class Neighbours(NamedTuple):
    """The k nearest neighbours of M vectors in a bank."""

    distance: NDArray[np.float32]
    """(M, k), the nearest first; infinite if the bank holds fewer outside the vector's group."""
    row: NDArray[np.int64]
    """(M, k) rows of the bank."""


def nearest(
    vectors: NDArray[np.float32],
    bank: NDArray[np.float32],
    k: int,
    groups: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None,
) -> Neighbours:
    """The `k` (at most n) nearest rows of `bank` (n, d), n at least 1, of each of `vectors` (M, d).

    `groups` are numbers (M,) and (n,): rows of the vector's group are no neighbours of it. A distance does not depend
    on the other vectors of the call. The order of two rows can, if their distances differ by float32 rounding
    alone, since they are compared by a matrix product.
    """
    k = min(k, len(bank))
    known = torch.from_numpy(np.ascontiguousarray(bank, np.float32))
    distances, rows = np.empty((len(vectors), k), np.float32), np.empty((len(vectors), k), np.int64)
    for begin in range(0, len(vectors), CHUNK):
        part = slice(begin, begin + CHUNK)
        queries = torch.from_numpy(np.ascontiguousarray(vectors[part], np.float32))
        apart = torch.cdist(queries, known)
        if groups is not None:
            apart[torch.from_numpy(groups[0][part, None] == groups[1][None])] = torch.inf
        closest = apart.topk(k, dim=1, largest=False)
        # A matrix product cancels: it puts two equal vectors a hundredth apart. So the distances are computed again.
        exact = torch.linalg.vector_norm(queries[:, None] - known[closest.indices], dim=2)
        exact[torch.isinf(closest.values)] = torch.inf
        ordered, order = exact.sort(dim=1, stable=True)
        distances[part], rows[part] = ordered.numpy(), closest.indices.gather(1, order).numpy()
    return Neighbours(distances, rows)


def mean_distance(neighbours: Neighbours) -> NDArray[np.float32]:
    """(M,) neighbour distance: the mean over the neighbours that there are; 0 if there is none."""
    there = np.isfinite(neighbours.distance)
    total = np.where(there, neighbours.distance, 0).sum(axis=1)
    return np.asarray(total / np.maximum(there.sum(axis=1), 1), np.float32)


def clip_distances(
    distance: NDArray[np.float32], floor: float = FLOOR, among: NDArray[np.int64] | slice = slice(None)
) -> NDArray[np.float32]:
    """Neighbour distances within a memory (n,), n at least 1, clipped to their percentiles `floor` and CEILING.

    The percentiles are those of the rows `among`.
    """
    return np.clip(distance, *np.percentile(distance[among], [floor, CEILING])).astype(np.float32)


def relative_to_neighbours(
    value: NDArray[np.float32], neighbours: Neighbours, bank_value: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(M,) `value` divided by the mean `bank_value` (n,) of the neighbours; 1 if there is no neighbour.

    The local outlier factor's idea (Breunig et al., SIGMOD 2000): what is rare and allowed has neighbours that are far
    from each other too, so it does not stand out from them.
    """
    there = np.isfinite(neighbours.distance)
    total = np.where(there, bank_value[neighbours.row], 0).sum(axis=1)
    usual = total / np.maximum(there.sum(axis=1), 1)
    return np.where(there.any(axis=1), value / np.maximum(usual, 1e-6), 1).astype(np.float32)
