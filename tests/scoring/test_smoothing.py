"""Smoothing as scores come gives the same numbers as smoothing the whole, and less of the future if it is cut off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.scoring.smoothing import reach, smooth, stream_smooth

RATES = st.sampled_from([5.0, 10.0, 25.0])


@given(st.integers(0, 120), st.floats(0.0, 1.0), RATES, st.none() | st.integers(0, 130), st.data())
def test_parts_smooth_to_the_last_bit_of_the_whole(
    frames: int, seconds: float, fps: float, ahead: int | None, data: st.DataObject
) -> None:
    scores = np.random.default_rng(frames).random(frames).astype(np.float32)
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=8)))
    parts = [*stream_smooth(np.split(scores, cuts), seconds, fps, ahead)]
    together = np.concatenate([np.empty(0, np.float32), *parts])
    assert together.tobytes() == smooth(scores, seconds, fps, ahead).tobytes()


@given(st.integers(1, 60), st.floats(0.05, 0.6), RATES, st.integers(0, 40))
def test_the_cut_off_gaussian_by_its_definition(frames: int, seconds: float, fps: float, ahead: int) -> None:
    scores = np.random.default_rng(frames).normal(size=frames).astype(np.float32)
    behind = reach(seconds, fps)
    expected = []
    for frame in range(frames):
        total = weights = 0.0
        for offset in range(-behind, min(ahead, behind) + 1):
            weight = np.exp(-0.5 * (offset / (seconds * fps)) ** 2)
            total += weight * float(scores[min(max(frame + offset, 0), frames - 1)])
            weights += weight
        expected.append(total / weights)
    if behind:
        np.testing.assert_allclose(smooth(scores, seconds, fps, ahead), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("ahead", [None, 0, 3, 999])
def test_a_score_is_given_out_as_soon_as_it_is_known(ahead: int | None) -> None:
    taken, given_out = 0, 0

    def single() -> object:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield np.ones(1, np.float32)

    for part in stream_smooth(single(), 0.4, 10.0, ahead):  # type: ignore[arg-type]
        given_out += len(part)
        assert taken - given_out in (16 if ahead in (None, 999) else ahead, 0)
    assert given_out == 100


def test_zero_width_keeps_all_and_constants_stay() -> None:
    jagged = np.array([0, 5, 0], np.float32)
    assert smooth(jagged, 0.0, 25).tolist() == [0, 5, 0]
    for ahead in (None, 2):
        assert smooth(np.full(9, 3, np.float32), 1.0, 25, ahead) == pytest.approx(np.full(9, 3))
