"""Velocity of objects by the way of their boxes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from scenewise.methods.object_memory.track_medians import Reach
from scenewise.methods.object_memory.track_velocity import SHARE, track_velocity
from scenewise.objects.object_table import Objects, joined, no_objects

FPS, ASPECT = 10.0, 2.0
WHOLE = Reach(1.0, FPS)


def track(left: NDArray[np.floating], right: NDArray[np.floating], number: int = 0, every: int = 1) -> Objects:
    """A track along the middle of the picture whose box has these sides, as shares of the width."""
    count = len(left)
    box = np.stack([left, np.full(count, 0.4), right, np.full(count, 0.6)], axis=1).astype(np.float32)
    centre = np.stack([ASPECT * (box[:, 0] + box[:, 2]) / 2, np.full(count, 0.5)], axis=1).astype(np.float32)
    return Objects(
        (every * np.arange(count)).astype(np.int32),
        box,
        np.full(count, 0.01, np.float32),
        np.zeros((count, 3), np.float32),
        centre,
        np.full(count, number, np.int32),
        np.zeros((count, 2), np.float16),
    )


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_steady_track_has_its_speed_in_picture_heights(every: int) -> None:
    at = 0.1 + 0.01 * every * np.arange(12)  # a hundredth of the width a frame
    found = track_velocity(track(at, at + 0.1, every=every), WHOLE, FPS)
    np.testing.assert_allclose(found, np.tile([0.01 * ASPECT * FPS, 0], (12, 1)), atol=1e-4)


def test_a_trembling_box_hardly_counts() -> None:
    at = 0.1 + 0.01 * np.arange(30) + 0.002 * np.random.default_rng(0).normal(size=30)
    found = track_velocity(track(at, at + 0.1), WHOLE, FPS)
    np.testing.assert_allclose(found[:, 0], 0.2, atol=0.03)
    steps = np.diff(at) * ASPECT * FPS
    assert found[6:-6, 0].std() < steps.std() / 4


def test_who_comes_in_is_as_fast_as_his_leading_side() -> None:
    right = 0.01 * np.arange(1, 13)
    left = np.maximum(right - 0.08, 0)  # its rear side is outside for eight frames
    found = track_velocity(track(left, right), WHOLE, FPS)
    np.testing.assert_allclose(found[:, 0], 0.2, atol=1e-4)
    mirrored = track_velocity(track(1 - right, 1 - left), WHOLE, FPS)
    np.testing.assert_allclose(mirrored[:, 0], -0.2, atol=1e-4)


def test_one_detection_has_no_speed_and_tracks_are_apart() -> None:
    at = 0.1 + 0.01 * np.arange(4)
    both = joined([track(at, at + 0.1), track(at[:1] + 0.5, at[:1] + 0.6, number=1)])
    both = both.select(np.argsort(both.frame, kind="stable"))
    found = track_velocity(both, WHOLE, FPS)
    assert np.isnan(found[both.track == 1]).all()
    np.testing.assert_allclose(found[both.track == 0, 0], 0.2, atol=1e-4)
    assert track_velocity(no_objects(2), WHOLE, FPS).shape == (0, 2)


def test_a_shortened_reach_sees_nothing_later() -> None:
    at = np.concatenate([np.full(10, 0.1), 0.1 + 0.05 * np.arange(1, 6)])
    moving = track(at, at + 0.1)
    assert track_velocity(moving, WHOLE, FPS)[9, 0] > 0.1
    assert track_velocity(moving, Reach(1.0, FPS, share=0.0), FPS)[9, 0] == 0
    assert SHARE * WHOLE.after <= WHOLE.after, "no further than the medians reach"
