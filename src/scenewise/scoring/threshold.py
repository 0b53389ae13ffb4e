"""The alarm threshold for a budget of alarms, from held-out normal scores.

Every alarm on held-out normal footage is a false alarm. If that footage is so long that the budget allows at least one
alarm in it, the threshold is read off its scores. If not, the tail is extrapolated by peaks over threshold (Davison and
Smith, "Models for exceedances over high thresholds", JRSS B 52, 1990; Coles, "An Introduction to Statistical Modeling
of Extreme Values", 2001, chapters 4 and 5). A level u is chosen that many alarms reach; the excess of their peaks over
u is modelled as exponential with mean b, the generalised Pareto distribution of shape 0. Then

    alarms per day above t  =  alarms per day above u  x  exp(-(t - u) / b)

The shape is not fitted: from the few dozen peaks that short footage has, it would be mostly noise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from scenewise.scoring.events import find_events

LEVELS = 1 - 0.5 ** np.arange(20, 0, -1)
"""Quantiles of the scores that u is chosen from: the highest with enough peaks, from the top millionth to the median.
"""
ENOUGH_PEAKS = 20
"""So many give the mean excess to within about a fifth; for more, u would lie below the tail of the scores."""
HOURS_A_DAY = 24


class NormalScores(NamedTuple):
    """Scores of consecutive normal frames of one video, by a method that was fitted without them."""

    scores: NDArray[np.float32]
    """(N,)"""
    fps: float


@dataclass(frozen=True)
class AlarmThreshold:
    """A threshold on the scene scale, and its uncertainty."""

    value: float
    """Alarms are runs of frames above it."""
    low: float
    high: float
    """The ends of its 95 % interval if the tail is exponential; both are `value` if it was read off."""
    extrapolated: bool
    hours: float
    """Hours of held-out normal footage."""
    missing_hours: float
    """Hours of held-out normal footage that are missing to read the threshold off; 0 if it was read off."""


def alarm_threshold(normal: Sequence[NormalScores], alarms_per_day: float, merge: float) -> AlarmThreshold:
    """The threshold at which normal footage is expected to raise `alarms_per_day` alarms per day.

    Frames above it are one alarm if less than `merge` seconds lie between them. `normal`, on the scene scale and
    smoothed, holds at least one frame; `alarms_per_day` is above 0.
    """
    hours = sum(len(part.scores) / part.fps for part in normal) / 3600
    needed = HOURS_A_DAY / alarms_per_day
    if hours >= needed:
        value = _read_off(normal, math.floor(hours / needed), merge)
        return AlarmThreshold(value, value, value, False, hours, 0.0)
    level, peaks = _base(normal, merge, ENOUGH_PEAKS)
    beyond = math.log(len(peaks) * needed / hours) if len(peaks) else 0.0
    mean = float((peaks - level).mean()) if len(peaks) else 0.0
    # 2 n x mean / true mean follows chi-square with 2 n degrees of freedom.
    low, high = (
        2 * len(peaks) * mean / chi2.ppf(share, 2 * len(peaks)) if len(peaks) else 0.0 for share in (0.975, 0.025)
    )
    return AlarmThreshold(
        level + mean * beyond,
        level + float(low) * beyond,
        level + float(high) * beyond,
        True,
        hours,
        needed - hours,
    )


def alarm_peaks(normal: Sequence[NormalScores], threshold: float, merge: float) -> NDArray[np.float64]:
    """The highest score of every alarm at `threshold`, highest first."""
    peaks = [
        event.peak_score for part in normal for event in find_events(part.scores, threshold, round(merge * part.fps))
    ]
    return np.sort(np.array(peaks, np.float64))[::-1]


def _base(normal: Sequence[NormalScores], merge: float, enough: int) -> tuple[float, NDArray[np.float64]]:
    """The highest level that at least `enough` alarms reach, or else the one that most reach; and their peaks."""
    scores = np.concatenate([part.scores for part in normal])
    best = (float(scores.max()), np.empty(0))
    for level in np.quantile(scores, LEVELS):
        peaks = alarm_peaks(normal, float(level), merge)
        if len(peaks) > len(best[1]):
            best = (float(level), peaks)
        if len(peaks) >= enough:
            break
    return best


def _read_off(normal: Sequence[NormalScores], granted: int, merge: float) -> float:
    """The lowest threshold, among the peaks in the upper half of the scores, with at most `granted` alarms above it."""
    level, peaks = _base(normal, merge, granted + 1)
    if len(peaks) <= granted:
        return level
    # One alarm at the base level can be several at a higher threshold, so alarms are counted again at each.
    kept, exceeded = 0, granted + 1  # peaks, highest first, at which the budget is kept and exceeded
    while exceeded - kept > 1:
        middle = (kept + exceeded) // 2
        if len(alarm_peaks(normal, float(peaks[middle]), merge)) <= granted:
            kept = middle
        else:
            exceeded = middle
    return float(peaks[kept])
