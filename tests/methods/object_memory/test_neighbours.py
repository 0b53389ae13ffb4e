"""Nearest neighbours against brute force, and distances relative to them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.methods.object_memory import neighbours as module
from scenewise.methods.object_memory.neighbours import (
    CEILING,
    FLOOR,
    Neighbours,
    clip_distances,
    mean_distance,
    nearest,
    relative_to_neighbours,
)


def drawn(seed: int, count: int, width: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(0, 40), st.integers(1, 60), st.integers(1, 80), st.integers(1, 5))
def test_against_brute_force(seed: int, count: int, rows: int, k: int, groups: int) -> None:
    vectors, known = drawn(seed, count), drawn(seed + 1, rows)
    random = np.random.default_rng(seed)
    own, theirs = (random.integers(0, groups, number).astype(np.int32) for number in (count, rows))
    for pair in (None, (own, theirs)):
        found = nearest(vectors, known, k, pair)
        apart = np.linalg.norm(vectors[:, None].astype(np.float64) - known[None], axis=2)
        if pair is not None:
            apart[own[:, None] == theirs[None]] = np.inf
        expected = np.sort(apart, axis=1)[:, :k]
        assert found.distance.shape == found.row.shape == (count, min(k, rows))
        np.testing.assert_allclose(found.distance, expected, rtol=1e-5, atol=1e-6)
        there = np.isfinite(found.distance)
        of_rows = np.take_along_axis(apart, found.row, axis=1)
        np.testing.assert_allclose(found.distance[there], of_rows[there], rtol=1e-5, atol=1e-6)


def test_equal_vectors_are_not_apart_and_batches_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    known = 50 + drawn(0, 500, 64)
    whole = nearest(known, known, 3)
    assert not whole.distance[:, 0].any() and (whole.row[:, 0] == np.arange(500)).all()
    alone = [nearest(known[row : row + 1], known, 3) for row in range(0, 500, 50)]
    np.testing.assert_allclose(np.concatenate([one.distance for one in alone]), whole.distance[::50], rtol=1e-6)
    monkeypatch.setattr(module, "CHUNK", 33)
    np.testing.assert_allclose(nearest(known, known, 3).distance, whole.distance, rtol=1e-6)


def test_means_pass_over_neighbours_that_are_not_there() -> None:
    distance = np.array([[1, 3, np.inf], [np.inf] * 3, [2, 4, 6]], np.float32)
    assert mean_distance(Neighbours(distance, np.zeros((3, 3), np.int64))).tolist() == [2, 0, 4]


def test_repeats_and_outliers_are_clipped() -> None:
    distance = np.concatenate([np.zeros(10), np.linspace(1, 2, 89), [50]]).astype(np.float32)
    clipped = clip_distances(distance)
    assert clipped.min() == np.percentile(distance, FLOOR).astype(np.float32) > 1
    assert clipped.max() == np.percentile(distance, CEILING).astype(np.float32) < 2.5
    inside = (distance > clipped.min()) & (distance < clipped.max())
    assert inside.sum() > 60
    np.testing.assert_array_equal(clipped[inside], distance[inside])


def test_relative_against_a_slow_loop() -> None:
    row = np.array([[0, 1], [2, 0], [1, 2]])
    distance = np.array([[1, 2], [1, np.inf], [np.inf, np.inf]], np.float32)
    own = np.array([1, 3, 4], np.float32)
    value = np.array([6, 8, 5], np.float32)
    assert relative_to_neighbours(value, Neighbours(distance, row), own).tolist() == [3, 2, 1]


def test_one_group_alone_has_nothing_to_compare_with() -> None:
    known, groups = drawn(0, 9), np.zeros(9, np.int32)
    found = nearest(known, known, 4, (groups, groups))
    own = mean_distance(found)
    assert not own.any() and np.isinf(found.distance).all()
    assert (relative_to_neighbours(own, found, own) == 1).all()


def test_what_is_rare_and_allowed_is_ordinary() -> None:
    """A loose cloud beside a dense one: further from its neighbours, as they are from each other."""
    dense, loose = 0.1 * drawn(0, 300), 10 + drawn(1, 300)
    known, groups = np.concatenate([dense, loose]), (np.arange(600) % 6).astype(np.int32)
    own = clip_distances(mean_distance(nearest(known, known, 10, (groups, groups))))
    fresh = np.concatenate([0.1 * drawn(2, 50), 10 + drawn(3, 50), 5 + drawn(4, 50)])
    found = nearest(fresh, known, 10)
    distance = mean_distance(found)
    assert np.median(distance[50:100]) > 5 * np.median(distance[:50])
    new = relative_to_neighbours(distance, found, own)
    assert 0.8 < np.median(new[:50]) < 1.25 and 0.8 < np.median(new[50:100]) < 1.25 and new[100:].min() > 2


def test_an_outlier_in_the_bank_does_not_make_what_is_near_it_normal() -> None:
    """A bad crop, far from all: beside it an object is abnormal with the clipped distances, ordinary without."""
    known, groups = (
        np.concatenate([drawn(0, 600), [[30] * 6]]).astype(np.float32),
        (np.arange(601) % 6).astype(np.int32),
    )
    own = mean_distance(nearest(known, known, 10, (groups, groups)))
    found = nearest(np.full((1, 6), 60, np.float32), known, 1)
    assert found.row[0, 0] == 600
    assert (
        relative_to_neighbours(mean_distance(found), found, own)[0]
        < 1.1
        < 10
        < relative_to_neighbours(mean_distance(found), found, clip_distances(own))[0]
    )
