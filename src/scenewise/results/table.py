"""The table of several runs: its columns, its rows, and what holds for all of them. Every format is made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from scenewise.evaluation.metric import Metric
from scenewise.results.group_runs import group_runs
from scenewise.results.metrics_list import Metrics, columns_of, figure_at
from scenewise.results.published_rows import CONSTANTS, SHANGHAITECH_SD, PublishedRow, is_shanghaitech_sd
from scenewise.results.rows import Kind, Row, Spread
from scenewise.visible import visible

POOLED_AUC = ("frame_auc_micro",)
CONSTANT_ROWS = {"best constant per scene": "best", "0 or 1 per scene": "zero_or_one"}
"""{title of the row: its name in `constant_per_scene_auc`}."""


@dataclass(frozen=True)
class Tested:
    """What the runs were tested on, and how."""

    protocol: str
    scenes: tuple[str, ...]
    videos: int
    frames: int
    abnormal_frames: int
    encoder: str
    pairs_within_scene: float | None
    """Share of the abnormal-normal pairs of frames that lie within one scene."""
    preprocess: str
    """Of the features, as `extract --preprocess` names it."""
    alike: Mapping[str, Literal["normal", "abnormal"]]
    """{scene: what all of its labelled frames are}, of the scenes that have no AUC."""
    masked: tuple[str, ...]
    """The scenes in a part of whose picture no object counts."""
    threshold_extrapolated: bool
    """Whether held-out footage was too short to measure the alarm budget in."""


@dataclass(frozen=True)
class Table:
    """Figures of models, constants and published results."""

    columns: tuple[Metric, ...]
    rows: tuple[Row, ...]
    tested: Tested

    @property
    def chosen_on_test_data(self) -> bool:
        """Whether anything was chosen by results on test data, so that the figures promise too much."""
        return self.tested.protocol != "strict"

    @property
    def groups(self) -> list[tuple[str, list[Metric]]]:
        """The columns under their headings."""
        return [(name, list(found)) for name, found in groupby(self.columns, key=lambda column: column.group)]

    def of_kind(self, kind: Kind) -> list[Row]:
        """The rows of one kind, in their order."""
        return [row for row in self.rows if row.kind == kind]

    @property
    def sections(self) -> list[tuple[Kind, list[Row]]]:
        """The rows under headings: a published row stands with the models if it belongs to one of them."""
        return [(kind, list(found)) for kind, found in groupby(self.rows, key=lambda row: row.section or row.kind)]

    @property
    def measured(self) -> list[Row]:
        """The models."""
        return self.of_kind("measured")

    @property
    def constants(self) -> list[Row]:
        """What knows the scene's name alone: the best constant per scene, and 0 or 1 per scene."""
        return self.of_kind("constant")

    def cells(self, column: Metric) -> list[Spread]:
        """One figure of every model."""
        return [row.cell(*column.path) for row in self.measured]

    def constant_cells(self, column: Metric) -> list[Spread]:
        """One figure of every constant."""
        return [row.cell(*column.path) for row in self.constants]

    def protocol_of(self, row: Row) -> str | None:
        """By which protocol the row's figures were measured; None of published results, which say too little."""
        return None if row.kind == "published" else self.tested.protocol

    def visible(self) -> "Table":
        """As it is shown to people: control characters in names of scenes, classes and models are written out."""
        columns = tuple(replace(one, group=visible(one.group), name=visible(one.name)) for one in self.columns)
        rows = tuple(replace(row, title=visible(row.title)) for row in self.rows)
        return replace(
            self, columns=columns, rows=rows, tested=replace(self.tested, encoder=visible(self.tested.encoder))
        )

    def with_columns(self, columns: Sequence[Metric]) -> "Table":
        """With these columns alone."""
        return replace(self, columns=tuple(columns))

    def for_benchmark(self) -> "Table":
        """With the columns of a benchmark's wide table, of which some model has a value."""
        columns = [one for one in self.columns if one.in_benchmark and _any_value(self.measured, one)]
        return replace(self, columns=tuple(columns))


def table_of(metrics: Sequence[Metrics]) -> Table:
    """The table of runs, each as in its metrics.json; a benchmark adds the figures of the group "cost of a run".

    Below the models stand the constants. On the test videos of ShanghaiTech-SD, what was published stands with the
    models of the same idea, with the constants, or below both. Raises DataError if the runs cannot stand in one table.
    """
    measured = group_runs(metrics)
    columns = columns_of(metrics)
    first = metrics[0]
    constants = _constant_rows(first, measured, columns)
    if not is_shanghaitech_sd((video["scene"], video["name"]) for video in first["per_video"]):
        return Table(columns, (*measured, *constants), _tested(metrics))
    rows, alone = list(measured), []
    for known in SHANGHAITECH_SD:
        place = _place_after_family(rows, known)
        if place is None:
            alone.append(_published_row(known))
        else:
            rows.insert(place, replace(_published_row(known), method=known.family, section="measured"))
    known_constants = [replace(_published_row(known), section="constant") for known in CONSTANTS]
    return Table(columns, (*rows, *constants, *known_constants, *alone), _tested(metrics))


def _published_row(known: PublishedRow) -> Row:
    cells: dict[tuple[str, ...], Spread] = {POOLED_AUC: Spread((known.frame_auc_micro,))}
    return Row(known.method, "published", "", known.scene_aware, known.needs_objects, cells=cells)


def _place_after_family(rows: Sequence[Row], known: PublishedRow) -> int | None:
    """The place after the last row of the family that is as scene-aware, or after its last row; None if it has none."""
    family = [place for place, row in enumerate(rows) if row.method == known.family]
    alike = [place for place in family if rows[place].scene_aware == known.scene_aware]
    return max(alike or family, default=-1) + 1 or None


def _constant_rows(first: Metrics, measured: Sequence[Row], columns: Sequence[Metric]) -> list[Row]:
    """A constant cannot rank the frames of one scene: every AUC within scenes is one half for it by definition."""
    by_definition = {
        column.path: Spread((column.constant,), unit=column.unit)
        for column in columns
        if column.constant is not None and _any_value(measured, column)
    }
    rows = []
    for title, name in CONSTANT_ROWS.items():
        pooled = first["constant_per_scene_auc"][name]
        cells = {POOLED_AUC: Spread(() if pooled is None else (pooled,)), **by_definition}
        rows.append(Row(title, "constant", cells=cells))
    return rows


def _any_value(rows: Sequence[Row], column: Metric) -> bool:
    return any(row.cell(*column.path).values for row in rows)


def _tested(metrics: Sequence[Metrics]) -> Tested:
    first = metrics[0]
    return Tested(
        protocol=first["protocol"],
        scenes=tuple(sorted(first["scene_auc"])),
        videos=first["videos"],
        frames=first["frames"],
        abnormal_frames=first["abnormal_frames"],
        encoder=", ".join(dict.fromkeys(run["encoder"] for run in metrics)),
        pairs_within_scene=first["pairs_within_scene"],
        preprocess=first.get("preprocess", "encoder"),
        alike=_alike(first),
        masked=tuple(sorted(first.get("object_masks", {}))),
        threshold_extrapolated=any(figure_at(run, ("event_level", "threshold_extrapolated")) for run in metrics),
    )


def _alike(run: Metrics) -> dict[str, Literal["normal", "abnormal"]]:
    found: dict[str, Literal["normal", "abnormal"]] = {}
    for scene, auc in run["scene_auc"].items():
        if auc is None:
            abnormal = sum(video["abnormal_frames"] or 0 for video in run["per_video"] if video["scene"] == scene)
            found[scene] = "abnormal" if abnormal else "normal"
    return found
