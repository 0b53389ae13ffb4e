"""The most abnormal moments of a video, and how far each of them reaches."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.signal import find_peaks, peak_widths

from scenewise.clock import clock
from scenewise.report.axis import Axis, Values
from scenewise.report.curves import Series
from scenewise.report.evaluated_runs import Model

A_MODEL = 3
"""Peaks of every model in every video, the highest first."""
RISE = 0.1
"""A peak stands out by at least this share of the plot's height; less is a ripple."""
SHOULDER = 1 / 3
"""A peak reaches as far as the curve has fallen by this share of what the peak stands out by."""
NEAR = 0.2
"""Seconds; pictures this near each other show the same."""


class Height(NamedTuple):
    """How high one model's curve is at its peak."""

    model: Model
    frame: int
    score: float
    from_top: float
    """Where the score stands in the plot, as a share of the height."""
    highest: bool
    """Whether it is the model's highest in this video."""


@dataclass(frozen=True)
class Peak:
    """A moment at which a model's score peaks, or those of several models."""

    frame: int
    """Of the model that comes first; the picture is of this one."""
    time: str
    first: int
    last: int
    """Frames that belong to the peak."""
    heights: list[Height]

    @property
    def highest(self) -> bool:
        """Whether a model has its highest score here."""
        return any(height.highest for height in self.heights)


def moments_of(models: Sequence[Model], series: Sequence[Series], axis: Axis, fps: float) -> list[Peak]:
    """The peaks of all models in the order of time; those of different models at most NEAR apart share a picture."""
    found: list[Peak] = []
    for model, one in zip(models, series, strict=True):
        from_top = axis.from_top(one.mean)
        for rank, (frame, first, last) in enumerate(extents(1 - from_top)):
            near = (
                peak
                for peak in found
                if abs(peak.frame - frame) <= NEAR * fps and all(height.model is not model for height in peak.heights)
            )
            peak = next(near, None)
            if peak is None:
                peak = Peak(frame, clock(frame / fps), first, last, [])
                found.append(peak)
            height = round(float(from_top[frame]), 4)
            peak.heights.append(Height(model, frame, float(one.mean[frame]), height, rank == 0))
    return sorted(found, key=lambda peak: peak.frame)


def extents(heights: Values) -> list[tuple[int, int, int]]:
    """(frame, first, last) of at most A_MODEL peaks of a curve (N,) as it is drawn, in [0, 1]; the highest first.

    A curve that begins or ends high has its peak there: beyond its ends it counts as low.
    """
    beyond = float(heights.min()) - 2 * RISE
    padded = np.concatenate([[beyond], heights, [beyond]])
    places = find_peaks(padded, prominence=RISE)[0]
    places = places[np.argsort(-padded[places], kind="stable")][:A_MODEL]
    _, _, lefts, rights = peak_widths(padded, places, rel_height=SHOULDER)
    last = len(heights) - 1
    return [
        (int(place) - 1, max(math.ceil(left) - 1, 0), min(math.floor(right) - 1, last))
        for place, left, right in zip(places, lefts, rights, strict=True)
    ]
