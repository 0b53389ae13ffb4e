"""The memory bank: the normal moving objects of one scene, and how far new objects are from them in each of four terms.

flow        neighbour distance by appearance and speed by optical flow, as one vector: it counts whether an object
            of this appearance ever moved at this speed
speed       the same with the speed along the track
expected    speed along the track, against that of the objects most alike in appearance
place       neighbour distance by place and direction
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.appearance import evenly_spread
from scenewise.methods.object_memory.description import TRACK_SECONDS, Description, Measures, describe
from scenewise.methods.object_memory.expected_speed import expected_speed_deviation
from scenewise.methods.object_memory.neighbour_memory import NeighbourMemory
from scenewise.methods.object_memory.neighbours import FLOOR, nearest
from scenewise.methods.object_memory.speed import fit_speed_scale
from scenewise.methods.object_memory.track_medians import STILL_SECONDS, Reach, moving
from scenewise.methods.object_memory.track_velocity import track_velocity
from scenewise.methods.scores import NormalExamples, NormalMemory
from scenewise.objects.object_table import Objects

LARGEST = 20_000
"""Objects that a bank holds at most: comparing 10 objects with so many takes about a millisecond."""
TERMS = ("flow", "speed", "expected", "place")
JOINT = ("flow", "speed", "place")
"""The terms that are a distance over two parts: appearance and speed, or place and direction."""


class JointMemory(NamedTuple):
    """The constants of one term that is a neighbour distance."""

    weight: float
    """Of what stands beside the appearance, or of the place beside the direction."""
    neighbours: int
    floor: float
    """Percentile below which distances within the memory are raised to it."""


FLOW = JointMemory(0.95, 40, FLOOR)
SPEED = JointMemory(1.5, 40, FLOOR)
PLACE = JointMemory(6.0, 10, 50.0)


class BankScores(NamedTuple):
    """M objects as a memory bank scores them."""

    terms: NDArray[np.float32]
    """(M, 4) raw scores, a column a term."""
    nearest: NDArray[np.int64]
    """(M,) row of the nearest normal example."""
    shares: NDArray[np.float32]
    """(M, 3) 0 to 1, how much of each of the JOINT terms is due to its second part: speed, speed, direction."""


@dataclass(frozen=True)
class MemoryBank:
    """n normal objects of one scene, or of all scenes."""

    measures: Measures
    known: Description
    """What is known of each."""
    folds: NDArray[np.int32]
    """(n,) fold of footage each is from."""
    video: NDArray[np.int32]
    """(n,) which of the training videos each is from."""
    frame: NDArray[np.int32]
    """(n,)"""
    box: NDArray[np.float32]
    """(n, 4) shares of the picture's width and height."""
    neighbour_distance: NDArray[np.float32] | None = None
    """(n, 3) of the memories of flow, speed and place, as a run holds them; None to measure them."""

    def __len__(self) -> int:
        return len(self.folds)

    @cached_property
    def memories(self) -> tuple[NeighbourMemory, NeighbourMemory, NeighbourMemory]:
        """Those of the terms flow, speed and place."""
        known = [None] * 3 if self.neighbour_distance is None else list(self.neighbour_distance.T)
        flow, speed, place = (
            NeighbourMemory(vectors, self.folds, constants.neighbours, constants.floor, stored, split)
            for vectors, constants, stored, split in zip(
                joint_vectors(self.known), (FLOW, SPEED, PLACE), known, self._splits, strict=True
            )
        )
        return flow, speed, place

    def memory(self, videos: Sequence[tuple[str, str]]) -> NormalMemory:
        """Its objects as others may show them; `videos`: title and source of the training videos."""
        return NormalMemory(NormalExamples(videos, self.video, self.frame, self.box), self.known.appearance)

    @property
    def _splits(self) -> tuple[int, int, int]:
        """Where the second part of the vectors of each memory begins."""
        width = self.known.appearance.shape[1]
        return width, width, self.known.place.shape[1]

    def score(self, objects: Description) -> BankScores:
        """`objects`, scored by each term."""
        if not len(objects.speed):
            nothing = np.empty((0, len(TERMS)), np.float32)
            return BankScores(nothing, np.empty(0, np.int64), nothing[:, : len(JOINT)])
        joint, shares, rows = [], [], []
        for memory, vectors in zip(self.memories, joint_vectors(objects), strict=True):
            found = memory.neighbours(vectors)
            joint.append(memory.relative(found))
            shares.append(memory.share(vectors, found))
            rows.append(found.row[:, 0])
        flow, speed, place = joint
        terms = np.stack([flow, speed, expected_speed_deviation(self.known, objects), place], axis=1)
        return BankScores(terms, rows[0], np.stack(shares, axis=1))

    def left_out(self, objects: Description, folds: NDArray[np.int32]) -> NDArray[np.float32]:
        """(M, 4) raw scores of normal `objects` in `folds` (M,), by the bank that the other folds alone would give."""
        flow, speed, place = (
            memory.left_out(vectors, folds)
            for memory, vectors in zip(self.memories, joint_vectors(objects), strict=True)
        )
        expected = expected_speed_deviation(self.known, objects, (folds, self.folds))
        return np.stack([flow, speed, expected, place], axis=1)


def joint_vectors(objects: Description) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The vectors of `objects` in the memories of flow, speed and place."""
    speed = np.nan_to_num(objects.speed)[:, None]
    return (
        np.concatenate([objects.appearance, FLOW.weight * objects.flow], axis=1, dtype=np.float32),
        np.concatenate([objects.appearance, SPEED.weight * speed], axis=1, dtype=np.float32),
        np.concatenate([PLACE.weight * objects.place, objects.direction], axis=1, dtype=np.float32),
    )


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

    def described(self, measures: Measures) -> Description:
        """Their description, as a bank with these `measures` holds it."""
        return describe(self.objects, self.appearance, measures, Reach(TRACK_SECONDS, self.fps), self.fps)


def fit_memory_bank(videos: Sequence[NormalObjects]) -> MemoryBank | None:
    """The memory bank of a scene's moving objects.

    None if fewer than two folds have any, or the speed by flow of none is known.
    """
    videos = [video.select(video.moving()) for video in videos]
    folds = np.concatenate([video.folds for video in videos])
    rows = _thinned(videos)
    if len(np.unique(folds[rows])) < 2:
        return None
    measures = _measures(videos, rows, folds)
    if measures is None:
        return None
    described = [video.described(measures) for video in videos]
    numbers = [np.full(len(video.folds), number, np.int32) for number, video in enumerate(videos)]
    return MemoryBank(
        measures,
        Description(*(np.concatenate(column)[rows] for column in zip(*described, strict=True))),
        folds[rows],
        np.concatenate(numbers)[rows],
        np.concatenate([video.objects.frame for video in videos])[rows].astype(np.int32),
        np.concatenate([video.objects.box for video in videos])[rows],
    )


def _measures(videos: Sequence[NormalObjects], rows: NDArray[np.int64], folds: NDArray[np.int32]) -> Measures | None:
    """The measures of the objects of all `videos`; those of appearance from `rows` alone. None if no flow is known.

    If no object was seen twice within a second, as at a frame a second, flow gives the measure of track speeds too.
    """
    bottom = np.concatenate([video.objects.box[:, 3] for video in videos])
    flow = np.concatenate([video.objects.speed[:, 0] for video in videos])
    velocity = [track_velocity(video.objects, Reach(TRACK_SECONDS, video.fps), video.fps) for video in videos]
    speed = np.hypot(*np.concatenate(velocity).T)
    timed, tracked = np.isfinite(flow), np.isfinite(speed)
    if not timed[rows].any():
        return None
    by_flow = fit_speed_scale(flow[timed], bottom[timed])
    appearance = np.concatenate([video.appearance for video in videos])[rows]
    apart = nearest(appearance, appearance, 1, (folds[rows], folds[rows])).distance[:, 0]
    return Measures(
        max(float(np.median(apart)), 1e-6),
        by_flow,
        fit_speed_scale(speed[tracked], bottom[tracked]) if tracked.any() else by_flow,
    )


def _thinned(videos: Sequence[NormalObjects]) -> NDArray[np.int64]:
    """Rows, over all videos, of at most LARGEST objects: evenly along tracks, so that each keeps its share."""
    order, begin = [], 0
    for video in videos:
        order.append(begin + np.lexsort((video.objects.frame, video.objects.track)))
        begin += len(video.objects)
    return np.sort(np.concatenate(order)[evenly_spread(begin, LARGEST)])
