"""The scale of objects' scores: each among those alike in edge and size."""

import numpy as np

from scenewise.methods.object_memory.object_scale import CELLS, SIZES, TRUSTED, fit_object_scale

RANDOM = np.random.default_rng(0)


def boxes(count: int, side: float, *, edge: bool = False) -> np.ndarray:
    corner = RANDOM.uniform(0.1, 0.4, (count, 2))
    if edge:
        corner[:, 0] = 0
    return np.concatenate([corner, corner + side], axis=1).astype(np.float32)


def test_objects_at_the_edge_are_compared_with_objects_at_the_edge() -> None:
    inside, edge = RANDOM.normal(1, 0.1, 4000), RANDOM.normal(2, 0.3, 4000)
    places = np.concatenate([boxes(4000, 0.2), boxes(4000, 0.2, edge=True)])
    scores = np.concatenate([inside, edge])[:, None].astype(np.float32)
    scale = fit_object_scale(scores, places, np.arange(8000))  # each a track of its own: its cell is trusted
    found = scale.apply(scores, places)[:, 0]
    for part in (found[:4000], found[4000:]):
        assert abs(np.median(part)) < 0.1 and abs(np.quantile(part, 0.99) - 1) < 0.1


def test_small_objects_are_compared_with_small_ones() -> None:
    sizes = np.repeat([0.02, 0.1, 0.2, 0.3], 2000)
    places = np.concatenate([boxes(2000, side) for side in (0.02, 0.1, 0.2, 0.3)])
    scores = (RANDOM.normal(1, 0.1, 8000) + (sizes < 0.05)).astype(np.float32)[:, None]
    found = fit_object_scale(scores, places, np.arange(8000)).apply(scores, places)[:, 0]
    assert abs(np.median(found[:2000]) - np.median(found[2000:])) < 0.1


def test_one_track_is_hardly_trusted() -> None:
    places = np.concatenate([boxes(4000, 0.2), boxes(50, 0.2, edge=True)])
    scores = np.concatenate([RANDOM.normal(1, 0.1, 4000), np.full(50, 9.0)])[:, None].astype(np.float32)
    scale = fit_object_scale(scores, places, np.concatenate([np.arange(4000), np.full(50, 9999)]))
    overall = np.median(scores)
    edge_cells = scale.median[SIZES:, 0]
    moved = (edge_cells - overall) / (9 - overall)
    expected = 1 / (1 + TRUSTED)
    assert any(abs(one - expected) < 0.01 for one in moved) and moved.max() < 2 * expected


def test_no_objects_and_equal_scores() -> None:
    none = fit_object_scale(np.zeros((0, 4), np.float32), np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    assert none.median.shape == (CELLS, 4) and (none.spread > 0).all()
    same = fit_object_scale(np.ones((9, 2), np.float32), boxes(9, 0.2), np.arange(9))
    assert np.isfinite(same.apply(np.ones((9, 2), np.float32), boxes(9, 0.2))).all()


def test_a_raised_term_is_one_where_it_was_at_the_level() -> None:
    places = boxes(500, 0.2)
    scores = RANDOM.normal(1, 0.1, (500, 2)).astype(np.float32)
    scale = fit_object_scale(scores, places, np.arange(500))
    before, after = scale.apply(scores, places), scale.raised(1, 2.0).apply(scores, places)
    np.testing.assert_allclose(after[:, 1], before[:, 1] / 2, rtol=1e-5)
    np.testing.assert_array_equal(after[:, 0], before[:, 0])
