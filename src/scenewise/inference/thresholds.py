"""The alarm threshold of each scene: 1, a given one, or one chosen for a number of alarms per day."""

from typing import Any

import numpy as np

from scenewise.clock import duration
from scenewise.config import ScoreConfig
from scenewise.counted import counted
from scenewise.scoring.calibration import Calibration
from scenewise.scoring.level import UNUSUAL, Levels
from scenewise.scoring.threshold import AlarmThreshold, alarm_threshold

NORMAL = 1.0
"""The 99th percentile of normal scores on the scene scale."""


class Thresholds:
    """The threshold of every scene of a run."""

    def __init__(self, calibration: Calibration, config: ScoreConfig) -> None:
        self.calibration, self.config = calibration, config
        self._chosen: dict[str, AlarmThreshold] = {}

    def of(self, scene: str) -> dict[str, Any]:
        """Plain JSON: `value` on the scene scale, how it was chosen, and from where on a score is `unusual`."""
        normal = np.concatenate([part.scores for part in self.calibration.normal_scores(scene)])
        unusual = {"unusual": round(float(np.quantile(normal, UNUSUAL)), 6)}
        budget = self.config.alarms_per_day
        if budget is None:
            given = self.config.threshold
            return {"value": NORMAL if given is None else given, "alarms_per_day": None, **unusual}
        if scene not in self._chosen:
            self._chosen[scene] = alarm_threshold(self.calibration.normal_scores(scene), budget, self.config.merge)
        chosen = self._chosen[scene]
        return {
            "value": chosen.value,
            "alarms_per_day": budget,
            "extrapolated": chosen.extrapolated,
            "low": chosen.low,
            "high": chosen.high,
            "held_out_hours": chosen.hours,
            "missing_hours": chosen.missing_hours,
            **unusual,
        }


def levels_of(threshold: dict[str, Any]) -> Levels:
    """The levels of what `Thresholds.of` gives."""
    return Levels(threshold["unusual"], threshold["value"])


def in_words(scene: str, threshold: dict[str, Any]) -> str | None:
    """One line that says how a budget's threshold was chosen; None without a budget."""
    if threshold["alarms_per_day"] is None:
        return None
    lead = f"threshold of {scene}: {threshold['value']:.2f} for {counted(threshold['alarms_per_day'], 'alarm')} per day"
    hours = f"{duration(3600 * threshold['held_out_hours'])} of normal footage"
    if not threshold["extrapolated"]:
        return f"{lead}, read off {hours}"
    return (
        f"{lead}, extrapolated from {hours} (95 %: {threshold['low']:.2f} to {threshold['high']:.2f}); "
        f"{duration(3600 * threshold['missing_hours'])} more are needed to read it off directly"
    )
