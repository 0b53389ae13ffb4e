"""A memory of normal vectors: how far a new vector is from them, relative to how far they are from each other."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.appearance import evenly_spread
from scenewise.methods.object_memory.neighbours import (
    FLOOR,
    Neighbours,
    clip_distances,
    mean_distance,
    nearest,
    relative_to_neighbours,
)

WIDE = 3
"""So many times the k nearest are kept to know what the distances were without one fold: a fold rarely holds more."""
SAMPLE = 200
"""Normal vectors that say how normal ones differ in each part."""


@dataclass(frozen=True)
class NeighbourMemory:
    """n normal vectors; an anomaly score is the mean distance to the k nearest, relative to theirs."""

    vectors: NDArray[np.float32]
    """(n, d)."""
    folds: NDArray[np.int32]
    """(n,) fold of footage each is from."""
    k: int
    floor: float = FLOOR
    """Percentile below which neighbour distances within the memory are raised to it."""
    stored: NDArray[np.float32] | None = None
    """(n,) `distance`, if it is known already: to measure it, all vectors are compared with each other."""
    split: int = 0
    """Columns of the first of the two parts that a vector is joined from, for `share`."""

    @cached_property
    def distance(self) -> NDArray[np.float32]:
        """(n,) mean distance of each to its k nearest neighbours of other folds, clipped."""
        return clip_distances(self._mean, self.floor) if self.stored is None else self.stored

    @cached_property
    def _mean(self) -> NDArray[np.float32]:
        return mean_distance(Neighbours(self._wide.distance[:, : self.k], self._wide.row[:, : self.k]))

    @cached_property
    def _wide(self) -> Neighbours:
        return nearest(self.vectors, self.vectors, WIDE * self.k, (self.folds, self.folds))

    def score(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """(M,) anomaly scores, about 1 for ordinary vectors (M, d), and (M,) the row of the nearest neighbour."""
        found = self.neighbours(vectors)
        return self.relative(found), found.row[:, 0]

    def neighbours(self, vectors: NDArray[np.float32]) -> Neighbours:
        """The k nearest of each of `vectors` (M, d)."""
        return nearest(vectors, self.vectors, self.k)

    def relative(self, found: Neighbours) -> NDArray[np.float32]:
        """(M,) the anomaly scores of vectors whose neighbours were `found`."""
        return relative_to_neighbours(mean_distance(found), found, self.distance)

    def share(self, vectors: NDArray[np.float32], found: Neighbours) -> NDArray[np.float32]:
        """(M,) 0 to 1, how much of the scores of `vectors` (M, d) comes from their second part, and the rest from the
        first; `found` are their neighbours.

        It is the second part's share of the squared differences to the neighbours, as far as those are larger than
        usual: normal objects differ too, mostly in appearance, and a runner who looks like everybody would else be
        explained by looks. If no part is larger than usual, it is the share of all.
        """
        differences = np.stack(self._squared(vectors, found), axis=1)
        usual = self.distance[found.row].mean(axis=1) ** 2
        beyond = np.maximum(differences - usual[:, None] * np.array([1 - self._usual_share, self._usual_share]), 0)
        taken = np.where(beyond.any(axis=1)[:, None], beyond, differences)
        total = taken.sum(axis=1)
        return np.asarray(np.divide(taken[:, 1], total, out=np.zeros_like(total), where=total > 0), np.float32)

    @cached_property
    def _usual_share(self) -> float:
        """The second part's share of the squared differences between normal vectors of different folds."""
        rows = evenly_spread(len(self.vectors), SAMPLE)
        found = nearest(self.vectors[rows], self.vectors, self.k, (self.folds[rows], self.folds))
        first, second = self._squared(self.vectors[rows], found)
        return float(np.median(second / np.maximum(first + second, 1e-12)))

    def _squared(
        self, vectors: NDArray[np.float32], found: Neighbours
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(M,) each: the mean squared difference in the first part, and in the second, over the neighbours."""
        there = np.isfinite(found.distance)
        count = np.maximum(there.sum(axis=1), 1)
        apart = vectors[:, None, self.split :] - self.vectors[:, self.split :][found.row]
        second = np.where(there, (apart.astype(np.float64) ** 2).sum(axis=2), 0)
        both = np.where(there, found.distance.astype(np.float64) ** 2, 0)
        return np.maximum(both - second, 0).sum(axis=1) / count, second.sum(axis=1) / count

    def left_out(self, vectors: NDArray[np.float32], folds: NDArray[np.int32]) -> NDArray[np.float32]:
        """(M,) anomaly scores of vectors in `folds` (M,), each by the memory that the other folds alone would give.

        The distances within the memory are those without that fold, too: a vector of the fold shortens the distances of
        those around it, and normal footage would then get higher scores than new footage does.
        """
        found = nearest(vectors, self.vectors, self.k, (folds, self.folds))
        scores = np.empty(len(vectors), np.float32)
        for fold in np.unique(folds):
            rows = np.flatnonzero(folds == fold)
            of_fold = Neighbours(found.distance[rows], found.row[rows])
            scores[rows] = relative_to_neighbours(mean_distance(of_fold), of_fold, self._distance_without(int(fold)))
        return scores

    def _distance_without(self, fold: int) -> NDArray[np.float32]:
        """`distance`, had there been no `fold`; of the fold's own rows it means nothing."""
        others = np.flatnonzero(self.folds != fold)
        distance = self._mean.copy()
        if not len(others):
            return distance
        if len(np.unique(self.folds[others])) >= 2:  # else the only other fold has nothing to be compared with
            rows = self._wide.row[others]
            changed = others[(self.folds[rows[:, : self.k]] == fold).any(axis=1)]
            distance[changed] = self._mean_without(fold, changed, others)
        return clip_distances(distance, self.floor, others)

    def _mean_without(self, fold: int, changed: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float32]:
        """Mean distance of the rows `changed` to their k nearest among `others`, the rows outside `fold`."""
        distance = self._wide.distance[changed]
        left = (self.folds[self._wide.row[changed]] != fold) & np.isfinite(distance)
        used = left & (left.cumsum(axis=1) <= self.k)
        enough = used.sum(axis=1) == self.k
        means = np.where(used, distance, 0).sum(axis=1) / np.maximum(used.sum(axis=1), 1)
        if not enough.all():
            few = changed[~enough]
            apart = (self.folds[few], self.folds[others])
            means[~enough] = mean_distance(nearest(self.vectors[few], self.vectors[others], self.k, apart))
        return np.asarray(means, np.float32)
