"""Medians along tracks, and what moves."""

import numpy as np
import pytest
from two_kinds import WIDTH, bank_of, changed, normal, objects, scored

from scenewise.methods.object_memory.track_medians import STILL, STILL_SECONDS, Reach, moving, sightings, track_medians
from scenewise.objects.object_table import no_objects

FPS = 10.0


def test_medians_along_tracks_against_a_slow_loop() -> None:
    known = objects(3)
    values = np.random.default_rng(0).normal(size=(len(known), 2)).astype(np.float32)
    for fps in (0.4, 3.0, 10.0, 500.0):
        for share in (0.0, 0.5, 1.0):
            reach = Reach(1.0, fps, share)
            assert reach.before == round(fps) and reach.after == int(share * round(fps))
            slow = np.empty_like(values)
            for row in range(len(known)):
                apart = known.frame - known.frame[row]
                near = (known.track == known.track[row]) & (-reach.before <= apart) & (apart <= reach.after)
                slow[row] = np.median(values[near], axis=0)
            np.testing.assert_allclose(track_medians(values, known, reach), slow, rtol=1e-6)
    assert track_medians(values[:0], no_objects(WIDTH), Reach(1.0, FPS)).shape == (0, 2)


def test_unknown_values_do_not_count() -> None:
    known = changed(objects(0).select(np.arange(4)), frame=np.arange(4, dtype=np.int32), track=np.zeros(4, np.int32))
    values = np.array([[np.nan], [1], [3], [np.nan]], np.float32)
    assert track_medians(values, known, Reach(0.1, FPS))[:, 0].tolist() == [1, 2, 2, 3]
    assert np.isnan(track_medians(values[[0, 0, 0, 0]], known, Reach(0.1, FPS))).all()


def test_what_moves_by_hand() -> None:
    """A lamp, a walker, one who starts halfway, and a video's first frame, before which nothing was seen."""
    count = 40
    frame, track = np.repeat(np.arange(count), 3), np.tile(np.arange(3), count)
    faster = np.array([0.2 * STILL, 20 * STILL, 0.0])[track]
    faster[(track == 2) & (frame >= 20)] = 10 * STILL
    faster[(track == 0) & (frame == 11)] = 50 * STILL  # one flicker
    faster[frame == 0] = np.nan
    speed = np.stack([np.full(3 * count, 9.0), faster, np.full(3 * count, 9.0)], axis=1).astype(np.float32)
    known = objects(0, 3, 80).select(np.arange(3 * count))
    known = changed(known, frame=frame.astype(np.int32), track=track.astype(np.int32), speed=speed)
    reach = Reach(STILL_SECONDS, FPS)
    moves = moving(known, reach)
    assert not moves[track == 0].any() and moves[track == 1].all()
    np.testing.assert_array_equal(moves[track == 2], np.arange(count) >= 20)
    for bank in (bank_of(normal()), None):
        score, nearest = scored(bank, known)
        np.testing.assert_array_equal(score > 0, moves)
        assert (nearest[~moves] == -1).all()
    alone = known.select(np.flatnonzero(frame == 0))
    assert not moving(alone, reach).any() and moving(no_objects(WIDTH), reach).shape == (0,)


def test_sightings_by_hand() -> None:
    known = objects(0)
    frames = np.array([0, 2, 4, 6, 8, 10, 40], np.int32)
    one = changed(known.select(np.arange(7)), frame=frames, track=np.zeros(7, np.int32))
    reach = Reach(1.0, 10.0)
    found = sightings(one, reach, every=2, enough=6)
    np.testing.assert_allclose(found, [1, 1, 1, 1, 1, 1, 1 / 6], rtol=1e-6)
    np.testing.assert_allclose(sightings(one, reach, 2, 12)[-1], 1 / 6, rtol=1e-6), "half of the eleven examined"
    seldom = sightings(one.select(np.array([0, 6])), reach, every=20, enough=6)
    assert seldom.tolist() == [1, 1], "of two frames within reach one is enough"


@pytest.mark.parametrize(("every", "needed"), [(1, 6), (2, 6), (4, 3), (5, 3), (10, 2), (20, 1), (21, 1), (50, 1)])
def test_half_of_the_examined_frames_suffice_if_these_are_few(every: int, needed: int) -> None:
    twice = changed(
        objects(0).select(np.arange(2)), frame=np.array([1000, 2000], np.int32), track=np.zeros(2, np.int32)
    )
    found = sightings(twice, Reach(1.0, FPS), every, 6)
    assert found.tolist() == pytest.approx([1 / needed] * 2)


def test_sightings_against_a_slow_loop() -> None:
    known = objects(3)
    for share in (0.0, 0.4, 1.0):
        reach = Reach(1.0, FPS, share)
        slow = np.empty(len(known))
        for row in range(len(known)):
            apart = known.frame - known.frame[row]
            slow[row] = ((known.track == known.track[row]) & (-reach.before <= apart) & (apart <= reach.after)).sum()
        np.testing.assert_allclose(sightings(known, reach, 1, 5), np.minimum(slow / 5, 1), rtol=1e-6)
