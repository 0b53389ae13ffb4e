"""Several runs as one row per model: every figure as mean and spread over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from scenewise.errors import DataError

Metrics = dict[str, Any]
"""A metrics.json as it was read."""
ModelKey = tuple[str, str, str]
"""Method, objective and encoder: what runs that differ only in their seed have in common."""

OBJECTIVES = {
    "reconstruction": "scene-agnostic (reconstruction)",
    "contrastive": "scene-aware (+ contrastive)",
    "contrastive+classification": "scene-aware (+ contrastive + classification)",
}
UNDEFINED = "\N{EN DASH}"
"""How an undefined figure is shown."""


@dataclass(frozen=True)
class Spread:
    """One figure over seeds."""

    values: tuple[float, ...]
    """The figure of every run where it is defined, a share in [0, 1]."""
    seeds: tuple[int, ...]
    """The seeds of those runs."""

    @property
    def mean(self) -> float | None:
        """Mean over the runs; None where the figure is undefined."""
        return mean(self.values) if self.values else None

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation (n - 1) over the runs; None for fewer than two."""
        return stdev(self.values) if len(self.values) > 1 else None

    def percent(self) -> str:
        """As people read it: `83.4 ± 1.2`, `83.4` for one run, `–` where undefined."""
        if self.mean is None:
            return UNDEFINED
        spread = "" if self.deviation is None else f" ± {100 * self.deviation:.1f}"
        return f"{100 * self.mean:.1f}{spread}"


@dataclass(frozen=True)
class EventSpread:
    """A figure of one class of event, split by whether the event is abnormal where it happens."""

    where_abnormal: Spread
    where_normal: Spread


@dataclass(frozen=True)
class SummaryRow:
    """One model: all runs of one method, objective and encoder."""

    label: str
    key: ModelKey
    seeds: tuple[int, ...]
    frame_auc_micro: Spread
    frame_auc_macro: Spread
    scene_auc: dict[str, Spread]
    scene_auc_mean: Spread
    average_precision: Spread
    equal_error_rate: Spread
    event_auc: dict[str, EventSpread]
    event_alarm_rate: dict[str, EventSpread]
    constants: tuple[float | None, float | None]
    """Pooled AUC of the best constant a scene, and of the best choice of 0 or 1 a scene: the same for every model."""

    @property
    def scene_aware(self) -> bool:
        """Whether training told the scenes apart."""
        return self.key[1] != "reconstruction"

    @property
    def seeds_text(self) -> str:
        """`1 seed`, `3 seeds`."""
        return f"{len(self.seeds)} seed{'s' if len(self.seeds) != 1 else ''}"


def model_key(metrics: Metrics) -> ModelKey:
    """What a run has in common with the runs it is averaged with."""
    return metrics["method"], metrics["objective"], metrics["encoder"]


def summarise(metrics: Sequence[Metrics]) -> list[SummaryRow]:
    """One row per model, averaged over seeds; scene-agnostic before scene-aware, else in the order given.

    Raises DataError where the runs were not evaluated on the same videos with the same labels, protocol and scale,
    or where a model's seed is given twice.
    """
    if not metrics:
        raise DataError("no evaluated run was given; give at least one run folder")
    for other in metrics[1:]:
        _refuse_mixing(metrics[0], other)
    groups: dict[ModelKey, list[Metrics]] = {}
    for one in metrics:
        groups.setdefault(model_key(one), []).append(one)
    objectives = list(OBJECTIVES)
    order = sorted(groups, key=lambda key: objectives.index(key[1]) if key[1] in objectives else len(objectives))
    several_encoders = len({encoder for _, _, encoder in groups}) > 1
    return [_row(key, groups[key], several_encoders) for key in order]


def _refuse_mixing(first: Metrics, other: Metrics) -> None:
    """Raise DataError where two runs can not stand in one table."""
    for word in ("protocol", "scale"):
        if first[word] != other[word]:
            raise DataError(
                f"runs of {word} {first[word]} and {other[word]} can not stand in one table; "
                f"evaluate them with the same --{word}"
            )
    videos, others = _videos(first), _videos(other)
    if videos != others:
        name = next(name for name in sorted(videos | others) if videos.get(name) != others.get(name))
        raise DataError(
            f"runs of other test data can not stand in one table: test/{name[0]}/{name[1]} is "
            f"{_told(videos.get(name))} in {_named(first)} and {_told(others.get(name))} in {_named(other)}; "
            "give runs evaluated on the same videos and labels"
        )


def _videos(metrics: Metrics) -> dict[tuple[str, str], tuple[int, int | None, str]]:
    """{(scene, name): (frames, abnormal frames, abnormal ranges)} of all test videos."""
    return {
        (video["scene"], video["name"]): (video["frames"], video["abnormal_frames"], str(video["abnormal_ranges"]))
        for video in metrics["per_video"]
    }


def _told(video: tuple[int, int | None, str] | None) -> str:
    if video is None:
        return "absent"
    abnormal = "no labels" if video[1] is None else f"{video[1]} abnormal"
    return f"{video[0]} frames long ({abnormal})"


def _named(metrics: Metrics) -> str:
    return f"the {metrics['objective']} run of seed {', '.join(map(str, metrics['seeds']))}"


def _row(key: ModelKey, runs: list[Metrics], name_encoder: bool) -> SummaryRow:
    """Average the runs of one model."""
    method, objective, encoder = key
    label = f"{method}, {OBJECTIVES.get(objective, objective)}" + (f", {encoder}" if name_encoder else "")
    seeds = tuple(seed for run in runs for seed in run["seeds"])
    if len(set(seeds)) < len(seeds):
        raise DataError(f"{label}: a seed is given twice ({', '.join(map(str, seeds))}); give every run once")

    classes = sorted({name for run in runs for name in run["event_auc"]})

    def events(figure: str) -> dict[str, EventSpread]:
        return {
            name: EventSpread(
                _spread(runs, figure, name, "where_abnormal"), _spread(runs, figure, name, "where_normal")
            )
            for name in classes
        }

    constants = runs[0]["constant_per_scene_auc"]
    return SummaryRow(
        label=label,
        key=key,
        seeds=seeds,
        frame_auc_micro=_spread(runs, "frame_auc_micro"),
        frame_auc_macro=_spread(runs, "frame_auc_macro"),
        scene_auc={scene: _spread(runs, "scene_auc", scene) for scene in runs[0]["scene_auc"]},
        scene_auc_mean=_spread(runs, "scene_auc_mean"),
        average_precision=_spread(runs, "average_precision"),
        equal_error_rate=_spread(runs, "equal_error_rate"),
        event_auc=events("event_auc"),
        event_alarm_rate=events("event_alarm_rate"),
        constants=(constants["best"], constants["zero_or_one"]),
    )


def _spread(runs: Sequence[Metrics], *path: str) -> Spread:
    """The figure that `path` leads to in every run's metrics; a run where it is absent or null is left out."""
    values, seeds = [], []
    for run in runs:
        found: Any = run
        for name in path:
            found = None if found is None else found.get(name)
        if found is not None:
            values.append(float(found))
            seeds += run["seeds"]
    return Spread(tuple(values), tuple(seeds))
