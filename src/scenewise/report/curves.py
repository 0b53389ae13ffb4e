"""Curves over frames or steps as vector paths that stay small, however long the video is.

A plot stretches to whatever room it has, so its paths live in a box of their own: x in frames (or steps), y in whole
thousandths of the height from the top. Integers written as differences keep a frame at about five characters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

HEIGHT = 1000
COLUMNS = 600
"""Longer curves are drawn as the minimum and maximum of every column, as a plot 600 pixels wide would show them."""

AxisKind = Literal["linear", "logarithmic", "logarithmic above 1"]
"""The last one is for the scene scale: small scores keep their shape, and a hundredfold threshold still fits."""

Values = NDArray[np.floating]


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    """On the x axis in the curve's own unit, on the y axis as a share of the height from the top."""
    text: str


@dataclass(frozen=True)
class Axis:
    """The y axis: which values the plot's height spans, and how they are spread over it."""

    low: float
    high: float
    kind: AxisKind = "linear"

    def from_top(self, values: Values | float) -> Values:
        """Where values stand, as shares of the height from the top; beyond the axis they stay at its end."""
        low, high = self._spread(np.array([self.low, self.high]))
        places: Values = np.clip((high - self._spread(np.asarray(values, np.float64))) / (high - low), 0.0, 1.0)
        return places

    @property
    def ticks(self) -> list[Tick]:
        """Round values inside the axis."""
        values = self._round_values()
        return [Tick(round(float(self.from_top(value)), 4), f"{value:g}") for value in values]

    def _spread(self, values: Values) -> Values:
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


@dataclass(frozen=True)
class Series:
    """What one model's curve shows: the mean over its seeds, and how far they lie apart."""

    label: str
    accent: int
    mean: Values
    low: Values
    high: Values

    @classmethod
    def over_seeds(cls, label: str, accent: int, seeds: Sequence[Values]) -> "Series":
        """Mean, smallest and largest of the same N values of every seed."""
        values = np.stack(seeds)
        return cls(label, accent, values.mean(0), values.min(0), values.max(0))


@dataclass(frozen=True)
class Curve:
    """A series as paths."""

    label: str
    accent: int
    line: str
    band: str
    """Between the smallest and the largest seed; empty for a single seed."""
    values: list[float]
    """The mean in every column (the largest of it, where a column holds several frames), for the read-out."""


@dataclass(frozen=True)
class Chart:
    """All curves of one plot."""

    start: float
    end: float
    stride: int
    """Values a column."""
    x: list[float]
    """Where the columns stand; empty where they follow from `start` and `stride`."""
    curves: list[Curve]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    axis: Axis


def frame_chart(series: Sequence[Series], axis: Axis) -> Chart:
    """A chart over the N frames of a video: frame i fills [i, i + 1), so its point stands at i + 0.5."""
    frames = len(series[0].mean)
    stride = math.ceil(frames / COLUMNS)
    columns = np.arange(0, frames, stride)
    places = columns + stride / 2
    curves = [_curve(one, axis, columns, places) for one in series]
    return Chart(0, frames, stride, [], curves, _x_ticks(0, frames), axis.ticks, axis)


def step_chart(series: Sequence[Series], steps: NDArray[np.integer], axis: Axis) -> Chart:
    """A chart over training steps (N,), which need not be evenly apart."""
    columns = np.arange(0, len(steps), math.ceil(len(steps) / COLUMNS))
    places = steps[columns].astype(float)
    curves = [_curve(one, axis, columns, places) for one in series]
    end = max(float(steps[-1]), float(steps[0]) + 1)
    ticks = _x_ticks(float(steps[0]), end)
    return Chart(float(steps[0]), end, 1, places.tolist(), curves, ticks, axis.ticks, axis)


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
    """1, 2 and 5 times powers of ten inside [low, high]; powers of ten alone where that would be many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if high / low < 100 else (1,)
    return [value for power in powers for factor in factors if low <= (value := factor * 10.0**power) <= high]


def _x_ticks(start: float, end: float) -> list[Tick]:
    return [Tick(value, f"{value:g}") for value in round_values(start, end, 6) if value.is_integer()]


def _curve(series: Series, axis: Axis, columns: NDArray[np.integer], places: Values) -> Curve:
    """Draw one series; `columns` are the first values of every column, `places` where the columns stand."""
    low, high = np.minimum.reduceat(series.mean, columns), np.maximum.reduceat(series.mean, columns)
    if len(columns) == len(series.mean):
        line = _path(places, _heights(axis, series.mean))
    else:
        line = _path(np.repeat(places, 2), _heights(axis, np.stack([low, high], 1).ravel()))
    band = ""
    if np.any(series.low < series.high):
        above = _heights(axis, np.maximum.reduceat(series.high, columns))
        below = _heights(axis, np.minimum.reduceat(series.low, columns))
        band = _path(np.concatenate([places, places[::-1]]), np.concatenate([above, below[::-1]])) + "z"
    return Curve(series.label, series.accent, line, band, [significant(value) for value in high])


def _heights(axis: Axis, values: Values) -> NDArray[np.int64]:
    return np.rint(HEIGHT * axis.from_top(values)).astype(np.int64)


def _path(places: Values, heights: NDArray[np.int64]) -> str:
    """An SVG path through the points, as differences of numbers already rounded, so that nothing drifts."""
    rights = np.rint(2 * places).astype(np.int64)
    steps = zip(np.diff(rights).tolist(), np.diff(heights).tolist(), strict=True)
    points = " ".join(f"{right / 2:g} {down}" for right, down in steps)
    return f"M{rights[0] / 2:.10g} {heights[0]}" + (f"l{points}" if points else "")
