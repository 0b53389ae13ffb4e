"""The scale of objects' scores: compared with those alike in edge and size, as far as these are known."""

import numpy as np
import pytest

from scenewise.methods.object_memory.object_scale import (
    CELLS,
    LEAST_SPREAD,
    SIZES,
    TRUSTED,
    fit_object_scale,
)
from scenewise.methods.object_memory.track_velocity import EDGE

INSIDE, AT_EDGE = (0.25, 0.25, 0.5, 0.5), (0.0, 0.25, 0.25, 0.5)
"""Of one size."""


def boxes_of(box: tuple[float, float, float, float], count: int) -> np.ndarray:
    return np.tile(np.array(box, np.float32), (count, 1))


def test_an_edge_object_is_compared_with_edge_objects() -> None:
    """Those at the edge score twice as high, and no more for it on the scale."""
    random = np.random.default_rng(0)
    boxes = np.concatenate([boxes_of(INSIDE, 4000), boxes_of(AT_EDGE, 4000)])
    scores = random.lognormal(0, 0.2, (8000, 2)).astype(np.float32)
    scores[4000:] *= 2
    scale = fit_object_scale(scores, boxes, np.arange(8000))
    found = scale.apply(scores, boxes)
    for rows in (slice(4000), slice(4000, None)):
        np.testing.assert_allclose(np.median(found[rows], axis=0), 0, atol=0.05)
        np.testing.assert_allclose(np.quantile(found[rows], 0.99, axis=0), 1, atol=0.05)


@pytest.mark.parametrize("side", range(4))
def test_every_edge_of_the_picture_counts(side: int) -> None:
    box = list(INSIDE)
    box[side] = 0.5 * EDGE if side < 2 else 1 - 0.5 * EDGE
    sure = np.array([box], np.float32)
    box[side] = 2 * EDGE if side < 2 else 1 - 2 * EDGE
    not_quite = np.array([box], np.float32)
    scores = np.concatenate([np.ones((500, 1)), np.full((500, 1), 3)]).astype(np.float32)
    boxes = np.concatenate([np.repeat(not_quite, 500, axis=0), np.repeat(sure, 500, axis=0)])
    scale = fit_object_scale(scores, boxes, np.arange(1000))
    high = np.full((1, 1), 3, np.float32)
    assert scale.apply(high, not_quite)[0, 0] > 1 > scale.apply(high, sure)[0, 0]


def test_small_objects_are_compared_with_small_ones() -> None:
    random = np.random.default_rng(1)
    sides = random.uniform(0.05, 0.4, 8000).astype(np.float32)
    boxes = np.stack([np.full(8000, 0.3), np.full(8000, 0.3), 0.3 + sides, 0.3 + sides], axis=1).astype(np.float32)
    scores = (random.lognormal(0, 0.1, 8000) * np.where(sides < 0.1375, 3, 1)).astype(np.float32)[:, None]
    scale = fit_object_scale(scores, boxes, np.arange(8000))
    assert scale.sizes.shape == (SIZES - 1,) and (np.diff(scale.sizes) > 0).all()
    found = scale.apply(scores, boxes)[:, 0]
    assert abs(np.median(found[sides < 0.13])) < 0.15 and abs(np.median(found[sides > 0.15])) < 0.15


def test_a_cell_counts_by_its_tracks() -> None:
    """By hand: one track counts 1 / (1 + TRUSTED), however often it was seen; the rest is what holds for all."""
    boxes = np.concatenate([boxes_of(INSIDE, 99), boxes_of(AT_EDGE, 1000)])
    scores = np.concatenate([np.linspace(1, 2, 99), np.linspace(4, 8, 1000)]).astype(np.float32)[:, None]
    for own in (1, 5, 1000):
        tracks = np.concatenate([np.arange(99), 1000 + np.arange(1000) % own])
        scale = fit_object_scale(scores, boxes, tracks)
        overall, share = np.quantile(scores, [0.5, 0.99]), own / (own + TRUSTED)
        median, q99 = overall + share * (np.quantile(scores[99:], [0.5, 0.99]) - overall)
        assert scale.median[SIZES, 0] == pytest.approx(median, rel=1e-5)
        assert scale.spread[SIZES, 0] == pytest.approx(q99 - median, rel=1e-4)
        inside = overall[0] + (np.median(scores[:99]) - overall[0]) * 99 / (99 + TRUSTED)
        assert scale.median[0, 0] == pytest.approx(inside, rel=1e-5)


def test_an_empty_cell_has_the_figures_of_all() -> None:
    scores = np.random.default_rng(2).lognormal(0, 0.3, (300, 1)).astype(np.float32)
    scale = fit_object_scale(scores, boxes_of(INSIDE, 300), np.arange(300))
    median, q99 = np.quantile(scores, [0.5, 0.99])
    assert scale.median[-1, 0] == pytest.approx(median, rel=1e-5)
    assert scale.spread[-1, 0] == pytest.approx(q99 - median, rel=1e-4)


def test_no_objects_at_all() -> None:
    scale = fit_object_scale(np.empty((0, 3), np.float32), np.empty((0, 4), np.float32), np.empty(0, np.int64))
    assert scale.sizes.shape == (SIZES - 1,) and scale.median.shape == scale.spread.shape == (CELLS, 3)
    assert scale.apply(np.full((1, 3), 2, np.float32), boxes_of(INSIDE, 1)).tolist() == [[2, 2, 2]]
    assert scale.apply(np.empty((0, 3), np.float32), np.empty((0, 4), np.float32)).shape == (0, 3)


@pytest.mark.parametrize("value", [0.0, 1.0, 40.0])
def test_scores_without_any_spread(value: float) -> None:
    """A term that was silent in all normal footage does not make whatever it says later look infinite."""
    scores = np.full((50, 1), value, np.float32)
    scale = fit_object_scale(scores, boxes_of(INSIDE, 50), np.arange(50))
    assert not scale.apply(scores, boxes_of(INSIDE, 50)).any()
    assert scale.apply(scores + 1, boxes_of(INSIDE, 50)).max() == pytest.approx(
        1 / (LEAST_SPREAD * max(value, 1)), rel=1e-4
    )


def test_a_raised_term_is_one_where_it_was_at_the_level() -> None:
    scores = np.random.default_rng(3).normal(1, 0.1, (500, 2)).astype(np.float32)
    boxes = boxes_of(INSIDE, 500)
    scale = fit_object_scale(scores, boxes, np.arange(500))
    before, after = scale.apply(scores, boxes), scale.raised(1, 2.0).apply(scores, boxes)
    np.testing.assert_allclose(after[:, 1], before[:, 1] / 2, rtol=1e-5)
    np.testing.assert_array_equal(after[:, 0], before[:, 0])
