"""Why a figure, or its interval, is missing: in words instead of a blank."""

from scenewise.evaluation.metric import Metric
from scenewise.results.rows import Spread
from scenewise.results.table import Tested

WITH_INTERVALS = ("frame_auc_micro", "frame_auc_macro", "scene_auc_mean", "scene_auc", "event_auc", "event_alarm_rate")
"""The figures that `evaluate` gives intervals of, by the first part of their path."""


def lacking(column: Metric, cell: Spread, tested: Tested) -> str:
    """What the test footage lacks for the figure, or for its interval; empty if both are there, or none is wanted."""
    first, *rest = column.path
    if cell.mean is None:
        if first == "scene_auc":
            return f"only {tested.alike[rest[0]]} frames" if rest[0] in tested.alike else "no labels"
        return {"scene_auc_mean": "too few scenes", "frame_auc_micro": "too few scenes"}.get(first, "too few events")
    if first in WITH_INTERVALS and cell.interval is None:
        return "too few events"
    return ""
