"""How an object of one scene would score in another: by appearance and speed, without place.

Another camera sees the same walker larger or smaller. So the object is imagined there as the normal objects most alike
in appearance are: as tall as they, where they stand. Its speed is then so many body heights a second as it was here.
"""

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.description import Description, Measures
from scenewise.methods.object_memory.expected_speed import ALIKE
from scenewise.methods.object_memory.memory_bank import MemoryBank
from scenewise.methods.object_memory.neighbours import nearest
from scenewise.methods.object_memory.scene_model import SceneModel, mean_term
from scenewise.methods.object_memory.track_velocity import cut_off

FLOWS = 3
"""Columns of the speed by optical flow."""
MOST_TERM = 0.5
"""On a term's scale, the most that each term may be by itself. A mean alone hides a runner among walkers who look like
him: on the development streets 15 of 21 scenes were right by the mean, and 10 of 12 with this rule."""
LARGEST = 6e4
"""Float16 holds no larger numbers."""


def packed(objects: Description) -> NDArray[np.float16]:
    """(M, d + 4) what `scores_in` wants to know of objects: appearance, flow, speed."""
    columns = np.concatenate([objects.appearance, objects.flow, objects.speed[:, None]], axis=1)
    return np.asarray(np.clip(columns, -LARGEST, LARGEST), np.float16)


def scores_in(
    there: SceneModel, here: Measures, described: NDArray[np.float16], boxes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(n,) object scores by the model of another scene, of objects as `packed` (n, d + 4) in the measures of their own.

    Place and direction in another camera's picture mean nothing and do not count. Infinite where nothing sure can be
    said: for objects that the picture's edge may cut off, since their height is unknown, for those seen once only, and
    for those that a single term finds unusual (MOST_TERM), whatever the others say.
    """
    scores = np.full(len(boxes), np.inf, np.float32)
    columns = described.astype(np.float32)
    sure = np.isfinite(columns).all(axis=1) & ~np.concatenate(cut_off(boxes), axis=1).any(axis=1)
    if there.bank is None or not sure.any():
        return scores
    imagined, stand_ins = _imagined(there.bank, here, columns[sure], boxes[sure])
    terms = there.scale.apply(there.bank.score(imagined).terms, stand_ins)
    counted = terms[:, :-1][:, there.weights[:-1] > 0]
    scores[sure] = np.where((counted < MOST_TERM).all(axis=1), mean_term(terms, there.weights), np.inf)
    return scores


def _imagined(
    bank: MemoryBank, here: Measures, columns: NDArray[np.float32], boxes: NDArray[np.float32]
) -> tuple[Description, NDArray[np.float32]]:
    """The objects described in the measures of `bank`, and (n, 4) the boxes there of those most alike."""
    measures = bank.measures
    appearance = columns[:, : -FLOWS - 1] * np.float32(here.appearance / measures.appearance)
    alike = nearest(appearance, bank.known.appearance, ALIKE).row
    there = bank.box[alike]
    bottom = np.median(there[:, :, 3], axis=1)
    taller = np.median(there[:, :, 3] - there[:, :, 1], axis=1) / np.maximum(boxes[:, 3] - boxes[:, 1], 1e-6)
    flow = here.flow.speed_of(columns[:, -FLOWS - 1 : -1], boxes[:, 3]) * taller[:, None]
    speed = here.speed.speed_of(columns[:, -1:], boxes[:, 3]) * taller[:, None]
    nowhere = np.zeros((len(boxes), 2), np.float32)
    described = Description(
        appearance,
        measures.flow.normalise(flow, bottom),
        measures.speed.normalise(speed, bottom)[:, 0],
        nowhere,
        nowhere,
    )
    return described, there[:, 0]
