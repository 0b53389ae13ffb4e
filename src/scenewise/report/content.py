"""All that the report shows, gathered once: the page and the pictures for papers are drawn from the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from scenewise.config import Protocol
from scenewise.report.comparison import Comparison, comparisons
from scenewise.report.distributions import Distribution, distributions
from scenewise.report.findings import Findings, findings
from scenewise.report.making import Making, making
from scenewise.report.manifold import LatentSpace, latent_spaces
from scenewise.report.rules import Rules, scene_rules
from scenewise.report.runs import Model, read_models
from scenewise.report.thumbnails import Shot, Thumbnail, thumbnails
from scenewise.report.training_curves import TrainingChart, training_charts
from scenewise.report.videos import SceneView, peak_shots, scene_views
from scenewise.results.notes import CHOSEN, notes
from scenewise.results.table import Table, table_of

THUMBNAILS = 120
"""Pictures of peaks on one page; the videos in which the models differ most come first."""


@dataclass(frozen=True, eq=False)
class Content:
    """What there is to show of one or more evaluated runs."""

    models: list[Model]
    facts: dict[str, Any]
    """The metrics.json of the first run, for what all runs share."""
    unread: dict[str, str]
    """{test video that could not be read: why}, of any run."""
    findings: Findings
    table: Table
    notes: list[str]
    """What a reader of the table has to know."""
    lowest: float
    """The lower end of the scale on which the table's AUC are drawn."""
    chosen: str | None
    """What marks everything here, if figures were chosen on test data."""
    rules: dict[str, Rules]
    comparisons: list[Comparison]
    distributions: list[Distribution]
    scenes: list[SceneView]
    latent: list[LatentSpace]
    training: list[TrainingChart]
    making: Making

    @cached_property
    def pictures(self) -> dict[Shot, Thumbnail]:
        """The frames of peaks and comparisons and the objects in them, read when they are asked for."""
        shots = peak_shots(self.scenes, THUMBNAILS)
        for exhibit in (exhibit for one in self.comparisons for exhibit in (one.allowed, one.forbidden)):
            shots += [exhibit.picture, *(exhibit.novel.shots if exhibit.novel else ())]
        return thumbnails(shots)


def gather(runs: Sequence[Path], commands: Sequence[str] = (), protocol: Protocol = "strict") -> Content:
    """Read one or more run folders evaluated by `protocol`; those that differ only in their seed are averaged.

    `commands` are shown before those recorded in the runs. Raises DataError if the runs cannot stand in one
    table, IntegrityError if a file of theirs was changed.
    """
    models = read_models(runs, protocol)
    table = table_of([run.metrics for model in models for run in model.runs])
    scenes = scene_views(models)
    return Content(
        models=models,
        facts=models[0].runs[0].metrics,
        unread=_unread(models),
        findings=findings(table, [model.short for model in models]),
        table=table,
        notes=notes(table),
        lowest=_lowest(table),
        chosen=CHOSEN if table.chosen_on_test_data else None,
        rules=scene_rules(models, scenes),
        comparisons=comparisons(models, scenes),
        distributions=distributions(models, scenes),
        scenes=scenes,
        latent=latent_spaces(models),
        training=training_charts(models),
        making=making(models, commands),
    )


def _unread(models: Sequence[Model]) -> dict[str, str]:
    runs = [run for model in models for run in model.runs]
    return {one["video"]: one["reason"] for run in runs for one in run.metrics.get("failed_videos", ())}


def _lowest(table: Table) -> float:
    """The tenth below every AUC and interval in the table, at most 0.4, so that chance is inside."""
    drawn = [column for column in table.columns if column.on_auc_scale]
    cells = [row.cell(*column.path) for column in drawn for row in table.measured]
    values = [value for cell in cells for value in (*cell.values, *(cell.interval or ()))]
    return min(0.4, *(int(10 * value) / 10 for value in values)) if values else 0.4
