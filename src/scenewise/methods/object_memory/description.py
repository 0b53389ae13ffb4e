"""What is compared of moving objects: appearance, speed by optical flow, speed along the track, place and direction."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.speed import SpeedScale
from scenewise.methods.object_memory.track_medians import Reach, track_medians
from scenewise.methods.object_memory.track_velocity import track_velocity
from scenewise.objects.object_table import Objects

TRACK_SECONDS = 1.0
"""Seconds either side over which an object's flow speed and scores are the median along its track."""


class Measures(NamedTuple):
    """The units that a scene's objects are measured in."""

    appearance: float
    """Median distance from a normal object's appearance to the nearest of another fold."""
    flow: SpeedScale
    """Typical mean speed by optical flow."""
    speed: SpeedScale
    """Typical speed along the track."""


class Description(NamedTuple):
    """M objects of one scene, in its measures."""

    appearance: NDArray[np.float32]
    """(M, d)."""
    flow: NDArray[np.float32]
    """(M, 3) normalised speed by optical flow, the median along the track; 0 if unknown."""
    speed: NDArray[np.float32]
    """(M,) normalised speed along the track; NaN if the object was seen once only."""
    place: NDArray[np.float32]
    """(M, 2) where it stands: middle of the lower edge, in picture heights right and down."""
    direction: NDArray[np.float32]
    """(M, 2) unit vector right and down; shorter for slow objects, 0 if unknown."""


def describe(
    objects: Objects,
    appearance: NDArray[np.float32],
    measures: Measures,
    reach: Reach,
    fps: float,
    rows: NDArray[np.int64] | slice = slice(None),
) -> Description:
    """The description of those in `rows` of one video's moving `objects`, with `appearance` (M, d) of these.

    `reach` is TRACK_SECONDS either side, or less far ahead; `objects` are all within it.
    """
    bottom = objects.box[:, 3]
    velocity = track_velocity(objects, reach, fps)
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    least = np.maximum(speed, measures.speed.typical(bottom))
    return Description(
        np.asarray(appearance / measures.appearance, np.float32),
        np.nan_to_num(track_medians(measures.flow.normalise(objects.speed, bottom), objects, reach))[rows],
        measures.speed.normalise(speed[:, None], bottom)[rows, 0],
        np.stack([objects.centre[:, 0], bottom], axis=1)[rows],
        np.asarray(np.nan_to_num(velocity / least[:, None])[rows], np.float32),
    )
