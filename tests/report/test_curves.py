"""Paths that stay small and still show every peak."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.report.axis import Axis, round_values, score_axis
from scenewise.report.curves import COLUMNS, HEIGHT, Series, frame_chart, roc_chart, step_chart


def points(path: str) -> np.ndarray:
    """The corners (n, 2) of a path of one move and relative lines, followed one by one."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)


def one(values: np.ndarray) -> Series:
    return Series("model", 0, values[None])


def test_every_frame_of_a_short_video_is_drawn_where_it_is() -> None:
    values = np.random.default_rng(0).normal(size=300)
    axis = Axis(float(values.min()), float(values.max()))
    chart = frame_chart([one(values)], axis, fps=25)
    drawn = points(chart.curves[0].line)
    np.testing.assert_array_equal(drawn[:, 0], np.arange(300) + 0.5)
    np.testing.assert_allclose(drawn[:, 1], HEIGHT * axis.from_top(values), atol=0.5)
    assert chart.curves[0].band == "", "a single seed has no band"
    assert len(chart.curves[0].line) < 300 * 8


@settings(max_examples=30)
@given(st.integers(1, 5000), st.integers(0, 2**32 - 1))
def test_no_peak_is_lost_however_long_the_video(frames: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=frames)
    axis = Axis(-6.0, 6.0)
    chart = frame_chart([one(values)], axis, fps=25)
    stride = math.ceil(frames / COLUMNS)
    assert chart.stride == stride and len(chart.curves[0].values) <= COLUMNS
    heights = points(chart.curves[0].line)[:, 1].reshape(len(chart.curves[0].values), -1)
    for column, drawn in enumerate(heights):
        inside = values[column * stride : (column + 1) * stride]
        assert drawn.min() == pytest.approx(HEIGHT * axis.from_top(inside.max()), abs=0.51)
        assert drawn.max() == pytest.approx(HEIGHT * axis.from_top(inside.min()), abs=0.51)


def test_the_band_reaches_from_the_lowest_to_the_highest_seed() -> None:
    seeds = [np.full(5, 1.0), np.full(5, 3.0), np.full(5, 2.6)]
    chart = frame_chart([Series("model", 0, np.stack(seeds))], Axis(0.0, 4.0), fps=25)
    assert set(points(chart.curves[0].band)[:, 1]) == {250, 750}
    assert set(points(chart.curves[0].line)[:, 1]) == {450}


def test_ticks_are_times_and_an_axis_may_be_longer_than_its_curve() -> None:
    chart = frame_chart([one(np.zeros(50))], Axis(0.0, 1.0), fps=12.5, first=25, length=100)
    assert (chart.start, chart.end) == (25, 125), "from two to ten seconds"
    assert [(tick.at, tick.text) for tick in chart.x_ticks] == [(25 * n, f"0:{2 * n:02d}") for n in range(1, 6)]
    assert chart.x_title == "time, min:s" and chart.y_title == "anomaly score"


def test_on_the_scene_scale_nothing_below_0_is_drawn_or_read_out() -> None:
    axis = score_axis(-3.0, 2.0, in_scene_scale=True)
    chart = frame_chart([one(np.array([-3.0, 0.456, 1.234]))], axis, fps=25)
    assert chart.curves[0].values == [0.0, 0.46, 1.23] and axis.low == 0
    assert all(float(tick.text) >= 0 for tick in chart.y_ticks)
    assert score_axis(-3.0, 2.0, in_scene_scale=False).low < -3


def test_a_video_of_an_hour_stays_small() -> None:
    chart = frame_chart([one(np.random.default_rng(1).normal(size=90_000))], Axis(-6.0, 6.0), fps=25)
    assert len(chart.curves[0].line) < 15_000


def test_steps_need_not_be_evenly_apart_and_one_step_is_enough() -> None:
    chart = step_chart([one(np.array([3.0, 2.0, 1.0]))], np.array([1, 2, 50]), Axis(1.0, 3.0))
    assert chart.x == [1, 2, 50]
    np.testing.assert_array_equal(points(chart.curves[0].line), [[1, 0], [2, 500], [50, 1000]])
    single = step_chart([one(np.array([3.0]))], np.array([250]), Axis(0.0, 3.0))
    assert single.start < single.end


def test_a_logarithmic_axis_gives_every_decade_the_same_room() -> None:
    axis = Axis(0.1, 10.0, "logarithmic")
    np.testing.assert_allclose(axis.from_top(np.array([0.1, 1.0, 10.0])), [1.0, 0.5, 0.0])
    assert [tick.text for tick in axis.ticks] == ["0.1", "1", "10"]


def test_the_scene_scale_is_linear_to_the_threshold_and_logarithmic_above() -> None:
    axis = Axis(-1.0, 1000.0, "logarithmic above 1")
    heights = 1 - axis.from_top(np.array([-1.0, 0.0, 1.0, 10.0, 100.0, 1000.0]))
    steps = np.diff(heights)
    np.testing.assert_allclose(steps[:2], steps[0])
    np.testing.assert_allclose(steps[2:], np.log(10) * steps[0])
    assert [tick.text for tick in axis.ticks] == ["0", "1", "10", "100", "1000"], "nothing below 0 is labelled"


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e4), st.integers(2, 8))
def test_round_values_lie_inside_evenly_and_not_too_many(low: float, span: float, count: int) -> None:
    values = round_values(low, low + span, count)
    assert len(values) <= count + 1
    assert all(low - 1e-6 * span <= value <= low + span * (1 + 1e-6) for value in values)
    steps = np.diff(values)
    assert np.allclose(steps, steps[:1])


def test_a_roc_curve_is_read_out_in_percent_and_stands_from_corner_to_corner() -> None:
    false_alarms = np.linspace(0, 1, 501)
    chart = roc_chart([one(100 * np.sqrt(false_alarms))], false_alarms)
    drawn = points(chart.curves[0].line)
    assert (drawn[0] == (0, 1000)).all() and (drawn[-1] == (1000, 0)).all()
    assert chart.x[5] / chart.divisor == 1 and chart.curves[0].values[5] == 10, "1 % false alarms, 10 % found"
    assert [(tick.at, tick.text) for tick in chart.x_ticks][-1] == (1000, "100")
