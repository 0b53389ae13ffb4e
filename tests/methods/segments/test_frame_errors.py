"""Scores of overlapping windows against a slow obvious loop."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.methods.segments.frame_errors import frame_errors, stream_frame_errors
from scenewise.scoring.smoothing import smooth


def segment_errors(segments: np.ndarray) -> np.ndarray:
    """An error that depends on the frame and on the whole segment around it; like a model's, not made for none."""
    assert len(segments)
    own = np.abs(segments.astype(np.float64)).sum(axis=2)
    return (own + 0.1 * own.mean(axis=1, keepdims=True)).astype(np.float32)


def slow_frame_errors(features: np.ndarray, length: int, stride: int, aggregate: str) -> np.ndarray:
    frames = len(features)
    starts = {start for start in range(0, frames - length + 1) if start % stride == 0} | {max(frames - length, 0)}
    errors: list[list[float]] = [[] for _ in range(frames)]
    for start in sorted(starts):
        rows = [min(start + k, frames - 1) for k in range(length)]
        own = segment_errors(features[rows][None])[0]
        for k in range(length):
            if start + k < frames:
                errors[start + k].append(own.max() if aggregate == "segment-max" else own[k])
    return np.array([np.mean(values) for values in errors])


@given(st.integers(1, 90), st.integers(1, 17), st.data(), st.sampled_from(["mean", "segment-max"]), st.integers(0, 999))
def test_equals_the_slow_loop_however_the_features_come(
    frames: int, length: int, data: st.DataObject, aggregate: str, seed: int
) -> None:
    stride = data.draw(st.integers(1, length))
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=6)))
    features = np.random.default_rng(seed).normal(size=(frames, 3)).astype(np.float16)
    chunks = np.split(features, cuts)
    scores = frame_errors(chunks, segment_errors, segment_length=length, stride=stride, aggregate=aggregate)
    assert scores.dtype == np.float32 and len(scores) == frames
    np.testing.assert_allclose(scores, slow_frame_errors(features, length, stride, aggregate), rtol=1e-5)


def test_no_frames_no_scores() -> None:
    assert len(frame_errors([], segment_errors, segment_length=16, stride=4)) == 0


@given(st.integers(1, 90), st.integers(1, 12), st.integers(1, 12), st.integers(0, 24), st.data())
def test_a_shorter_look_ahead(frames: int, length: int, stride: int, look_ahead: int, data: st.DataObject) -> None:
    stride = min(stride, length)
    features = np.random.default_rng(frames).normal(size=(frames, 3)).astype(np.float32)
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=5)))
    taken = 0

    def arriving() -> Iterator[np.ndarray]:
        nonlocal taken
        for chunk in np.split(features, cuts):
            for row in chunk:
                taken += 1
                yield row[None]

    given_out: list[float] = []
    for part in stream_frame_errors(arriving(), segment_errors, length, stride, "mean", look_ahead):
        if taken >= 2 * length and taken < frames:
            late = taken - 1 - len(given_out)
            assert late <= max(look_ahead, stride - 1) or look_ahead >= length - 1 + stride
        given_out += part.tolist()
    assert len(given_out) == frames
    for first in range(length, frames - length - stride):  # at both ends there are fewer windows
        expected = [
            segment_errors(features[start : start + length][None])[0, first - start]
            for start in range(0, first + 1, stride)
            if first < start + length <= min(first + look_ahead + 1, frames)
        ]
        if expected:
            assert given_out[first] == pytest.approx(np.mean(expected), rel=1e-4)


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
