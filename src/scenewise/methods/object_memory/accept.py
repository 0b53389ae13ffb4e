"""Adds an observation to a memory bank: it becomes normal at once, and what was normal stays as it is.

The objects are described in the bank's own measures, and become rows at its end, a fold of their own. Their neighbour
distances are those to the bank as it was, clipped as the bank's are: so leave-one-group-out would have measured a rare
object that is allowed. A score looks at the k nearest neighbours, and a short event has fewer sightings than that. So
each track is repeated until it has k rows: training learns what is common, and this is told.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.methods.accepting import Observation
from scenewise.methods.object_memory.appearance import evenly_spread
from scenewise.methods.object_memory.description import TRACK_SECONDS, Description, describe
from scenewise.methods.object_memory.expected_speed import ALIKE
from scenewise.methods.object_memory.frame_residual import NEIGHBOURS, FrameResidual, split_off
from scenewise.methods.object_memory.memory_bank import FLOW, PLACE, SPEED, MemoryBank, joint_vectors
from scenewise.methods.object_memory.neighbours import mean_distance, nearest
from scenewise.methods.object_memory.tensors import State
from scenewise.methods.object_memory.track_medians import STILL_SECONDS, Reach, moving
from scenewise.objects.object_table import Objects

MOST = 400
"""Sightings of an observation, evenly along its tracks, and frames, evenly spread, that are added at most."""
ROWS_A_TRACK = max(FLOW.neighbours, SPEED.neighbours, PLACE.neighbours, ALIKE)
"""Rows that every track has at least: as many as a score looks at."""


def with_observation(state: State, part: str, observed: Observation, video: int) -> tuple[State, int, int]:
    """The state with `observed` in the model of `part`, and how many sightings of objects and frames that added.

    `video` is the observation's number among the videos of the part. Raises DataError if there is nothing to add.
    """
    model, sightings, frames = state.models[part], 0, 0
    found = moving_in(observed)
    if found is not None and len(found[1]):
        if model.bank is None:
            raise DataError(
                f"{part}: its normal footage shows too few moving objects for a memory; add the footage to its "
                "training videos and train again"
            )
        sightings = len(found[1])
        bank = _with_objects(model.bank, *found, state.appearance.embed(found[0].features), observed, video)
        model = model._replace(bank=bank)
    rows = _accepted_frames(observed)
    if model.residual is not None and len(rows):
        frames = len(rows)
        model = model._replace(residual=_with_frames(model.residual, observed.features[rows]))
    if not sightings and not frames:
        raise DataError("nothing moves in that stretch, so there is nothing to add to the memory of objects")
    return state._replace(models=state.models | {part: model}), sightings, frames


def moving_in(observed: Observation) -> tuple[Objects, NDArray[np.int64]] | None:
    """The moving objects of an observation, and which of them, (m,) evenly along their tracks, are to be added."""
    if observed.objects is None:
        return None
    found = observed.objects.select(moving(observed.objects, Reach(STILL_SECONDS, observed.fps)))
    first, last = observed.accepted
    inside = np.flatnonzero((found.frame >= first) & (found.frame <= last))
    along = inside[np.lexsort((found.frame[inside], found.track[inside]))]
    return found, np.sort(along[evenly_spread(len(along), MOST)])


def _with_objects(
    bank: MemoryBank,
    objects: Objects,
    rows: NDArray[np.int64],
    appearance: NDArray[np.float32],
    observed: Observation,
    video: int,
) -> MemoryBank:
    """The bank with the `rows` of `objects`, of `appearance` (M, d), at its end."""
    reach = Reach(TRACK_SECONDS, observed.fps)
    known = describe(objects, appearance, bank.measures, reach, observed.fps)
    rows = repeated(rows, objects.track[rows])
    added = Description(*(column[rows] for column in known))
    distances = [
        np.clip(mean_distance(nearest(vectors, memory.vectors, memory.k)), memory.distance.min(), memory.distance.max())
        for memory, vectors in zip(bank.memories, joint_vectors(added), strict=True)
    ]
    there = np.stack([memory.distance for memory in bank.memories], axis=1)
    return replace(
        bank,
        known=Description(*(np.concatenate(pair) for pair in zip(bank.known, added, strict=True))),
        folds=np.append(bank.folds, np.full(len(rows), bank.folds.max() + 1, np.int32)),
        video=np.append(bank.video, np.full(len(rows), video, np.int32)),
        frame=np.append(bank.frame, objects.frame[rows].astype(np.int32)),
        box=np.concatenate([bank.box, objects.box[rows]]),
        neighbour_distance=np.concatenate([there, np.stack(distances, axis=1)]).astype(np.float32),
    )


def repeated(rows: NDArray[np.int64], tracks: NDArray[np.int32]) -> NDArray[np.int64]:
    """`rows` (m,), those of each of `tracks` (m,) as often as it needs to have ROWS_A_TRACK."""
    _, track_of, sightings = np.unique(tracks, return_inverse=True, return_counts=True)
    return np.asarray(np.repeat(rows, -(-ROWS_A_TRACK // sightings)[track_of]), np.int64)


def _accepted_frames(observed: Observation) -> NDArray[np.int64]:
    """Rows of its features, at most MOST."""
    first, last = (frame - observed.first for frame in observed.accepted)
    rows = np.arange(max(first, 0), min(last + 1, len(observed.features)))
    return rows[evenly_spread(len(rows), MOST)]


def _with_frames(residual: FrameResidual, features: NDArray[np.floating]) -> FrameResidual:
    """The normal frames with those of `features` (n, D), whose own residual, however high, is what is usual there."""
    left, projected = split_off(features, residual.mean, residual.components)
    times = -(-NEIGHBOURS // len(features))
    return residual._replace(
        bank=np.concatenate([residual.bank, np.repeat(projected, times, axis=0)]),
        folds=np.append(residual.folds, np.full(times * len(features), residual.folds.max() + 1, np.int32)),
        residual=np.append(residual.residual, np.repeat(np.maximum(left, residual.residual.min()), times)),
    )
