"""Thresholds by a budget of alarms, on scores whose true rate of alarms is known."""

import math

import numpy as np
import pytest

from scenewise.scoring.threshold import NormalScores, alarm_peaks, alarm_threshold

FPS = 2.0
HOUR = round(3600 * FPS)


def normal_scores(hours: float, seed: int, peaks_an_hour: float = 20.0) -> np.ndarray:
    """Noise below 0.5, and lone peaks of 1 + an exponential of mean 0.5: peaks_an_hour x exp(-2 (t - 1)) above t."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0, 0.5, round(hours * HOUR))
    at = random.random(len(scores)) < peaks_an_hour / HOUR
    scores[at] = 1 + random.exponential(0.5, int(at.sum()))
    return scores.astype(np.float32)


def true_threshold(alarms_per_day: float, peaks_an_hour: float = 20.0) -> float:
    return 1 + 0.5 * math.log(24 * peaks_an_hour / alarms_per_day)


def test_long_footage_is_read_off() -> None:
    parts = [NormalScores(normal_scores(60, seed), FPS) for seed in (1, 2, 3, 4)]
    found = alarm_threshold(parts, alarms_per_day=10, merge=0.0)
    assert not found.extrapolated and found.missing_hours == 0 and found.hours == pytest.approx(240)
    assert len(alarm_peaks(parts, found.value, 0.0)) == 100  # 10 days, 10 a day
    assert len(alarm_peaks(parts, found.value - 1e-3, 0.0)) > 100
    assert found.value == pytest.approx(true_threshold(10), abs=0.15)
    assert found.low == found.high == found.value


def test_short_footage_is_extrapolated_and_says_what_is_missing() -> None:
    found = alarm_threshold([NormalScores(normal_scores(6, 0), FPS)], alarms_per_day=1, merge=0.0)
    assert found.extrapolated and found.hours == pytest.approx(6) and found.missing_hours == pytest.approx(18)
    assert found.low < found.value < found.high
    assert alarm_threshold([NormalScores(normal_scores(6, 0), FPS)], 0.5, 0.0).missing_hours == pytest.approx(42)


def test_the_extrapolated_range_holds_the_truth_about_as_often_as_it_says() -> None:
    found = [alarm_threshold([NormalScores(normal_scores(3, seed), FPS)], 1.0, 0.0) for seed in range(100)]
    truth = true_threshold(1.0)
    assert sum(one.low <= truth <= one.high for one in found) >= 85
    assert np.median([one.value for one in found]) == pytest.approx(truth, rel=0.15)


def test_a_score_that_dips_is_one_alarm() -> None:
    scores = np.zeros(50 * HOUR, np.float32)
    scores[1000:1010:2] = 3.0
    assert len(alarm_peaks([NormalScores(scores, FPS)], 1.0, merge=0.0)) == 5
    assert len(alarm_peaks([NormalScores(scores, FPS)], 1.0, merge=1.0)) == 1


def test_parts_are_not_joined() -> None:
    ends_high, begins_high = np.zeros(9, np.float32), np.zeros(9, np.float32)
    ends_high[-1] = begins_high[0] = 2.0
    assert len(alarm_peaks([NormalScores(ends_high, FPS), NormalScores(begins_high, FPS)], 1.0, merge=5.0)) == 2


@pytest.mark.parametrize("scores", [np.full(40, 0.3, np.float32), np.array([0.5], np.float32)])
def test_scores_without_a_tail_give_a_finite_threshold(scores: np.ndarray) -> None:
    found = alarm_threshold([NormalScores(scores, 25.0)], 1.0, 1.0)
    assert found.extrapolated and math.isfinite(found.value) and found.value >= scores.max()


def test_a_generous_budget_is_kept_too() -> None:
    parts = [NormalScores(normal_scores(4, 5), FPS)]
    found = alarm_threshold(parts, alarms_per_day=60_000, merge=0.0)
    assert not found.extrapolated and len(alarm_peaks(parts, found.value, 0.0)) <= 60_000
