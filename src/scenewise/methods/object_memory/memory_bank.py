"""The memory bank of one scene: appearance and speed of its normal objects.

Appearance and speed are one vector, so that it counts whether an object of this appearance ever moved at this speed.
An object's anomaly score is its mean distance to its k nearest neighbours in the bank, relative to how far those are
from their own neighbours.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.appearance import evenly_spread
from scenewise.methods.object_memory.neighbours import (
    Neighbours,
    clip_distances,
    mean_distance,
    nearest,
    relative_to_neighbours,
)
from scenewise.methods.object_memory.speed import SpeedScale, fit_speed_scale
from scenewise.methods.object_memory.track_medians import STILL_SECONDS, Reach, moving, track_medians
from scenewise.objects.object_table import Objects

NEIGHBOURS = 40
"""k."""
LARGEST = 20_000
"""Objects that a bank holds at most: comparing 10 objects with so many takes about a millisecond."""
TRACK_SECONDS = 1.0
"""Seconds either side over which an object's speed and score are the median along its track."""
SPEED_WEIGHT = 0.95
"""Weight of the normalised speed beside the appearance, which is measured in `appearance_scale`."""


class MemoryBank(NamedTuple):
    """n normal objects of one scene, or of all scenes."""

    vectors: NDArray[np.float32]
    """(n, d + 3) appearance and normalised speed."""
    folds: NDArray[np.int32]
    """(n,) fold of footage each is from."""
    neighbour_distance: NDArray[np.float32]
    """(n,) mean distance to the k nearest neighbours of other folds, clipped."""
    video: NDArray[np.int32]
    """(n,) which of the training videos each is from."""
    frame: NDArray[np.int32]
    """(n,)"""
    box: NDArray[np.float32]
    """(n, 4) shares of the picture's width and height."""
    appearance_scale: float
    """Median distance from an object's appearance to the nearest of another fold."""
    speed_scale: SpeedScale

    def vectors_of(self, appearance: NDArray[np.float32], speed: NDArray[np.float32]) -> NDArray[np.float32]:
        """(M, d + 3) of objects with `appearance` (M, d) and median normalised `speed` (M, 3), as the bank's are."""
        return np.concatenate([appearance / self.appearance_scale, SPEED_WEIGHT * np.nan_to_num(speed)], axis=1)

    def normalised_speed(self, objects: Objects, reach: Reach) -> NDArray[np.float32]:
        """(M, 3) normalised speed of `objects`, the median along their tracks within `reach`; NaN if unknown."""
        return track_medians(self.speed_scale.normalise(objects.speed, objects.box[:, 3]), objects, reach)

    def score(self, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """(M,) anomaly scores, about 1 for ordinary objects, and (M,) the row of the nearest normal example."""
        if not len(vectors):
            return np.empty(0, np.float32), np.empty(0, np.int64)
        found = nearest(vectors, self.vectors, NEIGHBOURS)
        return relative_to_neighbours(mean_distance(found), found, self.neighbour_distance), found.row[:, 0]

    def leave_one_group_out(self, vectors: NDArray[np.float32], folds: NDArray[np.int32]) -> NDArray[np.float32]:
        """(M,) anomaly scores of objects in `folds` (M,), by the bank that the other folds alone would give.

        The neighbour distances within the bank are computed without that fold, too: an object of the fold shortens the
        distances of those around it, and normal footage would then get higher scores than new footage does.
        """
        scores = np.empty(len(vectors), np.float32)
        found = nearest(self.vectors, self.vectors, NEIGHBOURS, (self.folds, self.folds))
        for fold in np.unique(folds):
            others = np.flatnonzero(self.folds != fold)
            without = nearest(vectors[folds == fold], self.vectors[others], NEIGHBOURS)
            distances = self._distances_without(fold, others, found)
            scores[folds == fold] = relative_to_neighbours(mean_distance(without), without, distances)
        return scores

    def _distances_without(self, fold: int, others: NDArray[np.int64], found: Neighbours) -> NDArray[np.float32]:
        """`neighbour_distance` of the rows `others`, had there been no `fold`; `found` are the neighbours of all."""
        if len(np.unique(self.folds[others])) < 2:  # the only other fold has nothing to be compared with
            return self.neighbour_distance[others]
        distance = mean_distance(found)
        changed = others[(self.folds[found.row[others]] == fold).any(axis=1)]
        apart = (self.folds[changed], self.folds[others])
        distance[changed] = mean_distance(nearest(self.vectors[changed], self.vectors[others], NEIGHBOURS, apart))
        return clip_distances(distance[others])


class NormalObjects(NamedTuple):
    """The normal objects of one video."""

    objects: Objects
    appearance: NDArray[np.float32]
    """(M, d)."""
    folds: NDArray[np.int32]
    """(M,) fold of footage each is from; a track lies in one."""
    fps: float

    def select(self, rows: NDArray[np.bool_]) -> "NormalObjects":
        """Those of `rows`."""
        return NormalObjects(self.objects.select(rows), self.appearance[rows], self.folds[rows], self.fps)

    def moving(self) -> NDArray[np.bool_]:
        """(M,) which of them move."""
        return moving(self.objects, Reach(STILL_SECONDS, self.fps))

    def vectors(self, bank: MemoryBank) -> NDArray[np.float32]:
        """(M, d + 3) as the `bank` holds them."""
        speed = bank.normalised_speed(self.objects, Reach(TRACK_SECONDS, self.fps))
        return bank.vectors_of(self.appearance, speed)


def fit_memory_bank(videos: Sequence[NormalObjects]) -> MemoryBank | None:
    """The memory bank of a scene's moving objects.

    None if fewer than two folds have any, or the speed of none is known.
    """
    videos = [video.select(video.moving()) for video in videos]
    folds = np.concatenate([video.folds for video in videos])
    rows = _thinned(videos)
    if len(np.unique(folds[rows])) < 2:
        return None
    appearance = np.concatenate([video.appearance for video in videos])
    speed = np.concatenate([video.objects.speed[:, 0] for video in videos])
    bottom = np.concatenate([video.objects.box[:, 3] for video in videos])
    timed = np.isfinite(speed)
    if not timed[rows].any():
        return None
    apart = nearest(appearance[rows], appearance[rows], 1, (folds[rows], folds[rows])).distance[:, 0]
    bank = MemoryBank(
        vectors=appearance[:0],
        folds=folds[rows],
        neighbour_distance=appearance[:0, 0],
        video=np.concatenate([np.full(len(video.objects), number, np.int32) for number, video in enumerate(videos)])[
            rows
        ],
        frame=np.concatenate([video.objects.frame for video in videos])[rows].astype(np.int32),
        box=np.concatenate([video.objects.box for video in videos])[rows],
        appearance_scale=max(float(np.median(apart)), 1e-6),
        speed_scale=fit_speed_scale(speed[timed], bottom[timed]),
    )
    vectors = np.concatenate([video.vectors(bank) for video in videos])[rows]
    found = nearest(vectors, vectors, NEIGHBOURS, (bank.folds, bank.folds))
    return bank._replace(vectors=vectors, neighbour_distance=clip_distances(mean_distance(found)))


def _thinned(videos: Sequence[NormalObjects]) -> NDArray[np.int64]:
    """Rows, over all videos, of at most LARGEST objects: evenly along tracks, so that each keeps its share."""
    order, begin = [], 0
    for video in videos:
        order.append(begin + np.lexsort((video.objects.frame, video.objects.track)))
        begin += len(video.objects)
    return np.sort(np.concatenate(order)[evenly_spread(begin, LARGEST)])
