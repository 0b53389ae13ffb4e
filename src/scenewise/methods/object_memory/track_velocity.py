"""Velocity of objects by the displacement of their boxes along the track: right once a track is steady, and free."""

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.track_medians import Reach
from scenewise.objects.object_table import Objects

SHARE = 0.5
"""Of the reach of the medians along a track, the share over which its displacement is measured: half a second either
side. A detection's box is wrong by a pixel or two; over a whole second that is little beside a walker's way."""
EDGE = 0.008
"""Share of the picture's width or height from its edge at which a box touches it, and may be cut off."""


def track_velocity(objects: Objects, reach: Reach, fps: float) -> NDArray[np.float32]:
    """(M, 2) velocity right and down of each of a video's `objects`, in picture heights a second.

    It is the way from the track's first to its last detection within SHARE of `reach`, over the time between them. The
    way is that of the box's middle; while a box is cut off by the picture's edge, it is that of the opposite side,
    since the middle of an object that comes in moves half as fast as the object. NaN if there is no other detection.
    """
    velocity = np.full((len(objects), 2), np.nan, np.float32)
    low, high = _sides(objects)
    cut_low, cut_high = cut_off(objects.box)
    before, after = SHARE * reach.before, SHARE * reach.after
    order = np.lexsort((objects.frame, objects.track))
    for rows in np.split(order, np.flatnonzero(np.diff(objects.track[order])) + 1):
        frames = objects.frame[rows]
        first = rows[np.searchsorted(frames, frames - before)]
        last = rows[np.searchsorted(frames, frames + after, "right") - 1]
        apart = objects.frame[last] - objects.frame[first]
        timed = apart > 0
        first, last = first[timed], last[timed]
        way_low, way_high = low[last] - low[first], high[last] - high[first]
        way = np.where(
            cut_low[first] | cut_low[last],
            way_high,
            np.where(cut_high[first] | cut_high[last], way_low, (way_low + way_high) / 2),
        )
        velocity[rows[timed]] = way * (fps / apart[timed])[:, None]
    return velocity


def cut_off(boxes: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the picture's edge may cut boxes (M, 4) off: left and top (M, 2), and right and bottom (M, 2)."""
    return boxes[:, :2] < EDGE, boxes[:, 2:] > 1 - EDGE


def _sides(objects: Objects) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Left and top (M, 2), and right and bottom (M, 2), of the boxes in picture heights."""
    middle = (objects.box[:, :2] + objects.box[:, 2:]) / 2
    unit = objects.centre / np.maximum(middle, 1e-6)
    low, high = objects.box[:, :2] * unit, objects.box[:, 2:] * unit
    return np.asarray(low, np.float32), np.asarray(high, np.float32)
