"""Adds an observation to a memory bank: it becomes normal at once, and what was normal stays as it is.

What is unusual in it is added, for the rest is known. Its objects are described in the bank's own measures and become
rows at its end, a fold of their own. A score looks at the k nearest neighbours, and a short event has fewer sightings
than that, so each track is repeated until it has k rows: training learns what is common, and this is told. Their
neighbour distances are those to each other, mostly the least that the bank has. So only what is about as near to them
as they are to each other is ordinary by them: papers that are fine do not excuse whatever else nobody has seen.

    frame residual: the directions in which the frames leave the components become components too, so that frames are
    ordinary that are unusual in the same way, and no others
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.methods.accepting import Observation
from scenewise.methods.object_memory.appearance import evenly_spread
from scenewise.methods.object_memory.description import TRACK_SECONDS, Description, describe
from scenewise.methods.object_memory.expected_speed import ALIKE
from scenewise.methods.object_memory.frame_residual import NEIGHBOURS, FrameResidual, split_off
from scenewise.methods.object_memory.memory_bank import FLOW, PLACE, SPEED, MemoryBank, joint_vectors
from scenewise.methods.object_memory.neighbour_memory import NeighbourMemory
from scenewise.methods.object_memory.neighbours import mean_distance, nearest
from scenewise.methods.object_memory.tensors import State
from scenewise.methods.object_memory.track_medians import STILL_SECONDS, Reach, moving
from scenewise.methods.scores import ScoredObjects
from scenewise.objects.object_table import Objects

MOST = 400
"""Sightings of an observation, evenly along its tracks, and frames, evenly spread, that are added at most."""
ROWS_A_TRACK = max(FLOW.neighbours, SPEED.neighbours, PLACE.neighbours, ALIKE)
"""Rows that every track has at least: as many as a score looks at."""
DIRECTIONS = 8
"""Components that the frames of one observation add at most."""


class Added(NamedTuple):
    """A state with an observation in it."""

    state: State
    objects: int
    """Sightings of objects that were added."""
    frames: int


def with_observation(
    state: State, part: str, observed: Observation, video: int, scored: Sequence[ScoredObjects]
) -> Added:
    """The state with `observed` in the model of `part`.

    `scored` are the observation's objects by the state as it is, their frames counted from its first one; `video` is
    its number among the videos of the part. Raises DataError if there is nothing to add.
    """
    model, sightings, frames = state.models[part], 0, 0
    found = unusual_in(observed, scored)
    if found is not None and len(found[1]):
        if model.bank is None:
            raise DataError(
                f"{part}: its normal footage shows too few moving objects for a memory; add the footage to its "
                "training videos and train again"
            )
        sightings = len(found[1])
        appearance = state.appearance.embed(found[0].features)
        model = model._replace(bank=_with_objects(model.bank, *found, appearance, observed.fps, video))
    rows = _accepted_frames(observed)
    if model.residual is not None and len(rows):
        frames = len(rows)
        model = model._replace(residual=with_frames(model.residual, observed.features[rows]))
    if not sightings and not frames:
        raise DataError("nothing moves in that stretch, so there is nothing to add to the memory of objects")
    return Added(state._replace(models=state.models | {part: model}), sightings, frames)


def unusual_in(observed: Observation, scored: Sequence[ScoredObjects]) -> tuple[Objects, NDArray[np.int64]] | None:
    """The moving objects of an observation, and which of them, (m,) evenly along their tracks, are to be added."""
    if observed.objects is None:
        return None
    found = observed.objects.select(moving(observed.objects, Reach(STILL_SECONDS, observed.fps)))
    first, last = observed.accepted
    highest: dict[int, float] = {}
    for objects in scored:
        inside = (objects.frame + observed.first >= first) & (objects.frame + observed.first <= last)
        for track, score in zip(objects.track[inside].tolist(), objects.score[inside].tolist(), strict=True):
            highest[track] = max(score, highest.get(track, -np.inf))
    moved = set(found.track[(found.frame >= first) & (found.frame <= last)].tolist())
    unusual = [track for track in moved if highest.get(track, -np.inf) > observed.least]
    taken = unusual or sorted(moved, key=lambda track: -highest.get(track, -np.inf))[:1]
    rows = np.flatnonzero((found.frame >= first) & (found.frame <= last) & np.isin(found.track, taken))
    along = rows[np.lexsort((found.frame[rows], found.track[rows]))]
    return found, np.sort(along[evenly_spread(len(along), MOST)])


def _with_objects(
    bank: MemoryBank,
    objects: Objects,
    rows: NDArray[np.int64],
    appearance: NDArray[np.float32],
    fps: float,
    video: int,
) -> MemoryBank:
    """The bank with the `rows` of `objects`, of `appearance` (M, d), at its end."""
    known = describe(objects, appearance, bank.measures, Reach(TRACK_SECONDS, fps), fps)
    rows = repeated(rows, objects.track[rows])
    added = Description(*(column[rows] for column in known))
    distances = [
        np.append(memory.distance, _within(vectors, memory))
        for memory, vectors in zip(bank.memories, joint_vectors(added), strict=True)
    ]
    return replace(
        bank,
        known=Description(*(np.concatenate(pair) for pair in zip(bank.known, added, strict=True))),
        folds=np.append(bank.folds, np.full(len(rows), bank.folds.max() + 1, np.int32)),
        video=np.append(bank.video, np.full(len(rows), video, np.int32)),
        frame=np.append(bank.frame, objects.frame[rows].astype(np.int32)),
        box=np.concatenate([bank.box, objects.box[rows]]),
        neighbour_distance=np.stack(distances, axis=1).astype(np.float32),
    )


def _within(vectors: NDArray[np.float32], memory: NeighbourMemory) -> NDArray[np.float32]:
    """(n,) neighbour distances of new `vectors` (n, d) among themselves, clipped as those of the memory are."""
    own = mean_distance(nearest(vectors, vectors, memory.k))
    return np.clip(own, memory.distance.min(), memory.distance.max())


def repeated(rows: NDArray[np.int64], tracks: NDArray[np.int32]) -> NDArray[np.int64]:
    """`rows` (m,), those of each of `tracks` (m,) as often as it needs to have ROWS_A_TRACK."""
    _, track_of, sightings = np.unique(tracks, return_inverse=True, return_counts=True)
    return np.asarray(np.repeat(rows, -(-ROWS_A_TRACK // sightings)[track_of]), np.int64)


def _accepted_frames(observed: Observation) -> NDArray[np.int64]:
    """Rows of its features, at most MOST."""
    first, last = (frame - observed.first for frame in observed.accepted)
    rows = np.arange(max(first, 0), min(last + 1, len(observed.features)))
    return rows[evenly_spread(len(rows), MOST)]


def with_frames(residual: FrameResidual, features: NDArray[np.floating]) -> FrameResidual:
    """The residual of a scene in which the frames of `features` (n, D), n at least 1, are normal.

    As many directions of their residuals become components as it takes to bring these to the median of normal frames.
    """
    centred = features.astype(np.float32) - residual.mean
    left = centred - centred @ residual.components @ residual.components.T
    _, _, directions = np.linalg.svd(left, full_matrices=False)
    usual, components, count = np.median(residual.residual), residual.components, 0
    for count in range(min(DIRECTIONS, len(directions)) + 1):
        components = np.concatenate([residual.components, directions[:count].T], axis=1).astype(np.float32)
        if np.median(split_off(features, residual.mean, components)[0]) <= usual:
            break
    lengths, projected = split_off(features, residual.mean, components)
    known = np.pad(residual.bank, ((0, 0), (0, count)))  # normal frames hardly leave their components
    times = -(-NEIGHBOURS // len(features))
    lengths = np.clip(lengths, residual.residual.min(), residual.residual.max())
    return residual._replace(
        components=np.ascontiguousarray(components),
        bank=np.concatenate([known, np.repeat(projected, times, axis=0)]),
        folds=np.append(residual.folds, np.full(times * len(features), residual.folds.max() + 1, np.int32)),
        residual=np.append(residual.residual, np.repeat(lengths, times)),
    )
