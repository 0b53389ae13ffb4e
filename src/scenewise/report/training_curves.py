"""What training did: the terms of the loss and the held-out error, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenewise.report.axis import Axis
from scenewise.report.curves import Chart, Series, step_chart
from scenewise.report.runs import Model

TITLES = {
    "held_out": "Held-out error",
    "reconstruction": "Reconstruction loss",
    "contrastive": "Contrastive loss",
    "classification": "Scene classification loss",
    "divergence": "Divergence from the unit normal",
}
"""Columns of the log worth a picture; the sum of a loss can not be compared between objectives."""
WIDE = 20.0
"""A loss that falls by more than this factor is drawn on a logarithmic axis."""


@dataclass(frozen=True)
class TrainingChart:
    """One column of the log, all models that have it."""

    title: str
    chart: Chart
    spoken: str


def training_charts(models: Sequence[Model]) -> list[TrainingChart]:
    """A chart for every column that any run logged; a model's seeds are compared at the steps that all models have."""
    return [found for column, title in TITLES.items() if (found := _training_chart(column, title, models))]


def _training_chart(column: str, title: str, models: Sequence[Model]) -> TrainingChart | None:
    logs = {model.name: [dict(run.log.get(column, [])) for run in model.runs] for model in models}
    present = [model for model in models if all(logs[model.name])]
    if not present:
        return None
    shared = set.intersection(*(set(log) for model in present for log in logs[model.name]))
    if not shared:
        return None
    steps = sorted(shared)
    series = [
        Series(model.short, model.accent, np.array([[log[step] for step in steps] for log in logs[model.name]]))
        for model in present
    ]
    low, high = float(min(one.low.min() for one in series)), float(max(one.high.max() for one in series))
    logarithmic = low > 0 and high > WIDE * low
    if not logarithmic:
        low = min(low, 0.0)
    axis = Axis(low, high if high > low else low + 1, "logarithmic" if logarithmic else "linear")
    last = "; ".join(f"{one.label} ends at {one.mean[-1]:.3g}" for one in series)
    return TrainingChart(title, step_chart(series, np.array(steps), axis), f"{title} by training step. {last}.")
