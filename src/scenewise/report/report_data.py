"""What is read of the evaluated runs, once: every section shows a part of it, on the page as in the files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from scenewise.config import Protocol
from scenewise.report.colours import MOST_DRAWN
from scenewise.report.evaluated_runs import EvaluatedRun, Model, read_models
from scenewise.report.scene_rules import SceneRules, scene_rules
from scenewise.report.scored_videos import ScoredScene, in_scene_scale, scored_scenes
from scenewise.results.notes import CHOSEN
from scenewise.results.table import Table, table_of


@dataclass(frozen=True, eq=False)
class Gathered:
    """One or more evaluated runs."""

    models: list[Model]
    """In the order of the table's rows."""
    table: Table
    scenes: list[ScoredScene]
    """All test videos, with the scores of the models that are drawn."""
    commands: tuple[str, ...] = ()
    """The command lines that made the report."""

    @property
    def drawn(self) -> list[Model]:
        """Those that have curves, histograms and verdicts."""
        return self.models[:MOST_DRAWN]

    @property
    def labelled(self) -> bool:
        """Whether labels or events say of any test video what is abnormal in it."""
        return any(video.labels is not None or video.events for scene in self.scenes for video in scene.videos)

    @cached_property
    def rules(self) -> dict[str, SceneRules]:
        """{scene: what is normal there}."""
        return scene_rules(self.models, self.scenes)

    @property
    def runs(self) -> list[EvaluatedRun]:
        """All runs, model by model."""
        return [run for model in self.models for run in model.runs]

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics.json of the first run, for what all runs share."""
        return self.runs[0].metrics

    @property
    def in_scene_scale(self) -> bool:
        """Whether 1.0 is the 99th percentile of the scene's normal scores; raw scores have no threshold."""
        return in_scene_scale(self.models)

    @property
    def several_seeds(self) -> bool:
        """Whether any model was trained with more than one."""
        return any(len(model.runs) > 1 for model in self.models)

    @property
    def chosen(self) -> str | None:
        """What marks everything here if figures were chosen on test data."""
        return CHOSEN if self.table.chosen_on_test_data else None


def _in_order_of(models: Sequence[Model], table: Table) -> Table:
    """The table with its models in the order of `models`."""
    places = {model.row.title: place for place, model in enumerate(models)}
    measured = sorted(table.measured, key=lambda row: places[row.title])
    return replace(table, rows=(*measured, *(row for row in table.rows if row.kind != "measured")))


def gather(runs: Sequence[Path], commands: Sequence[str] = (), protocol: Protocol = "strict") -> Gathered:
    """Read one or more run folders evaluated by `protocol`; those that differ only in their seed are one model.

    Raises DataError if the runs cannot stand in one table, IntegrityError if a file of theirs was changed.
    """
    models = read_models(runs, protocol)
    table = _in_order_of(models, table_of([run.metrics for model in models for run in model.runs]))
    return Gathered(models, table, scored_scenes(models[:MOST_DRAWN]), tuple(commands))
