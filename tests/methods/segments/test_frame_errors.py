"""Errors of frames from overlapping windows, against a slow obvious loop; and how soon they are known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.methods.segments.frame_errors import frame_errors, stream_frame_errors

FRAMES, LENGTHS, SEEDS = st.integers(1, 90), st.integers(1, 17), st.integers(0, 999)
AGGREGATES = st.sampled_from(["mean", "segment-max"])


def segment_errors(segments: np.ndarray) -> np.ndarray:
    """An error that depends on the frame and on the whole segment around it; like a model's, not made for none."""
    assert len(segments)
    own = np.abs(segments.astype(np.float64)).sum(axis=2)
    return (own + 0.1 * own.mean(axis=1, keepdims=True)).astype(np.float32)


def slow_frame_errors(
    features: np.ndarray, length: int, stride: int, aggregate: str = "mean", look_ahead: int | None = None
) -> np.ndarray:
    """Frame by frame, the mean over the windows that hold it; with `look_ahead`, over those that end in time."""
    frames = len(features)
    at_the_end = max(frames - length, 0)
    starts = {start for start in range(0, frames - length + 1) if start % stride == 0} | {at_the_end}
    found = []
    for frame in range(frames):
        holding = [start for start in sorted(starts) if start <= frame < start + length]
        if look_ahead is not None and look_ahead < length:
            # The window at the video's end counts once it is known that the video ends there.
            in_time = [
                start
                for start in holding
                if (frame + look_ahead >= start + length - 1 and start % stride == 0)
                or (start == at_the_end and frame + look_ahead >= frames)
            ]
            holding = in_time or holding[:1]
        errors = []
        for start in holding:
            rows = [min(start + k, frames - 1) for k in range(length)]
            own = segment_errors(features[rows][None])[0]
            errors.append(own.max() if aggregate == "segment-max" else own[frame - start])
        found.append(np.mean(errors))
    return np.array(found)


def drawn(frames: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, 3)).astype(np.float16)


def drawn_chunks(features: np.ndarray, data: st.DataObject) -> list[np.ndarray]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(features)), max_size=6)))
    return np.split(features, cuts)


@given(FRAMES, LENGTHS, st.data(), AGGREGATES, SEEDS)
def test_equals_the_slow_loop_however_the_features_come(
    frames: int, length: int, data: st.DataObject, aggregate: str, seed: int
) -> None:
    stride, features = data.draw(st.integers(1, length)), drawn(frames, seed)
    chunks = drawn_chunks(features, data)
    scores = frame_errors(chunks, segment_errors, segment_length=length, stride=stride, aggregate=aggregate)
    assert scores.dtype == np.float32 and len(scores) == frames
    np.testing.assert_allclose(scores, slow_frame_errors(features, length, stride, aggregate), rtol=1e-5)


@given(FRAMES, LENGTHS, st.data(), AGGREGATES, SEEDS)
def test_with_a_look_ahead_only_windows_that_end_in_time_count(
    frames: int, length: int, data: st.DataObject, aggregate: str, seed: int
) -> None:
    stride, look_ahead = data.draw(st.integers(1, length)), data.draw(st.integers(0, length + 3))
    features = drawn(frames, seed)
    pieces = stream_frame_errors(
        drawn_chunks(features, data), segment_errors, length, stride, aggregate, look_ahead=look_ahead
    )
    expected = slow_frame_errors(features, length, stride, aggregate, look_ahead)
    np.testing.assert_allclose(np.concatenate(list(pieces)), expected, rtol=1e-5)


@given(FRAMES, LENGTHS, st.data(), SEEDS)
def test_a_look_ahead_of_a_segment_changes_nothing(frames: int, length: int, data: st.DataObject, seed: int) -> None:
    stride, features = data.draw(st.integers(1, length)), drawn(frames, seed)
    look_ahead = data.draw(st.integers(length, 200))
    pieces = stream_frame_errors([features], segment_errors, length, stride, look_ahead=look_ahead)
    whole = frame_errors([features], segment_errors, segment_length=length, stride=stride)
    np.testing.assert_array_equal(np.concatenate(list(pieces)), whole)


@given(st.integers(1, 60), LENGTHS, st.data())
def test_every_error_is_given_out_as_soon_as_it_is_known(frames: int, length: int, data: st.DataObject) -> None:
    """Fed one frame at a time: `wait` frames after a frame, or with the first window that holds it."""
    stride = data.draw(st.integers(1, length))
    look_ahead = data.draw(st.one_of(st.none(), st.integers(0, length)))
    wait = length if look_ahead is None else look_ahead
    fed, given = 0, 0

    def one_by_one() -> object:
        nonlocal fed
        for row in drawn(frames, 0):
            fed += 1
            yield row[None]

    for piece in stream_frame_errors(one_by_one(), segment_errors, length, stride, look_ahead=look_ahead):
        for frame in range(given, given + len(piece)):
            first_window = max(frame - length + 1, 0)
            first_window += -first_window % stride
            due = max(frame + wait, first_window + length - 1)
            assert fed - 1 == min(due, frames - 1)
        given += len(piece)
    assert given == frames


def test_no_frames_no_scores() -> None:
    assert len(frame_errors([], segment_errors, segment_length=16, stride=4)) == 0
