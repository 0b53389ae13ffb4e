"""Speed given appearance: how far an object's speed lies from that of the normal objects most alike in appearance.

A joint distance weighs speed against appearance. This one asks for speed alone, and answers in units of how much the
speed of such objects varies.
"""

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.description import Description
from scenewise.methods.object_memory.neighbours import nearest

ALIKE = 30
"""Normal objects that an object is compared with."""
LEAST_SPREAD = 0.05
"""Normalised speed; the least spread, since neighbours that are detections of one walker hardly vary."""
TO_DEVIATION = 1.4826
"""Median absolute deviations in a standard deviation of the normal distribution."""


def expected_speed_deviation(
    known: Description, objects: Description, groups: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None
) -> NDArray[np.float32]:
    """(M,) deviations of the speed of `objects` from the median of the `known` ones most alike; 0 if unknown.

    `groups` are numbers (M,) and (n,): known objects of an object's group are not compared with it.
    """
    timed = np.isfinite(known.speed)
    if not timed.any():
        return np.zeros(len(objects.speed), np.float32)
    if groups is not None:
        groups = groups[0], groups[1][timed]
    found = nearest(objects.appearance, known.appearance[timed], ALIKE, groups)
    there = np.isfinite(found.distance)
    speeds = np.where(there, known.speed[timed][found.row], np.nan)
    speeds[~there.any(axis=1)] = 0  # nothing to compare with, and no warning about it
    middle = np.nanmedian(speeds, axis=1)
    spread = TO_DEVIATION * np.nanmedian(np.abs(speeds - middle[:, None]), axis=1)
    deviation = np.abs(objects.speed - middle) / np.maximum(spread, LEAST_SPREAD)
    return np.asarray(np.where(there.any(axis=1), np.nan_to_num(deviation), 0), np.float32)
