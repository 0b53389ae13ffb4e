"""Attributes of moving objects that need nothing after their frame: velocity and deep features."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.track_medians import STILL, Reach
from scenewise.methods.object_memory.track_velocity import track_velocity
from scenewise.objects.object_table import Objects

DIRECTIONS = 8
"""Bins of the histogram of velocity over directions, as in AI-VAD."""
SECONDS = 1.0
"""The velocity is that over half of so many seconds before a frame; see track_velocity.py."""


class Attributes(NamedTuple):
    """M moving objects of one video."""

    row: NDArray[np.int64]
    """(M,) which of the video's objects each is."""
    velocity: NDArray[np.float64]
    """(M, DIRECTIONS + 1) speed along the track in the bins of its direction, and the mean speed by optical flow, in
    picture heights a second."""
    appearance: NDArray[np.float16]
    """(M, D')."""

    def select(self, kept: NDArray[np.bool_]) -> "Attributes":
        """Those of `kept` (M,)."""
        return Attributes(self.row[kept], self.velocity[kept], self.appearance[kept])


def reach_of(fps: float) -> Reach:
    """Frames before a frame that its objects' velocity depends on, and none after it."""
    return Reach(SECONDS, fps, 0.0)


def attributes_of(objects: Objects, fps: float) -> Attributes:
    """The attributes of those of a video's `objects` that move."""
    rows = np.flatnonzero(np.nan_to_num(objects.speed[:, 1]) >= STILL)
    along = np.nan_to_num(track_velocity(objects, reach_of(fps), fps))[rows]
    flow = np.nan_to_num(objects.speed[rows, :1])
    return Attributes(rows, np.concatenate([histogram(along), flow], axis=1, dtype=np.float64), objects.features[rows])


def histogram(velocity: NDArray[np.floating]) -> NDArray[np.float64]:
    """(M, DIRECTIONS) the speed of `velocity` (M, 2), shared by the two nearest bins in proportion to its direction."""
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    angle = np.arctan2(velocity[:, 1], velocity[:, 0]) / (2 * np.pi) * DIRECTIONS
    bin_ = np.floor(angle).astype(np.int64)
    share = angle - bin_
    bins = np.zeros((len(velocity), DIRECTIONS))
    line = np.arange(len(velocity))
    bins[line, bin_ % DIRECTIONS] = speed * (1 - share)
    bins[line, (bin_ + 1) % DIRECTIONS] += speed * share
    return bins
