"""Smoothing against a slow sum, and in pieces the same numbers as of the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.scoring.smoothing import smooth, stream_smooth


def slow_smooth(scores: np.ndarray, sigma: float) -> np.ndarray:
    reach = int(4 * sigma + 0.5)
    weights = [np.exp(-0.5 * (k / sigma) ** 2) for k in range(-reach, reach + 1)]
    result = []
    for centre in range(len(scores)):
        around = [scores[min(max(centre + k, 0), len(scores) - 1)] for k in range(-reach, reach + 1)]
        result.append(sum(w * s for w, s in zip(weights, around, strict=True)) / sum(weights))
    return np.array(result)


@given(st.integers(1, 60), st.floats(0.05, 1.0), st.sampled_from([10.0, 25.0, 29.97]), st.integers(0, 999))
def test_smoothing_equals_the_slow_sum(frames: int, seconds: float, fps: float, seed: int) -> None:
    scores = np.random.default_rng(seed).random(frames).astype(np.float32)
    np.testing.assert_allclose(smooth(scores, seconds, fps), slow_smooth(scores, seconds * fps), rtol=1e-4, atol=1e-6)


def test_smoothing_keeps_constants_and_zero_width_keeps_all() -> None:
    assert smooth(np.full(9, 3, np.float32), 1.0, 25) == pytest.approx(np.full(9, 3))
    jagged = np.array([0, 5, 0], np.float32)
    assert smooth(jagged, 0.0, 25).tolist() == [0, 5, 0]


@given(st.integers(0, 120), st.floats(0.0, 1.0), st.sampled_from([5.0, 10.0, 25.0]), st.data())
def test_pieces_smooth_to_the_last_bit_of_the_whole(
    frames: int, seconds: float, fps: float, data: st.DataObject
) -> None:
    scores = np.random.default_rng(frames).random(frames).astype(np.float32)
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=8)))
    pieces = [*stream_smooth(np.split(scores, cuts), seconds, fps)]
    together = np.concatenate([np.empty(0, np.float32), *pieces])
    assert together.tobytes() == smooth(scores, seconds, fps).tobytes()
