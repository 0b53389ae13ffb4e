"""Curves over frames, steps or false alarms as vector paths that stay small, however long the video is.

A plot stretches to whatever room it has, so its paths have coordinates that no size changes: x in frames (or steps), y
in whole thousandths of the height from the top. Integers written as differences keep a frame at about five characters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scenewise.clock import times
from scenewise.report.axis import Axis, Tick, Values, read_off, round_values

HEIGHT = 1000
TIME, SCORE = "time, min:s", "anomaly score"
"""Titles of the axes of scores."""
COLUMNS = 600
"""Longer curves are drawn as the minimum and maximum of every column, as a plot 600 pixels wide would show them."""


@dataclass(frozen=True, eq=False)
class Series:
    """What one model's curve shows: the mean over its seeds, and how far they lie apart."""

    label: str
    accent: int
    seeds: Values
    """(R, N): the same N values of every seed."""
    leads: bool = False
    """Whether it is the default's, which is drawn boldest."""

    @cached_property
    def mean(self) -> Values:
        """(N,) over the seeds, like `low` and `high`."""
        return np.asarray(self.seeds.mean(0))

    @cached_property
    def low(self) -> Values:
        """The smallest seed, place by place."""
        return np.asarray(self.seeds.min(0))

    @cached_property
    def high(self) -> Values:
        """The largest seed, place by place."""
        return np.asarray(self.seeds.max(0))


@dataclass(frozen=True)
class Curve:
    """A series as paths."""

    label: str
    accent: int
    line: str
    band: str
    """Between the smallest and the largest seed; empty for a single seed."""
    values: list[float]
    """The mean in every column (the largest of it, if a column holds several frames), for the read-out."""
    leads: bool = False


@dataclass(frozen=True, eq=False)
class Chart:
    """All curves of one plot: as numbers, and as the paths that the page draws of them."""

    series: Sequence[Series]
    places: Values
    """(N,) where the series' values stand on the x axis."""
    start: float
    end: float
    stride: int
    """Values a column."""
    x: list[float]
    """Where the columns stand; empty if they follow from `start` and `stride`."""
    curves: list[Curve]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    axis: Axis
    x_title: str
    y_title: str
    unit: str = "frame"
    """What the x axis counts."""
    divisor: int = 1
    """What a place on the x axis is divided by before it is read out with `suffix`."""
    suffix: str = ""


def frame_chart(series: Sequence[Series], axis: Axis, *, fps: float, first: int = 0, length: int = 0) -> Chart:
    """A chart over N frames of a video from `first`: frame i fills [i, i + 1), so its point stands at i + 0.5.

    The ticks are times. The axis is `length` frames long, at least N, so that charts beside each other can have the
    same scale.
    """
    frames = len(series[0].mean)
    stride = math.ceil(frames / COLUMNS)
    columns = np.arange(0, frames, stride)
    curves = [_curve(one, axis, columns, first + columns + stride / 2) for one in series]
    end, places = first + max(frames, length), first + np.arange(frames) + 0.5
    ticks = [Tick(second * fps, text) for second, text in times(first / fps, end / fps)]
    return Chart(series, places, first, end, stride, [], curves, ticks, axis.ticks, axis, TIME, SCORE)


def step_chart(series: Sequence[Series], steps: NDArray[np.integer], axis: Axis, title: str = "") -> Chart:
    """A chart of `title` over training steps (N,), which need not be evenly apart."""
    columns = np.arange(0, len(steps), math.ceil(len(steps) / COLUMNS))
    places = steps[columns].astype(float)
    curves = [_curve(one, axis, columns, places) for one in series]
    start, end = float(steps[0]), max(float(steps[-1]), float(steps[0]) + 1)
    ticks = _x_ticks(start, end)
    return Chart(
        series, steps.astype(float), start, end, 1, places.tolist(), curves, ticks, axis.ticks, axis, "training step",
        title, "step",
    )  # fmt: skip


def roc_chart(series: Sequence[Series], false_alarms: Values) -> Chart:
    """A chart of hits in percent over shares of false alarms (N,) in [0, 1], on the x axis in whole thousandths."""
    axis = Axis(0.0, 100.0)
    chart = step_chart(series, np.rint(1000 * false_alarms).astype(np.int64), axis)
    percents = round_values(0, 100, 5)
    return replace(
        chart,
        x_ticks=[Tick(10 * value, f"{value:g}") for value in percents],
        y_ticks=[Tick(1 - value / 100, f"{value:g}") for value in percents],
        x_title="false alarms, % of normal frames",
        y_title="found, % of abnormal frames",
        unit="false alarms",
        divisor=10,
        suffix="\N{NO-BREAK SPACE}%",
    )


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
    return Curve(
        series.label, series.accent, line, band, [read_off(float(value), axis) for value in high], series.leads
    )


def _heights(axis: Axis, values: Values) -> NDArray[np.int64]:
    return np.rint(HEIGHT * axis.from_top(values)).astype(np.int64)


def _path(places: Values, heights: NDArray[np.int64]) -> str:
    """An SVG path through the points, as differences of numbers already rounded, so that nothing drifts."""
    rights = np.rint(2 * places).astype(np.int64)
    steps = zip(np.diff(rights).tolist(), np.diff(heights).tolist(), strict=True)
    points = " ".join(f"{right / 2:g} {down}" for right, down in steps)
    return f"M{rights[0] / 2:.10g} {heights[0]}" + (f"l{points}" if points else "")
