"""A memory of normal vectors, and what it would say without one fold, against the slow way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.methods.object_memory.neighbour_memory import WIDE, NeighbourMemory
from scenewise.methods.object_memory.neighbours import CEILING, FLOOR


def drawn(seed: int, count: int, width: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


def slow_means(vectors: np.ndarray, folds: np.ndarray, k: int) -> np.ndarray:
    """Mean distance of each to its k nearest of other folds; 0 if there is none."""
    means = []
    for vector, fold in zip(vectors, folds, strict=True):
        apart = np.sort(np.linalg.norm(vectors[folds != fold].astype(float) - vector, axis=1))[:k]
        means.append(apart.mean() if len(apart) else 0.0)
    return np.array(means)


def slow_scores(queries: np.ndarray, known: np.ndarray, means: np.ndarray, k: int, floor: float) -> np.ndarray:
    """Of `queries`, by the vectors `known` with their mean distances."""
    if not len(known):
        return np.ones(len(queries))
    clipped = np.clip(means, *np.percentile(means, [floor, CEILING]))
    scores = []
    for query in queries:
        apart = np.linalg.norm(known.astype(float) - query, axis=1)
        near = np.argsort(apart)[:k]
        scores.append(apart[near].mean() / max(clipped[near].mean(), 1e-6))
    return np.array(scores)


def slow_left_out(memory: NeighbourMemory, queries: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Each query by the memory of the other folds alone; a fold that is then alone keeps its distances to all."""
    everything = slow_means(memory.vectors, memory.folds, memory.k)
    scores = np.empty(len(queries))
    for fold in np.unique(folds):
        others = memory.folds != fold
        known, known_folds = memory.vectors[others], memory.folds[others]
        alone = len(np.unique(known_folds)) < 2
        means = everything[others] if alone else slow_means(known, known_folds, memory.k)
        scores[folds == fold] = slow_scores(queries[folds == fold], known, means, memory.k, memory.floor)
    return scores


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 9999),
    st.integers(2, 70),
    st.integers(1, 12),
    st.integers(2, 5),
    st.sampled_from([0.0, FLOOR, 50.0]),
)
def test_left_out_against_the_slow_way(seed: int, rows: int, k: int, groups: int, floor: float) -> None:
    random = np.random.default_rng(seed)
    folds = random.integers(0, groups, rows).astype(np.int32)
    folds[:2] = [0, 1]
    memory = NeighbourMemory(drawn(seed, rows), folds, k, floor)
    np.testing.assert_allclose(
        memory.left_out(memory.vectors, folds), slow_left_out(memory, memory.vectors, folds), rtol=1e-3
    )
    queries, theirs = drawn(seed + 1, 9), random.integers(0, groups + 1, 9).astype(np.int32)
    np.testing.assert_allclose(memory.left_out(queries, theirs), slow_left_out(memory, queries, theirs), rtol=1e-3)


def test_left_out_is_a_memory_of_the_other_folds() -> None:
    folds = (np.arange(300) % 6).astype(np.int32)
    memory = NeighbourMemory(drawn(0, 300), folds, 10)
    found = memory.left_out(memory.vectors, folds)
    for fold in range(6):
        others = folds != fold
        anew = NeighbourMemory(memory.vectors[others], folds[others], 10)
        np.testing.assert_allclose(found[~others], anew.score(memory.vectors[~others])[0], rtol=1e-4)


def test_a_fold_that_holds_nearly_all_neighbours() -> None:
    """What is kept of the neighbours does not suffice; they are looked for again."""
    folds = np.where(np.arange(400) % 16, 0, 1 + np.arange(400) // 16 % 3).astype(np.int32)
    memory = NeighbourMemory(drawn(3, 400), folds, 8)
    others = np.flatnonzero(folds)
    kept = (folds[memory._wide.row[others]] != 0).sum(axis=1)
    assert memory._wide.row.shape[1] == WIDE * 8 and (kept < 8).any() and (folds == 0).mean() > 2 / 3
    np.testing.assert_allclose(
        memory.left_out(memory.vectors, folds), slow_left_out(memory, memory.vectors, folds), rtol=1e-3
    )


def test_scores_against_the_slow_way() -> None:
    folds = (np.arange(120) % 4).astype(np.int32)
    memory = NeighbourMemory(drawn(0, 120), folds, 7)
    queries = drawn(1, 30)
    scores, rows = memory.score(queries)
    expected = slow_scores(queries, memory.vectors, slow_means(memory.vectors, folds, 7), 7, FLOOR)
    np.testing.assert_allclose(scores, expected, rtol=1e-4)
    apart = np.linalg.norm(queries[:, None] - memory.vectors[None], axis=2)
    np.testing.assert_array_equal(rows, apart.argmin(axis=1))
    assert 0.7 < np.median(scores) < 1.4 and memory.score(queries + 50)[0].min() > 5
    assert len(memory.vectors) == 120


@pytest.mark.parametrize("count", [1, 5])
def test_one_fold_alone_has_nothing_to_compare_with(count: int) -> None:
    memory = NeighbourMemory(drawn(0, count), np.zeros(count, np.int32), 3)
    assert not memory.distance.any()
    assert (memory.left_out(memory.vectors, memory.folds) == 1).all()
    assert np.isfinite(memory.score(drawn(1, 4))[0]).all()


def test_no_vectors() -> None:
    memory = NeighbourMemory(drawn(0, 9), (np.arange(9) % 3).astype(np.int32), 3)
    none = np.empty((0, 4), np.float32)
    assert memory.left_out(none, np.empty(0, np.int32)).shape == (0,)
    assert [part.shape for part in memory.score(none)] == [(0,), (0,)]


def test_scores_by_hand() -> None:
    line = np.array([[0.0], [1], [2], [3], [10]], np.float32)
    memory = NeighbourMemory(line, np.arange(5, dtype=np.int32), k=1, floor=0)
    assert memory.distance[:4].tolist() == [1, 1, 1, 1], "each is 1 from its neighbour"
    score, row = memory.score(np.array([[4.5]], np.float32))
    assert score.tolist() == [1.5] and row.tolist() == [3]
