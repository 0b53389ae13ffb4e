"""From scores of objects to the term of a frame."""

import numpy as np
import pytest
from two_kinds import NO_CROWD, changed, objects

from scenewise.methods.object_memory.scene_model import (
    CROWD,
    HIGHEST,
    ORDINARY_SCORE,
    UNCROWDED,
    fit_crowd,
    in_every_frame,
    object_term,
)
from scenewise.objects.object_table import Objects


def frames_of(count: int, there: int = 1) -> Objects:
    """`count` frames of `there` objects each."""
    rows = np.arange(count * there)
    return changed(objects(0).select(rows % 100), frame=(rows // there).astype(np.int32))


def test_terms_by_hand() -> None:
    known = changed(objects(0).select(np.arange(6)), frame=np.array([0, 0, 0, 2, 6, 6], np.int32))
    scores, examined = np.array([1, 5, 3, 4, 0.2, 0.4], np.float32), np.array([0, 2, 4, 6])
    assert HIGHEST == 2 and ORDINARY_SCORE == 1
    found = object_term(scores, known, examined, NO_CROWD)
    np.testing.assert_allclose(found, [4, 2.5, 0, 0.3])
    alone = object_term(np.array([0.5], np.float32), known.select(slice(1)), np.array([0]), NO_CROWD)
    assert alone.tolist() == [0.5], "one very ordinary object makes no frame less ordinary than itself"
    between = in_every_frame(found, examined, np.arange(8))
    np.testing.assert_allclose(between, [4, 3.25, 2.5, 1.25, 0, 0.15, 0.3, 0.3])


def test_the_highest_of_a_crowd_against_many_draws() -> None:
    random = np.random.default_rng(0)
    normal = random.lognormal(0, 0.4, 5000).astype(np.float32)
    crowd = fit_crowd(np.concatenate([normal, np.zeros(3000, np.float32)]))  # what stands still is not drawn
    assert crowd.shape == (CROWD,) and (np.diff(crowd) > 0).all(), "the more there are, the higher the highest"
    for there in (2, 3, 5, 10, 20, CROWD):
        drawn = np.sort(random.choice(normal, (20_000, there)), axis=1)[:, -HIGHEST:]
        assert crowd[there - 1] == pytest.approx(drawn.mean(), rel=0.1)
    lone = object_term(normal, frames_of(len(normal)), np.arange(len(normal)), NO_CROWD)
    assert crowd[0] == pytest.approx(np.median(lone), rel=0.01)
    assert not fit_crowd(np.zeros(9, np.float32)).any() and not fit_crowd(normal[:0]).any()


def test_a_busy_frame_of_ordinary_objects_is_as_ordinary_as_one_of_a_few() -> None:
    random = np.random.default_rng(1)
    crowd = fit_crowd(random.lognormal(0, 0.4, 5000).astype(np.float32))

    def mean_term(there: int, crowd: np.ndarray) -> float:
        scores = random.lognormal(0, 0.4, 1000 * there).astype(np.float32)
        return float(object_term(scores, frames_of(1000, there), np.arange(1000), crowd).mean())

    few = mean_term(UNCROWDED, crowd)
    assert mean_term(12, NO_CROWD) > 1.3 * few, "for being busy alone"
    for there in (1, 2, 7, 12, CROWD):
        assert mean_term(there, crowd) == pytest.approx(few, rel=0.15)


def test_a_crowd_by_hand() -> None:
    crowd = fit_crowd(np.random.default_rng(1).lognormal(0, 0.4, 5000).astype(np.float32))
    five, first = frames_of(1, 5), np.array([0])
    found = object_term(np.array([1, 1, 1, 4, 4], np.float32), five, first, crowd)
    assert found[0] == pytest.approx(4 - (crowd[4] - crowd[UNCROWDED - 1]), rel=1e-5)
    packed = object_term(np.ones(50, np.float32), frames_of(1, 50), first, crowd)
    assert packed[0] == pytest.approx(1 - (crowd[-1] - crowd[UNCROWDED - 1]), rel=1e-5)
    still = object_term(np.array([0, 0, 1, 4, 4], np.float32), five, first, crowd)
    assert still[0] == pytest.approx(4), "what stands still is no crowd"
