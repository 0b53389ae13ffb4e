"""Which values a plot's height spans, how they are spread over it, and the round values beside it."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

AxisKind = Literal["linear", "logarithmic", "logarithmic above 1"]
SCENE_SCALE: AxisKind = "logarithmic above 1"
"""For the scene scale: small scores keep their shape, and a hundredfold threshold still fits."""

Values = NDArray[np.floating]


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    """On the x axis in the unit of the curve, on the y axis as a share of the height from the top."""
    text: str


@dataclass(frozen=True)
class Axis:
    """The y axis: which values the plot's height spans, and how they are spread over it."""

    low: float
    high: float
    kind: AxisKind = "linear"

    def from_top(self, values: Values | float) -> Values:
        """Where values stand, as shares of the height from the top; beyond the axis they stay at its end."""
        low, high = self.spread(np.array([self.low, self.high]))
        places: Values = np.clip((high - self.spread(np.asarray(values, np.float64))) / (high - low), 0.0, 1.0)
        return places

    @property
    def ticks(self) -> list[Tick]:
        """Round values inside the axis; on the scene scale none below 0, where half of all normal footage lies."""
        values = [value for value in self._round_values() if value >= 0 or self.kind != SCENE_SCALE]
        return [Tick(round(float(self.from_top(value)), 4), f"{value:g}") for value in values]

    def spread(self, values: Values) -> Values:
        """Values as they are spread: equal steps of the result take equal room."""
        if self.kind == "linear":
            return values
        if self.kind == "logarithmic":
            spread: Values = np.log(np.maximum(values, self.low))
            return spread
        # 1 + ln(x) meets x at 1 with the same slope, so the curve has no kink where the threshold is.
        return np.where(values > 1, 1 + np.log(np.maximum(values, 1)), values)

    def _round_values(self) -> list[float]:
        if self.kind == "linear":
            return round_values(self.low, self.high, 4)
        if self.kind == "logarithmic":
            return _decades(self.low, self.high)
        below = [value for value in round_values(self.low, 1, 2) if value < 1]
        return [*below, *_decades(1, self.high)]


def score_axis(lowest: float, highest: float, *, in_scene_scale: bool, from_0: bool = True) -> Axis:
    """An axis for scores, with a little room for marks at its ends.

    On the scene scale 0 and 1 are always seen; with `from_0` it begins at 0.
    """
    if in_scene_scale:
        return Axis(0.0 if from_0 else min(lowest, 0.0) - 0.1, max(highest, 1.2) * 1.1, SCENE_SCALE)
    room = 0.04 * (highest - lowest) or 1.0
    return Axis(lowest - room, highest + room)


def read_off(value: float, axis: Axis) -> float:
    """A value as it is read off a curve: on the scene scale with two decimals and none below 0, else three digits."""
    if axis.kind != SCENE_SCALE:
        return significant(value)
    return round(max(value, 0.0), 2) if value < 10 else significant(value)


def significant(value: float) -> float:
    """As many digits as a reader can use: three."""
    return float(f"{value:.3g}")


def round_values(low: float, high: float, count: int) -> list[float]:
    """About `count` multiples of 1, 2 or 5 times a power of ten inside [low, high]."""
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{number * step:.10g}") for number in range(first, last + 1)]


def _decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten inside [low, high]; powers of ten alone if that would be many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if high / low < 100 else (1,)
    return [value for power in powers for factor in factors if low <= (value := factor * 10.0**power) <= high]
