"""Every figure that tables show, in their order. A new figure is its function and one entry here.

Pooled AUC alone shows nothing: on ShanghaiTech-SD one constant per scene reaches 84.7 %. So it stands beside the AUC
within scenes, the same class of event where it is abnormal and where it is normal, and what constants reach.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from scenewise.counted import counted
from scenewise.errors import DataError
from scenewise.evaluation.metric import EACH, Metric

Metrics = Mapping[str, Any]
"""A metrics.json as it was read; a benchmark adds the costs of the run."""

POOLED, WITHIN, EVENTS = "all scenes pooled", "within scenes", "same class of event, AUC"
ALARMS, FURTHER = "same class of event, frames above 1.0", "further figures"
BUDGET, LOCATED = "at a budget of {alarms} per day and camera", "where in the picture"
COST = "cost of a run"

METRICS = (
    Metric(("frame_auc_micro",), POOLED, "pooled AUC", ideal=1.0, leads_its_group=True, on_auc_scale=True,
           shown="always", short="all pooled"),
    Metric(("scene_auc_mean",), WITHIN, "mean within scenes", ideal=1.0, leads_its_group=True, on_auc_scale=True,
           constant=0.5, shown="always", short="within scenes"),
    Metric(("scene_auc", EACH), WITHIN, "{each}", ideal=1.0, on_auc_scale=True, constant=0.5, in_benchmark=False,
           shown="always"),
    Metric(("event_auc", EACH, "where_abnormal"), EVENTS, "{each}, abnormal there", ideal=1.0, on_auc_scale=True,
           constant=0.5, shown="always"),
    Metric(("event_auc", EACH, "where_normal"), EVENTS, "{each}, normal there", ideal=0.5, better="nearer the ideal",
           on_auc_scale=True, constant=0.5, shown="always"),
    Metric(("event_alarm_rate", EACH, "where_abnormal"), ALARMS, "{each}, abnormal there", ideal=1.0, further=True),
    Metric(("event_alarm_rate", EACH, "where_normal"), ALARMS, "{each}, normal there", ideal=0.0, better="lower",
           further=True),
    Metric(("event_level", "share_found"), BUDGET, "abnormal events found", ideal=1.0, further=True,
           shown="with its group", short="events found"),
    Metric(("event_level", "delay_mean"), BUDGET, "found after, mean", "seconds", ideal=0.0, better="lower",
           further=True, in_benchmark=False, shown="with its group"),
    Metric(("event_level", "delay_median"), BUDGET, "found after, median", "seconds", ideal=0.0, better="lower",
           further=True, in_benchmark=False, shown="with its group"),
    Metric(("event_level", "false_alarms_per_hour"), BUDGET, "false alarms", "per hour", ideal=0.0, better="lower",
           further=True, shown="with its group", short="false alarms"),
    # An alarm that never ends finds everything and is never false.
    Metric(("event_level", "normal_frames_flagged"), BUDGET, "normal frames flagged", ideal=0.0, better="lower",
           further=True, shown="with its group"),
    Metric(("localisation", "rbdc"), LOCATED, "regions found (RBDC)", ideal=1.0, further=True),
    Metric(("localisation", "tbdc"), LOCATED, "tracks found (TBDC)", ideal=1.0, further=True),
    Metric(("localisation", "pixel_auc"), LOCATED, "AUC over pixels", ideal=1.0, further=True),
    Metric(("localisation", "pixel_criterion_auc"), LOCATED, "AUC, 40 % of pixels", ideal=1.0, further=True,
           in_benchmark=False),
    Metric(("frame_auc_macro",), FURTHER, "mean AUC over videos{videos}", ideal=1.0, further=True, shown="always"),
    Metric(("average_precision",), FURTHER, "average precision, pooled", ideal=1.0, further=True, in_benchmark=False,
           shown="always"),
    Metric(("equal_error_rate",), FURTHER, "equal error rate, pooled", ideal=0.0, better="lower", further=True,
           in_benchmark=False, shown="always"),
    Metric(("parameters",), COST, "parameters", "count", better="lower", further=True),
    Metric(("training_seconds",), COST, "training", "seconds", better="lower", further=True),
    Metric(("scoring_rate",), COST, "scoring", "frames per second", further=True),
    Metric(("peak_memory",), COST, "peak memory", "bytes", better="lower", further=True),
)  # fmt: skip


def figure_at(metrics: Metrics, path: Sequence[str]) -> Any:
    """What stands at `path` in one run's metrics; None if nothing does."""
    found: Any = metrics
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def columns_of(runs: Sequence[Metrics]) -> tuple[Metric, ...]:
    """The figures to show of these runs: METRICS and what their metrics.json describe, every EACH filled in.

    The figures of one group stand together, in the order in which the groups begin. Raises DataError if runs describe
    one figure differently.
    """
    words = _words(runs)
    listed = [replace(one, group=_filled(one.group, words), name=_filled(one.name, words)) for one in METRICS]
    every = list(_expanded([*listed, *_described(runs)], runs))
    defined = {one.path for one in every if any(figure_at(run, one.path) is not None for run in runs)}
    known_groups = {one.group for one in every if one.path in defined}
    shown = [
        one
        for one in every
        if one.shown == "always" or one.path in defined or (one.shown == "with its group" and one.group in known_groups)
    ]
    order = list(dict.fromkeys(one.group for one in shown))
    return tuple(sorted(shown, key=lambda one: order.index(one.group)))


def _described(runs: Sequence[Metrics]) -> list[Metric]:
    """The plugged-in figures that the runs describe."""
    found: dict[tuple[str, ...], Metric] = {}
    for described in (entry for run in runs for entry in run.get("metrics", ())):
        metric = Metric.from_described(described)
        if found.setdefault(metric.path, metric) != metric:
            raise DataError(f"runs describe the figure {metric.key} differently; evaluate them with the same --metric")
    taken = {metric.path for metric in METRICS}
    return [metric for path, metric in found.items() if path not in taken]


def _expanded(metrics: Sequence[Metric], runs: Sequence[Metrics]) -> Iterator[Metric]:
    """A figure for each name that EACH stands for; neighbours with the same beginning take turns, name by name."""
    for start, neighbours in groupby(metrics, key=_start):
        together = list(neighbours)
        if EACH not in together[0].path:
            yield from together
            continue
        for name in sorted({name for run in runs for name in figure_at(run, start) or ()}):
            for one in together:
                path = (*start, name, *one.path[len(start) + 1 :])
                yield replace(one, path=path, name=one.name.replace("{each}", name))


def _start(metric: Metric) -> tuple[str, ...]:
    return metric.path[: metric.path.index(EACH)] if EACH in metric.path else metric.path


def _words(runs: Sequence[Metrics]) -> dict[str, str]:
    """What the names of METRICS leave open, because it is a setting of the evaluation."""
    budgets = [figure_at(run, ("event_level", "alarms_per_day")) for run in runs]
    budget = next((one for one in budgets if one is not None), None)
    undefined = runs[0].get("macro_undefined")
    padded = runs[0].get("macro") == "padded"
    return {
        "alarms": "" if budget is None else counted(budget, "alarm"),
        "videos": ", padded" if padded else f" ({undefined} undefined)" if undefined else "",
    }


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
