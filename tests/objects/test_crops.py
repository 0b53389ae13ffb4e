"""Crops: the object's own pixels on grey, in the middle of a square."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.encoders.object_encoder import GREY
from scenewise.objects.crops import MARGIN, crop
from scenewise.objects.regions import Region


def test_only_the_object_is_seen() -> None:
    frame = np.full((100, 120, 3), 30, np.uint8)
    frame[20:60, 40:60] = 220
    mask = np.ones((40, 20), bool)
    mask[:10, :8] = False  # the scene shows beside its shoulder
    side = round(MARGIN * 40)
    found = crop(frame, Region(40, 20, mask), (100, 120), side)
    assert found.shape == (side, side, 3)
    above, before = (side - 40) // 2, (side - 20) // 2
    inside = found[above : above + 40, before : before + 20]
    assert (inside[12:, :] == 220).all() and (inside[:8, :6] == GREY).all()
    found[above : above + 40, before : before + 20] = GREY
    assert (found == GREY).all()


def test_a_large_frame_is_seen_in_full_detail() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (400, 480, 3), np.uint8)
    region = Region(10, 10, np.ones((20, 20), bool))  # of a picture a quarter as large
    side = round(MARGIN * 80)
    found = crop(frame, region, (100, 120), side)
    begin = (side - 80) // 2
    np.testing.assert_array_equal(found[begin : begin + 80, begin : begin + 80], frame[40:120, 40:120])


@settings(deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 60), st.integers(1, 60), st.data())
def test_frames_of_any_size_fit_any_background(
    height: int, width: int, rows: int, columns: int, data: st.DataObject
) -> None:
    top, left = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    mask = np.ones((data.draw(st.integers(1, rows - top)), data.draw(st.integers(1, columns - left))), bool)
    found = crop(np.full((height, width, 3), 250, np.uint8), Region(left, top, mask), (rows, columns), 32)
    assert found.shape == (32, 32, 3) and (found > GREY).any()


@pytest.mark.parametrize("size", [16, 96])
def test_the_size_asked_for(size: int) -> None:
    assert crop(np.zeros((9, 9, 3), np.uint8), Region(8, 8, np.ones((1, 1), bool)), (9, 9), size).shape[:2] == (
        size,
        size,
    )
