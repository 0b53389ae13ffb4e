"""From scores of objects to the term of a frame."""

import numpy as np
import pytest

from scenewise.methods.object_memory.scene_model import NOTHING, in_every_frame, joined_terms, object_term
from scenewise.methods.object_memory.term_weights import (
    HALF_SECONDS,
    MOST_FOLDS_ABOVE,
    frame_level,
    term_weights,
)


def test_terms_by_hand() -> None:
    frames = np.array([0, 0, 0, 2, 6, 6], np.int32)
    scores, examined = np.array([1, 5, np.nan, 4, 0.2, np.nan], np.float32), np.array([0, 2, 4, 6])
    found = object_term(scores, frames, examined)
    np.testing.assert_allclose(found, [5, 4, NOTHING, 0.2])
    between = in_every_frame(found, examined, np.arange(8))
    np.testing.assert_allclose(between, [5, 4.5, 4, 1.5, NOTHING, -0.4, 0.2, 0.2], atol=1e-6)
    assert object_term(scores[:0], frames[:0], examined).tolist() == [NOTHING] * 4


def test_a_lone_abnormal_object_is_not_halved_by_a_crowd() -> None:
    scores = np.array([0, 0.1, -0.2, 2.4], np.float32)
    assert object_term(scores, np.zeros(4, np.int32), np.array([0]))[0] == np.float32(2.4)


def test_terms_are_joined_by_their_mean_and_place_by_the_maximum() -> None:
    terms = np.array([[1, 2, 6, 0], [0, 0, 0, 4]], np.float32)
    np.testing.assert_allclose(joined_terms(terms, np.array([1, 1, 1, 0.5], np.float32)), [3, 2])
    np.testing.assert_allclose(joined_terms(terms, np.array([1, 1, 0, 0], np.float32)), [1.5, 0])


def agreeing(folds: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.uniform(0, 1, 400 * folds).astype(np.float32), np.repeat(np.arange(folds), 400).astype(np.int32)


def test_terms_that_take_long_to_learn_count_with_the_footage() -> None:
    scores, folds = agreeing(6)
    for seconds, share in ((HALF_SECONDS, 0.5), (9 * HALF_SECONDS, 0.9)):
        flow, speed, expected, _ = term_weights(seconds, scores, folds)
        assert (flow, speed) == (1, 1) and expected == pytest.approx(share)
    assert term_weights(HALF_SECONDS, scores, folds)[-1] == pytest.approx(0.5)


def test_place_counts_only_if_left_out_footage_would_not_alarm_by_it() -> None:
    scores, folds = agreeing(6)
    odd = scores.copy()
    odd[folds == 2] += 5  # somebody stays where nobody else goes
    one = term_weights(HALF_SECONDS, odd, folds)[-1]
    assert one == pytest.approx(0.5 * (1 - 1 / 6 / MOST_FOLDS_ABOVE))
    each_elsewhere = scores + 5 * folds  # each fold's level is above those of the ones before
    few = each_elsewhere[folds < 2], folds[folds < 2]
    assert term_weights(HALF_SECONDS, *few)[-1] == 0
    assert term_weights(HALF_SECONDS, scores, np.zeros_like(folds))[-1] == 0, "one fold has nothing to agree with"


def test_the_level_of_frames_is_that_of_their_highest() -> None:
    assert frame_level(np.linspace(0, 4, 101, dtype=np.float32)) == pytest.approx(3.96)
    assert frame_level(np.zeros(5, np.float32)) == 1 and frame_level(np.zeros(0, np.float32)) == 1
