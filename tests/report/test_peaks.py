"""Where a curve peaks, and how far each peak reaches."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scenewise.report.events import Event, normal_ranges
from scenewise.report.peaks import A_MODEL, extents


def hill(frames: int, middle: int, width: float, height: float) -> np.ndarray:
    return height * np.exp(-(((np.arange(frames) - middle) / width) ** 2))


def test_hills_are_found_by_height_and_ripples_are_not() -> None:
    curve = hill(300, 50, 8, 0.5) + hill(300, 150, 8, 0.9) + hill(300, 250, 8, 0.05)
    found = extents(curve)
    assert [frame for frame, _, _ in found] == [150, 50]
    for frame, first, last in found:
        assert first < frame < last and last - first < 30


def test_a_curve_that_begins_or_ends_high_peaks_there() -> None:
    assert extents(np.linspace(1, 0, 50))[0][0] == 0
    assert extents(np.linspace(0, 1, 50))[0][0] == 49
    assert extents(np.full(1, 0.3)) == [(0, 0, 0)]


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)))
def test_the_first_is_the_highest_and_all_lie_inside(curve: np.ndarray) -> None:
    found = extents(curve)
    assert 1 <= len(found) <= A_MODEL
    assert curve[found[0][0]] == curve.max()
    assert all(0 <= first <= frame <= last < len(curve) for frame, first, last in found)


def test_ranges_of_normal_events_are_joined() -> None:
    spans = [(0, 5, False), (3, 9, False), (10, 12, False), (20, 30, False), (22, 25, False), (40, 50, True)]
    events = [Event("walk", first, last, abnormal, 0) for first, last, abnormal in spans]
    assert normal_ranges(events) == [(0, 12), (20, 30)]
