"""Several runs as the rows of a table: those that differ in their seed alone are one model."""

import json
from collections.abc import Sequence
from statistics import fmean
from typing import Any, NamedTuple

from scenewise.errors import DataError
from scenewise.evaluation.metric import Metric
from scenewise.results.comparable import require_comparable
from scenewise.results.metrics_list import Metrics, columns_of, figure_at
from scenewise.results.rows import Bounds, Row, Spread


class _Model(NamedTuple):
    """All that decides a run's result but its seed."""

    title: str
    method: str
    encoder: str
    encoder_digest: str
    settings: tuple[tuple[str, str], ...]


def group_runs(metrics: Sequence[Metrics], columns: Sequence[Metric] | None = None) -> list[Row]:
    """One row per model, averaged over its seeds; `columns` are the figures, by default all that the runs have.

    Methods with objects come last; otherwise scene-agnostic models come before scene-aware ones, and then the model
    that was given first. No two rows have the same title.

    Raises DataError if the runs cannot stand in one table (see `require_comparable`), or a model's seed is given twice.
    """
    if not metrics:
        raise DataError("no evaluated run was given; give at least one run folder")
    require_comparable(metrics)
    columns = columns_of(metrics) if columns is None else columns
    groups: dict[_Model, list[int]] = {}
    for place, run in enumerate(metrics):
        groups.setdefault(_model(run), []).append(place)
    titles = _titles(list(groups))
    rows = [_row(model, titles[model], metrics, places, columns) for model, places in groups.items()]
    return sorted(rows, key=lambda row: (bool(row.needs_objects), bool(row.scene_aware)))


def _model(run: Metrics) -> _Model:
    settings = tuple((name, _plain(run["settings"][name])) for name in sorted(run["settings"]))
    return _Model(run["title"], run["method"], run["encoder"], run["encoder_digest"], settings)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else json.dumps(value)


def _titles(models: Sequence[_Model]) -> dict[_Model, str]:
    """What each model is called: its title, and behind it the encoder and settings in which it differs from others."""
    several_encoders = len({model.encoder for model in models}) > 1
    named = {model: f"{model.title}, {model.encoder}" if several_encoders else model.title for model in models}
    return {
        model: name + _difference(model, [other for other in models if named[other] == name])
        for model, name in named.items()
    }


def _difference(model: _Model, same_name: Sequence[_Model]) -> str:
    parts = []
    if len({other.method for other in same_name}) > 1:
        parts.append(model.method)
    if len({other.encoder_digest for other in same_name}) > 1:
        parts.append(f"encoder {model.encoder_digest[:8]}")
    others = [dict(other.settings) for other in same_name]
    for name, value in model.settings:
        if any(other.get(name) != value for other in others):
            parts.append(f"{name.replace('_', ' ')} {value}")
    return "".join(f", {part}" for part in parts)


def _row(
    model: _Model, title: str, metrics: Sequence[Metrics], places: Sequence[int], columns: Sequence[Metric]
) -> Row:
    runs = [metrics[place] for place in places]
    seeds = tuple(seed for run in runs for seed in run["seeds"])
    if len(set(seeds)) < len(seeds):
        raise DataError(f"{title}: a seed is given twice ({', '.join(map(str, seeds))}); give every run once")
    first = runs[0]
    return Row(
        title=title,
        method=model.method,
        scene_aware=first["scene_aware"],
        needs_objects=first["needs_objects"],
        deterministic=first["deterministic"],
        seeds=seeds,
        encoder=model.encoder,
        encoder_digest=model.encoder_digest,
        settings=model.settings,
        cells={column.path: _spread(runs, column) for column in columns},
        runs=tuple(places),
    )


def _spread(runs: Sequence[Metrics], column: Metric) -> Spread:
    """The figure of every run in which it is neither absent nor null."""
    found = [figure_at(run, column.path) for run in runs]
    values = tuple(float(value) for value in found if value is not None)
    return Spread(values, _mean_interval(runs, column.path), column.unit)


def _mean_interval(runs: Sequence[Metrics], path: tuple[str, ...]) -> Bounds | None:
    """Means of the runs' lower and of their upper ends; None if a run has none.

    All runs draw the same resamples of the same footage. If they all ranked them in the same order, this would be the
    interval of the mean over the runs; otherwise that one is narrower.
    """
    ends = [figure_at(run, ("intervals", *path)) for run in runs]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    return fmean(low for low, _ in known), fmean(high for _, high in known)
