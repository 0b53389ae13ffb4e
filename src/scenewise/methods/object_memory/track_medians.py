"""Running medians along the tracks of objects: a single bad detection has no influence on them."""

import warnings

import numpy as np
from numpy.typing import NDArray

from scenewise.objects.object_table import Objects

STILL = 0.005
"""Picture heights a second: objects whose faster parts move less stand still. They get no score: lamps, shadows and
shaken edges are such objects."""
STILL_SECONDS = 0.2
"""Seconds either side over which that is decided."""


class Reach:
    """Frames around a frame that a median is taken over."""

    def __init__(self, seconds: float, fps: float, share: float = 1.0) -> None:
        """`seconds` either side; of those after the frame only a `share`, 0 to 1, to know the median sooner."""
        self.before = round(seconds * fps)
        self.after = int(share * self.before + 1e-6)  # the small addend keeps 10 x (3 / 10) from falling to 2


def track_medians(values: NDArray[np.float32], objects: Objects, reach: Reach) -> NDArray[np.float32]:
    """Medians of `values` (M, c) along each object's track, over the detections within `reach` of each.

    NaN stands for an unknown value; the median is NaN if all values within reach are.
    """
    medians = np.empty_like(values)
    order = np.lexsort((objects.frame, objects.track))
    width = reach.before + reach.after + 1
    for rows in np.split(order, np.flatnonzero(np.diff(objects.track[order])) + 1):
        if len(rows):
            frames = objects.frame[rows]
            line = np.full((int(frames[-1] - frames[0]) + width, values.shape[1]), np.nan, np.float32)
            at = frames - frames[0]
            line[at + reach.before] = values[rows]
            around = np.lib.stride_tricks.sliding_window_view(line, width, axis=0)[at]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # of nothing but NaN
                medians[rows] = np.nanmedian(around, axis=2)
    return medians


def moving(objects: Objects, reach: Reach) -> NDArray[np.bool_]:
    """(M,) which of a video's objects move; `reach` is STILL_SECONDS either side."""
    faster = track_medians(objects.speed[:, 1:2], objects, reach)[:, 0]
    return np.asarray(np.nan_to_num(faster) >= STILL)


def sightings(objects: Objects, reach: Reach, every: int, enough: int) -> NDArray[np.float32]:
    """(M,) 0 to 1: detections of each object's track within `reach`, as a share of `enough`.

    If fewer than twice as many frames within reach are examined, every `every`-th, half of these are enough.
    """
    examined = (reach.before + reach.after) // every + 1
    needed = min(enough, (examined + 1) // 2)
    seen = np.empty(len(objects), np.float32)
    order = np.lexsort((objects.frame, objects.track))
    for rows in np.split(order, np.flatnonzero(np.diff(objects.track[order])) + 1):
        frames = objects.frame[rows]
        stop = np.searchsorted(frames, frames + reach.after, "right")
        seen[rows] = stop - np.searchsorted(frames, frames - reach.before)
    return np.minimum(seen / needed, 1).astype(np.float32)
