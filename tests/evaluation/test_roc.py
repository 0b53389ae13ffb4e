"""The ROC curve against counting by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.evaluation.metrics import frame_auc
from scenewise.evaluation.roc import FALSE_ALARMS, hits_at, labels_of
from scenewise.labels.labels import abnormal_ranges


def slow_hits(labels: np.ndarray, scores: np.ndarray, false_alarms: float) -> float:
    """The best share found along the straight lines between all thresholds."""
    corners = [(0.0, 0.0)]
    for threshold in sorted(set(scores.tolist()), reverse=True):
        above = scores >= threshold
        corners.append((above[~labels].mean(), above[labels].mean()))
    best = 0.0
    for (left, low), (right, high) in itertools.pairwise(corners):
        if left <= false_alarms <= right:
            share = 1.0 if right == left else (false_alarms - left) / (right - left)
            best = max(best, low + share * (high - low))
    return best


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=30))
def test_it_is_the_curve_through_all_thresholds(frames: list[tuple[bool, int]]) -> None:
    labels = np.array([label for label, _ in frames])
    scores = np.array([score for _, score in frames], np.float32)
    hits = hits_at(labels, scores)
    if labels.all() or not labels.any():
        assert hits is None
        return
    assert hits is not None and (np.diff(hits) >= -1e-12).all() and hits[-1] == 1
    for place in (0, 1, 125, 250, 377, 500):
        assert hits[place] == pytest.approx(slow_hits(labels, scores, FALSE_ALARMS[place]))
    assert np.trapezoid(hits, FALSE_ALARMS) == pytest.approx(frame_auc(labels, scores), abs=2e-3)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_labels_are_restored_from_their_ranges(labels: list[bool]) -> None:
    truth = np.array(labels)
    np.testing.assert_array_equal(labels_of(len(truth), abnormal_ranges(truth)), truth)
