"""What training logged, step by step: every column of log.csv as a chart, such as a loss or the held-out error."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from scenewise.checksums import check, reading, recorded_checksums
from scenewise.config import MOST
from scenewise.formats.csv_table import read_table
from scenewise.report.axis import Axis, Values
from scenewise.report.curves import Chart, Series, step_chart
from scenewise.report.drawing import TWO_COLUMNS, draw_curves, draw_legend
from scenewise.report.evaluated_runs import EvaluatedRun, Model
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content, Frames, Pictures

TITLE = "Training"
STEP, LOSS = "step", "loss"
"""The column of steps, and one that is not drawn: models weight the losses in that sum differently."""
WIDE = 20.0
"""A curve that falls by more than this factor is drawn on a logarithmic axis."""

_LOG = re.compile(r"(scenes/(?P<scene>[^/]+)/)?log\.csv", re.DOTALL)
"""Names of the logs in a run."""
Log = dict[tuple[str, str], dict[int, float]]
"""{(column, scene): {step: value}}; the scene is empty if one model was trained for all."""


@dataclass(frozen=True)
class TrainingChart:
    """One column of the logs, all models that have it."""

    title: str
    chart: Chart
    spoken: str


@dataclass(frozen=True, eq=False)
class TrainingContent(Content):
    """All columns of all logs."""

    charts: list[TrainingChart]
    without_steps: list[str]
    """Names of the models without a log."""

    def pictures(self, frames: Frames) -> Pictures:
        """All charts in one picture."""
        return {"training": lambda: draw_training(self.charts)}


def show(gathered: Gathered) -> TrainingContent | None:
    """A chart for every column that any run logged; None without logs."""
    logs = {model.name: [_read_logs(run) for run in model.runs] for model in gathered.drawn}
    keys = dict.fromkeys(key for of_model in logs.values() for log in of_model for key in log)
    charts = [found for key in keys if (found := _training_chart(*key, gathered.drawn, logs))]
    without = [model.short for model in gathered.drawn if not any(logs[model.name])]
    return TrainingContent(charts, without) if charts else None


def _read_logs(run: EvaluatedRun) -> Log:
    """The run's log.csv, or those of its scenes if every scene has a model.

    Raises IntegrityError if one was changed or removed.
    """
    found: Log = {}
    for name in sorted(recorded_checksums(run.folder)):
        place = _LOG.fullmatch(name)
        if place is not None:
            for column, values in _read_log(check(run.folder / name, run.folder)).items():
                found[column, place["scene"] or ""] = values
    return found


def _read_log(path: Path) -> dict[str, dict[int, float]]:
    """{column: {step: value}} of a log; cells that hold no number are left out."""
    columns: dict[str, dict[int, float]] = {}
    with reading(path, "delete it to make the report without it"):
        for line in read_table(path):
            step = _number(line.get(STEP))
            for name in line:
                value, found = _number(line[name]), columns.setdefault(name, {})
                if step is not None and value is not None and abs(step) <= MOST:
                    found[int(step)] = value
    return {name: found for name, found in columns.items() if found and name not in (STEP, LOSS)}


def _number(cell: str | None) -> float | None:
    try:
        value = float(cell or "")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _training_chart(
    column: str, scene: str, models: Sequence[Model], logs: dict[str, list[Log]]
) -> TrainingChart | None:
    """The chart of one column; the models are compared at the steps that all their runs logged."""
    of_models = {model.name: [log.get((column, scene), {}) for log in logs[model.name]] for model in models}
    present = [model for model in models if all(of_models[model.name])]
    logged = [set(log) for model in present for log in of_models[model.name]]
    steps = sorted(set.intersection(*logged)) if logged else []
    if not steps:
        return None
    series = [
        Series(model.short, model.accent, _logged(of_models[model.name], steps), model.leads) for model in present
    ]
    words = column.replace("_", " ")
    title = words[:1].upper() + words[1:] + (f", {scene}" if scene else "")
    last = "; ".join(f"{one.label} ends at {one.mean[-1]:.3g}" for one in series)
    chart = step_chart(series, np.array(steps), _axis(series), words)
    return TrainingChart(title, chart, f"{title} by training step. {last}.")


def _logged(logs: Sequence[dict[int, float]], steps: Sequence[int]) -> Values:
    """(R, N) what each run logged at each step."""
    return np.array([[log[step] for step in steps] for log in logs])


def _axis(series: Sequence[Series]) -> Axis:
    low, high = float(min(one.low.min() for one in series)), float(max(one.high.max() for one in series))
    logarithmic = low > 0 and high > WIDE * low
    if not logarithmic:
        low = min(low, 0.0)
    return Axis(low, high if high > low else low + 1, "logarithmic" if logarithmic else "linear")


def draw_training(charts: Sequence[TrainingChart]) -> Figure:
    """Every chart, two in a row."""
    rows = (len(charts) + 1) // 2
    figure = Figure((TWO_COLUMNS, 0.5 + 1.9 * rows), layout="constrained")
    panels = list(figure.subplots(rows, 2, squeeze=False).flat)
    for one, axes in zip(charts, panels, strict=False):
        draw_curves(axes, one.chart)
        axes.set_title(one.title, loc="left", fontsize=8)
    for axes in panels[len(charts) :]:
        axes.remove()
    widest = max(charts, key=lambda one: len(one.chart.series))
    draw_legend(figure, panels[charts.index(widest)], widest.chart.series)
    return figure
