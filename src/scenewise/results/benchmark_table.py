"""The benchmark's table: a row a method, a column a figure, with what keeps each other honest side by side.

Pooled AUC never stands without AUC within scenes, the same class of event here and there, and what constants reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from scenewise.benchmark.cost import Cost
from scenewise.config import Protocol, TrainConfig
from scenewise.results.model_key import Metrics
from scenewise.results.published_rows import CONSTANTS, SHANGHAITECH_SD, Feature, is_shanghaitech_sd
from scenewise.results.rows import Spread, figure_at, spread_of

Unit = Literal["share", "an hour", "count", "seconds", "frames a second", "bytes"]
Kind = Literal["measured", "constant", "published"]


@dataclass(frozen=True)
class MadeRun:
    """A run that is trained, evaluated and measured."""

    method: str
    folder: Path
    config: TrainConfig
    training: Mapping[str, Any]
    """What run.json says of it: seconds, parameters."""
    cost: Cost
    metrics: Mapping[Protocol, Metrics]


@dataclass(frozen=True)
class Column:
    """One figure of every row."""

    path: tuple[str, ...]
    """Where it stands in metrics.json; of costs, its name."""
    group: str
    name: str
    unit: Unit = "share"
    ideal: float | None = None

    @property
    def key(self) -> str:
        """Its name in files: `frame_auc_micro`, `event_auc/bicycle/where_normal`."""
        return "/".join(self.path)


@dataclass(frozen=True)
class TableRow:
    """One method, one constant, or one published result."""

    method: str
    kind: Kind
    cells: Mapping[str, Spread]
    """{key of the column}; absent where the figure is not known."""
    feature: Feature | None = None
    scene_aware: bool | None = None
    seeds: tuple[int, ...] = ()
    deterministic: bool = False
    """Whether the method draws nothing at random: one run of it is all."""

    def cell(self, column: Column) -> Spread:
        """Empty where the figure is not known."""
        return self.cells.get(column.key, Spread())


@dataclass(frozen=True)
class BenchmarkTable:
    """All there is to show."""

    protocol: Protocol
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    data: Mapping[str, Any] = field(default_factory=dict)
    """What was tested: scenes, videos, frames, abnormal_frames, pairs_within_scene, encoder."""

    @property
    def chosen_on_test_data(self) -> bool:
        """Whether checkpoint and smoothing were."""
        return self.protocol != "strict"

    @property
    def groups(self) -> list[tuple[str, list[Column]]]:
        """The columns under their headings."""
        names = dict.fromkeys(column.group for column in self.columns)
        return [(name, [column for column in self.columns if column.group == name]) for name in names]


LOCATED = {"rbdc": "regions (RBDC)", "tbdc": "tracks (TBDC)", "pixel_auc": "pixel AUC"}
"""Figures of methods that say where."""
COSTS = (
    Column(("parameters",), "cost of a run", "parameters", "count"),
    Column(("training_seconds",), "cost of a run", "training", "seconds"),
    Column(("scoring_rate",), "cost of a run", "scoring", "frames a second"),
    Column(("peak_memory",), "cost of a run", "peak memory", "bytes"),
)


def table_of(made: Sequence[MadeRun], protocol: Protocol) -> BenchmarkTable:
    """The table of the runs by one protocol; runs of one method are one row, in the order of the methods."""
    first = made[0].metrics[protocol]
    columns = (*_columns([one.metrics[protocol] for one in made]), *COSTS)
    methods = list(dict.fromkeys(one.method for one in made))
    rows = [_measured([one for one in made if one.method == method], protocol, columns) for method in methods]
    rows += _constants(first, columns)
    if is_shanghaitech_sd((video["scene"], video["name"]) for video in first["per_video"]):
        for known in (*SHANGHAITECH_SD, *CONSTANTS):
            cells = {"frame_auc_micro": Spread((known.frame_auc_micro,))}
            rows.append(TableRow(known.method, "published", cells, known.feature, known.scene_aware))
    data = {
        "scenes": sorted(first["scene_auc"]),
        **{name: first[name] for name in ("videos", "frames", "abnormal_frames", "encoder")},
        "pairs_within_scene": first["pairs_within_scene"],
        "preprocess": first.get("preprocess", "own"),
        "threshold_extrapolated": any(
            figure_at(one.metrics[protocol], ("event_level", "threshold_extrapolated")) for one in made
        ),
    }
    return BenchmarkTable(protocol, columns, tuple(rows), data)


def _columns(metrics: Sequence[Metrics]) -> list[Column]:
    """Every figure that some run has."""
    first = metrics[0]
    columns = [
        Column(("frame_auc_micro",), "all scenes", "pooled AUC", ideal=1.0),
        Column(("scene_auc_mean",), "within scenes", "mean AUC", ideal=1.0),
    ]
    for figure, group, ideal in (
        ("event_auc", "same class of event, AUC", 0.5),
        ("event_alarm_rate", "same class of event, frames above 1.0", 0.0),
    ):
        for name in first[figure]:
            columns.append(Column((figure, name, "where_abnormal"), group, f"{name}, abnormal there", ideal=1.0))
            columns.append(Column((figure, name, "where_normal"), group, f"{name}, normal there", ideal=ideal))
    columns.append(Column(("frame_auc_macro",), "each video", "mean AUC", ideal=1.0))
    budget = f"at {figure_at(first, ('event_level', 'alarms_per_day')):g} alarms a day"
    columns.append(Column(("event_level", "share_found"), budget, "abnormal events found", ideal=1.0))
    columns.append(Column(("event_level", "false_alarms_per_hour"), budget, "false alarms", "an hour", ideal=0.0))
    # An alarm that never ends finds everything and is never false.
    columns.append(Column(("event_level", "normal_frames_flagged"), budget, "normal frames flagged", ideal=0.0))
    columns += [Column(("localisation", key), "where in the picture", name, ideal=1.0) for key, name in LOCATED.items()]
    return [column for column in columns if any(figure_at(one, column.path) is not None for one in metrics)]


def _measured(runs: Sequence[MadeRun], protocol: Protocol, columns: Sequence[Column]) -> TableRow:
    metrics = [run.metrics[protocol] for run in runs]
    cells = {}
    for column in columns:
        if column in COSTS:
            cells[column.key] = Spread(tuple(value for run in runs if (value := _cost(run, column.key)) is not None))
            continue
        cells[column.key] = spread_of(metrics, *column.path)
    seeds = tuple(seed for one in metrics for seed in one["seeds"])
    config = runs[0].config
    feature: Feature = "object" if config.remembers else "image"
    return TableRow(runs[0].method, "measured", cells, feature, config.scene_aware, seeds, config.remembers)


def _constants(metrics: Metrics, columns: Sequence[Column]) -> list[TableRow]:
    """A constant can not rank the frames of one scene: every AUC within scenes is one half for it by definition."""
    half = {
        column.key: Spread((0.5,))
        for column in columns
        if column.path[0] in ("scene_auc_mean", "event_auc") and figure_at(metrics, column.path) is not None
    }
    known = metrics["constant_per_scene_auc"]
    rows = []
    for method, name in (("best constant a scene", "best"), ("0 or 1 a scene", "zero_or_one")):
        pooled = () if known[name] is None else (known[name],)
        rows.append(TableRow(method, "constant", {"frame_auc_micro": Spread(pooled), **half}))
    return rows


def _cost(run: MadeRun, key: str) -> float | None:
    cost = run.cost
    if key == "scoring_rate":
        if cost.scoring_frames is None or not cost.scoring_seconds:
            return None
        return cost.scoring_frames / cost.scoring_seconds
    if key == "peak_memory":
        return cost.peak_memory
    return float(run.training["seconds" if key == "training_seconds" else key])
