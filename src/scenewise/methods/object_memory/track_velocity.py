"""Velocity of objects by the displacement of their boxes along the track: right once a track is steady, and free."""

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.track_medians import Reach
from scenewise.objects.object_table import Objects

SHARE = 0.5
"""Of the reach of the medians along a track, the share over which its displacement is measured: half a second either
side. A detection's box is wrong by a pixel or two; over a whole second that is little beside a walker's way."""


def track_velocity(objects: Objects, reach: Reach, fps: float) -> NDArray[np.float32]:
    """(M, 2) velocity right and down of each of a video's `objects`, in picture heights a second.

    It is the way from the track's first to its last detection within SHARE of `reach`, over the time between them. NaN
    if there is no other detection.
    """
    velocity = np.full((len(objects), 2), np.nan, np.float32)
    before, after = SHARE * reach.before, SHARE * reach.after
    order = np.lexsort((objects.frame, objects.track))
    for rows in np.split(order, np.flatnonzero(np.diff(objects.track[order])) + 1):
        frames = objects.frame[rows]
        first = rows[np.searchsorted(frames, frames - before)]
        last = rows[np.searchsorted(frames, frames + after, "right") - 1]
        apart = objects.frame[last] - objects.frame[first]
        timed = apart > 0
        way = objects.centre[last[timed]] - objects.centre[first[timed]]
        velocity[rows[timed]] = way * (fps / apart[timed])[:, None]
    return velocity
