"""Tracks: which object is the same one from picture to picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

LEAST_OVERLAP = 0.25
"""Intersection over union with its expected box from which an object continues a track."""
PATIENCE = 0.6
"""Seconds that a track waits for its object to be detected again, if objects are detected often enough."""
INERTIA = 0.5
"""Share of a track's velocity that is kept at the next step."""

Boxes = NDArray[np.float32]
"""(M, 4) left, top, right, bottom."""


@dataclass
class _Track:
    number: int
    time: float
    box: NDArray[np.float64]
    velocity: NDArray[np.float64]


class Tracker:
    """Links boxes by where their tracks are expected, best overlaps first overall (Bewley et al., SORT, ICIP 2016).

    Velocity is taken as constant; there is no Kalman filter, since regions merge, split and jump more than noise would.
    """

    def __init__(self, interval: float = 0.0) -> None:
        """Boxes come every `interval` seconds: if that is longer than PATIENCE, a track waits for the next ones."""
        self.patience = max(PATIENCE, 1.5 * interval)
        self.live: list[_Track] = []
        self.begun = 0

    def link(self, boxes: Boxes, time: float) -> NDArray[np.int32]:
        """Track numbers (M,) of the `boxes` (M, 4) detected at `time`, in seconds, later than the ones before."""
        self.live = [track for track in self.live if time - track.time <= self.patience]
        expected = np.array([track.box + np.tile(track.velocity, 2) * (time - track.time) for track in self.live])
        known: dict[int, _Track] = {}
        if len(boxes) and self.live:
            overlap = overlaps(boxes.astype(np.float64), expected)
            for row, column in zip(*linear_sum_assignment(overlap, maximize=True), strict=True):
                if overlap[row, column] >= LEAST_OVERLAP:
                    known[int(row)] = self.live[column]
        return np.array([self._linked(known.get(row), box, time) for row, box in enumerate(boxes)], np.int32)

    def _linked(self, track: _Track | None, box: NDArray[np.float32], time: float) -> int:
        """Add the box to its track, or to a new one; returns the track's number."""
        place = box.astype(np.float64)
        if track is None:
            track = _Track(self.begun, time, place, np.zeros(2))
            self.live.append(track)
            self.begun += 1
            return track.number
        step = (_centre(place) - _centre(track.box)) / (time - track.time)
        track.velocity = INERTIA * track.velocity + (1 - INERTIA) * step
        track.box, track.time = place, time
        return track.number


def overlaps(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """(M, N) intersection over union of boxes (M, 4) and (N, 4)."""
    first = np.maximum(one[:, None, :2], other[None, :, :2])
    last = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.prod(np.clip(last - first, 0, None), axis=2)
    union = _area(one)[:, None] + _area(other)[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-12))


def _area(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1))


def _centre(box: NDArray[np.float64]) -> NDArray[np.float64]:
    return (box[:2] + box[2:]) / 2
