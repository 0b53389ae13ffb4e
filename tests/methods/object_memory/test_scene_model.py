"""From the terms of an object to its score, and from scores of objects to the term of a frame."""

import numpy as np
import pytest
from two_kinds import FPS, UNSCALED, bank_of, normal, normal_objects, objects

from scenewise.methods.object_memory.description import TRACK_SECONDS
from scenewise.methods.object_memory.memory_bank import TERMS
from scenewise.methods.object_memory.scene_model import (
    ENOUGH_SIGHTINGS,
    NOTHING,
    SCORE_WITHOUT_BANK,
    SceneModel,
    earned_weight,
    in_every_frame,
    joined_terms,
    leave_one_group_out,
    object_term,
)
from scenewise.methods.object_memory.track_medians import Reach, sightings


def test_the_term_of_a_frame_is_its_highest_score() -> None:
    frames, examined = np.array([0, 0, 0, 2, 6, 6], np.int32), np.array([0, 2, 4, 6])
    found = object_term(np.array([1, 5, 3, 4, 0.2, np.nan], np.float32), frames, examined)
    np.testing.assert_allclose(found, [5, 4, NOTHING, 0.2])
    between = in_every_frame(found, examined, np.arange(8))
    np.testing.assert_allclose(between, [5, 4.5, 4, (4 + NOTHING) / 2, NOTHING, (NOTHING + 0.2) / 2, 0.2, 0.2])


def test_nothing_that_moves_gives_the_least_term() -> None:
    examined = np.arange(3)
    assert object_term(np.empty(0, np.float32), np.empty(0, np.int32), examined).tolist() == [NOTHING] * 3
    still = np.full(3, np.nan, np.float32)
    assert object_term(still, np.arange(3, dtype=np.int32), examined).tolist() == [NOTHING] * 3
    low = object_term(np.array([NOTHING - 1], np.float32), np.array([1], np.int32), examined)
    assert low.tolist() == [NOTHING] * 3, "an object makes no frame more ordinary than an empty one"


def test_one_bad_detection_counts_a_fraction() -> None:
    model = SceneModel(bank_of(normal()), UNSCALED, 0.0, None)
    known = objects(0)
    alone = known.select(known.track == 0).select(slice(1))
    seen = sightings(alone, Reach(TRACK_SECONDS, FPS), 1, ENOUGH_SIGHTINGS)
    medians = np.full((1, len(TERMS)), 12, np.float32)
    found = model.object_scores(medians, alone.box, seen)
    assert found.tolist() == [pytest.approx(model.object_scores(medians, alone.box, np.ones(1))[0] / ENOUGH_SIGHTINGS)]


def test_terms_are_joined_by_the_mean_or_by_the_place_where_it_was_taught() -> None:
    terms = np.array([[1, 2, 6, 9], [1, 2, 6, 0]], np.float32)
    assert joined_terms(terms, 0.0).tolist() == [3, 3]
    assert joined_terms(terms, 1.0).tolist() == [9, 3]
    assert joined_terms(terms, 0.5).tolist() == [4.5, 3]
    quiet = np.array([[-1, -1, -1, -3]], np.float32)
    assert joined_terms(quiet, 0.0).tolist() == [-1], "a place without weight says nothing"


def test_a_place_earns_its_weight_by_folds_that_agree() -> None:
    scores = np.tile(np.random.default_rng(0).normal(size=500), 6).astype(np.float32)
    folds = np.repeat(np.arange(6, dtype=np.int32), 500)
    assert earned_weight(scores, folds) == 1
    elsewhere = scores.copy()
    elsewhere[folds % 2 == 0] += 100  # half of the folds go where none of the others do
    assert earned_weight(elsewhere, np.where(folds % 2 == 0, 0, folds)) == 0
    one_strays = scores.copy()
    one_strays[np.flatnonzero(folds == 3)[:75]] += 100  # 15 % of one fold, 2.5 % and what is usual of all
    assert 0 < earned_weight(one_strays, folds) < 1


def test_one_fold_or_none_earns_no_weight() -> None:
    assert earned_weight(np.zeros(9, np.float32), np.zeros(9, np.int32)) == 0
    assert earned_weight(np.empty(0, np.float32), np.empty(0, np.int32)) == 0


def test_without_a_bank_whatever_moves_is_abnormal() -> None:
    still = normal_objects(objects(1).select(slice(0)), 1)
    found = leave_one_group_out(None, [normal()[0], still], 1)
    assert (found.scores[0] == SCORE_WITHOUT_BANK).all() and found.scores[1].shape == (0,)
    assert found.place_weight == 0
