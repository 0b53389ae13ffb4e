"""A memory of normal vectors, against one that is made anew without the fold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.methods.object_memory.neighbour_memory import WIDE, NeighbourMemory
from scenewise.methods.object_memory.neighbours import clip_distances, mean_distance, nearest, relative_to_neighbours


def without(memory: NeighbourMemory, fold: int) -> NeighbourMemory:
    others = memory.folds != fold
    return NeighbourMemory(memory.vectors[others], memory.folds[others], memory.k, memory.floor)


def require_as_made_anew(memory: NeighbourMemory) -> None:
    found = memory.left_out(memory.vectors, memory.folds)
    for fold in np.unique(memory.folds):
        mine = memory.folds == fold
        expected = without(memory, int(fold)).score(memory.vectors[mine])[0]
        np.testing.assert_allclose(found[mine], expected, rtol=2e-4, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**20), rows=st.integers(30, 150), folds=st.integers(3, 8), k=st.integers(1, 12))
def test_left_out_is_a_memory_without_the_fold(seed: int, rows: int, folds: int, k: int) -> None:
    random = np.random.default_rng(seed)
    numbers = np.concatenate([np.arange(folds), random.integers(0, folds, rows)]).astype(np.int32)
    vectors = random.normal(size=(len(numbers), 3)).astype(np.float32)
    require_as_made_anew(NeighbourMemory(vectors, numbers, k))


def test_a_fold_that_holds_nearly_all_neighbours_is_left_out_too() -> None:
    """Rows of two folds lie among very many of the third: what is kept of their neighbours does not suffice."""
    random = np.random.default_rng(0)
    k = 4
    close = random.normal(0, 0.1, size=(20 * WIDE * k, 2))
    far = random.normal(0, 5, size=(40, 2))
    folds = np.concatenate([np.zeros(len(close)), 1 + np.arange(len(far)) % 2]).astype(np.int32)
    vectors = np.concatenate([close, far]).astype(np.float32)
    vectors[len(close)] = vectors[len(close) + 1] = 0
    require_as_made_anew(NeighbourMemory(vectors, folds, k))


def test_scores_by_hand() -> None:
    line = np.array([[0.0], [1], [2], [3], [10]], np.float32)
    memory = NeighbourMemory(line, np.arange(5, dtype=np.int32), k=1, floor=0)
    assert memory.distance[:4].tolist() == [1, 1, 1, 1], "each is 1 from its neighbour"
    score, row = memory.score(np.array([[4.5]], np.float32))
    assert score.tolist() == [1.5] and row.tolist() == [3]


def test_scores_are_relative_to_the_neighbours_own_distances() -> None:
    random = np.random.default_rng(1)
    vectors, folds = random.normal(size=(90, 4)).astype(np.float32), np.arange(90, dtype=np.int32) % 3
    memory = NeighbourMemory(vectors, folds, 5)
    distance = clip_distances(mean_distance(nearest(vectors, vectors, 5, (folds, folds))))
    new = random.normal(size=(7, 4)).astype(np.float32)
    found = nearest(new, vectors, 5)
    expected = relative_to_neighbours(mean_distance(found), found, distance)
    np.testing.assert_allclose(memory.score(new)[0], expected, rtol=1e-5)


@pytest.mark.parametrize("folds", [2, 3])
def test_few_folds_give_finite_scores(folds: int) -> None:
    vectors = np.random.default_rng(2).normal(size=(12, 3)).astype(np.float32)
    memory = NeighbourMemory(vectors, (np.arange(12) % folds).astype(np.int32), 5)
    assert np.isfinite(memory.left_out(vectors, memory.folds)).all()
