"""Velocity along tracks, by hand."""

import numpy as np
import pytest
from two_kinds import WIDTH, changed, objects

from scenewise.methods.object_memory.track_medians import Reach
from scenewise.methods.object_memory.track_velocity import SHARE, track_velocity
from scenewise.objects.object_table import Objects, no_objects

FPS = 10.0
REACH = Reach(1.0, FPS)


def seen_at(frames: list[int], centres: np.ndarray, tracks: list[int] | None = None) -> Objects:
    """Objects in `frames` with `centres` (M, 2); one track unless told."""
    count = len(frames)
    return changed(
        objects(0).select(np.arange(count)),
        frame=np.array(frames, np.int32),
        centre=centres.astype(np.float32),
        track=np.array(tracks if tracks else [0] * count, np.int32),
    )


def walk(frames: list[int], velocity: tuple[float, float]) -> np.ndarray:
    """Centres of who goes on at `velocity`, picture heights a second."""
    return np.array([0.2, 0.5]) + np.array(frames)[:, None] / FPS * velocity


def test_a_steady_track_is_exact_however_often_it_was_seen() -> None:
    for frames in (list(range(30)), list(range(0, 30, 3)), [4, 5, 9, 13, 14, 17]):
        found = track_velocity(seen_at(frames, walk(frames, (0.3, -0.1))), REACH, FPS)
        np.testing.assert_allclose(found, np.tile([0.3, -0.1], (len(frames), 1)), atol=1e-5)


def test_a_box_that_jitters_is_hardly_faster() -> None:
    frames = list(range(60))
    jitter = 0.004 * np.where(np.arange(60) % 2, 1, -1)[:, None]
    found = track_velocity(seen_at(frames, walk(frames, (0.1, 0)) + jitter), REACH, FPS)
    between_frames = 2 * 0.004 * FPS
    assert np.abs(found - [0.1, 0]).max() <= between_frames / (SHARE * REACH.before) + 1e-5


def test_by_hand_where_someone_starts() -> None:
    frames = list(range(21))
    centres = np.stack([0.1 * np.maximum(np.arange(21) - 10, 0), np.zeros(21)], axis=1)
    found = track_velocity(seen_at(frames, centres), REACH, FPS)[:, 0]
    near = round(SHARE * REACH.before)
    assert found[10 - near] == 0 and found[10 + near] == pytest.approx(1, rel=1e-5)
    assert found[10] == pytest.approx(0.5, rel=1e-5)
    assert found[20] == pytest.approx(1, rel=1e-5), "at the end, from what came before"


def test_who_was_seen_once_has_no_velocity() -> None:
    frames, tracks = [0, 1, 1, 40], [0, 1, 2, 1]
    known = seen_at(frames, np.random.default_rng(0).random((4, 2)), tracks)
    assert np.isnan(track_velocity(known, REACH, FPS)).all(), "three tracks; the second comes back much later"
    assert track_velocity(no_objects(WIDTH), REACH, FPS).shape == (0, 2)


def test_a_shorter_look_ahead_measures_what_came_before() -> None:
    frames = list(range(21))
    centres = np.stack([0.1 * np.maximum(np.arange(21) - 10, 0), np.zeros(21)], axis=1)
    known = seen_at(frames, centres)
    found = track_velocity(known, Reach(1.0, FPS, share=0.0), FPS)[:, 0]
    assert np.isnan(found[0]) and not found[1:11].any()
    assert found[11] == pytest.approx(1 / (SHARE * REACH.before), rel=1e-5)
    seen = track_velocity(known.select(slice(13)), Reach(1.0, FPS, share=0.0), FPS)[:, 0]
    np.testing.assert_array_equal(seen, found[:13])


def test_tracks_do_not_mix_and_come_back_in_their_rows() -> None:
    frames = np.repeat(np.arange(20), 2)
    tracks = np.tile([7, 3], 20)
    velocities = np.array([[0.2, 0.0], [-0.5, 0.1]])[np.tile([0, 1], 20)]
    known = seen_at(frames.tolist(), frames[:, None] / FPS * velocities, tracks.tolist())
    np.testing.assert_allclose(track_velocity(known, REACH, FPS), velocities, atol=1e-5)
