"""Whether each model alarms at one frame of an event, and whether that is right for the scene."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenewise.report.axis import significant
from scenewise.report.evaluated_runs import Model
from scenewise.report.event_pairs import FoundEvent

THRESHOLD = 1.0
"""On the scene scale: the 99th percentile of the scene's held-out normal footage."""


@dataclass(frozen=True)
class Verdict:
    """How one model scores the middle frame."""

    model: Model
    score: float
    """Mean over the seeds."""
    flagged: bool | None
    """Above the threshold; None if the scores are raw, which have none."""
    right: bool | None
    """Whether the scene judges the event so; None without a verdict."""
    seeds_agreeing: int
    """How many of the model's seeds, each by itself, come to the same verdict."""
    above: float | None
    """Share of the event's frames that count above the threshold, by the mean over the seeds."""

    @property
    def figure(self) -> str:
        """The score with two decimals; three digits if it is 10 or more. On the scene scale none is below 0."""
        score = self.score if self.flagged is None else max(self.score, 0.0)
        return f"{score:.2f}" if abs(score) < 10 else f"{significant(score):g}"

    @property
    def word(self) -> str:
        """`flagged`, `allowed`, or `no verdict` on the raw scale."""
        return "no verdict" if self.flagged is None else "flagged" if self.flagged else "allowed"


def verdicts_at(models: Sequence[Model], found: FoundEvent, *, scaled: bool) -> list[Verdict]:
    """Every model's verdict at the event's middle frame; `scaled` is whether scores are on the scene scale."""
    return [_verdict(model, found, place, scaled) for place, model in enumerate(models)]


def _verdict(model: Model, found: FoundEvent, place: int, scaled: bool) -> Verdict:
    series, frame = found.video.series[place], found.middle
    score = float(series.mean[frame])
    if not scaled:
        return Verdict(model, score, None, None, len(series.seeds), None)
    flagged = score > THRESHOLD
    agreeing = int(np.count_nonzero((series.seeds[:, frame] > THRESHOLD) == flagged))
    above = float(np.mean(series.mean[found.counting] > THRESHOLD))
    return Verdict(model, score, flagged, flagged == found.event.abnormal, agreeing, above)
