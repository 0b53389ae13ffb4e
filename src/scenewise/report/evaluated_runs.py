"""Evaluated runs as the report reads them: folders in, models (one or more seeds each) out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.checksums import CHECKSUMS, check, read_json, reading, recorded_checksums, sha256_of
from scenewise.config import Protocol
from scenewise.errors import DataError
from scenewise.evaluation.folder import FOLDERS, METRICS, Maps, read_maps, read_objects
from scenewise.evaluation.folder import FORMAT as EVALUATION_FORMAT
from scenewise.evaluation.metrics_form import MetricsForm
from scenewise.evaluation.object_scores import ObjectScores
from scenewise.formats.npy import parse_npy
from scenewise.methods import DEFAULT
from scenewise.report.colours import MOST_DRAWN
from scenewise.results.group_runs import group_runs
from scenewise.results.labels import labels
from scenewise.results.ranking import WITHIN
from scenewise.results.rows import Row
from scenewise.runs.run import FORMAT, RUN_JSON, RunForm
from scenewise.runs.thumbnails import Thumbnails, read_thumbnails


@dataclass(frozen=True)
class EvaluatedRun:
    """One trained and evaluated run."""

    folder: Path
    info: dict[str, Any]
    """run.json."""
    metrics: dict[str, Any]
    """metrics.json of its evaluation."""
    protocol: Protocol = "strict"
    """The protocol that the figures and scores are of."""

    @property
    def evaluation(self) -> Path:
        """The folder of figures and scores."""
        return self.folder / FOLDERS[self.protocol]

    @cached_property
    def video_auc(self) -> dict[tuple[str, str], float | None]:
        """{(scene, name): frame AUC within the one video}; None if it is undefined."""
        return {(video["scene"], video["name"]): video["frame_auc"] for video in self.metrics["per_video"]}

    def scores(self, scene: str, name: str, frames: int) -> NDArray[np.float32]:
        """(frames,) the scores of one test video, exactly those that the figures were computed from.

        Raises IntegrityError if the file was changed, DataError if it does not hold one score per frame.
        """
        path = self.evaluation / "scores" / f"{scene}_{name}.npy"
        with reading(path, "run `scenewise evaluate` again"):
            values: NDArray[np.float32] = parse_npy(check(path, self.evaluation).read_bytes())
            if values.dtype != np.float32 or not np.isfinite(values).all():
                raise ValueError(f"expected finite float32 numbers, got {values.dtype}")
        if values.shape != (frames,):
            raise DataError(f"{path}: expected {frames} scores, found {values.shape}; run `scenewise evaluate` again")
        return values

    def objects(self, scene: str, name: str) -> ObjectScores | None:
        """The objects behind the scores of one test video; None if the method scores none.

        Raises IntegrityError if the file was changed.
        """
        return read_objects(self.evaluation, f"{scene}_{name}")

    def maps(self, scene: str, name: str, frames: int) -> Maps | None:
        """(frames, rows, columns) scores of the cells of a grid over one test video; None if the method gives none.

        Raises IntegrityError if the file was changed.
        """
        return read_maps(self.evaluation, f"{scene}_{name}", frames)

    @cached_property
    def thumbnails(self) -> Thumbnails | None:
        """The pictures of normal examples that it keeps. Raises IntegrityError if the file was changed."""
        return read_thumbnails(self.folder)

    def hashes(self) -> dict[str, str]:
        """{file of the run: SHA-256}; the hash of the evaluation's SHA256SUMS covers all score files."""
        name = self.evaluation.name
        return {
            **recorded_checksums(self.folder),
            f"{name}/{METRICS}": recorded_checksums(self.evaluation)[METRICS],
            f"{name}/{CHECKSUMS}": sha256_of(self.evaluation / CHECKSUMS),
        }


@dataclass(frozen=True)
class Model:
    """Runs that differ in their seed alone."""

    row: Row
    name: str
    """Shorter than the row's title if every model is of one method."""
    short: str
    """Its label, without commas and brackets: for sentences, legends and read-outs."""
    accent: int
    """Which of the page's colours it has."""
    leads: bool
    """Whether it is the default, which is named first and drawn boldest."""
    runs: tuple[EvaluatedRun, ...]

    @property
    def by_seed(self) -> list[EvaluatedRun]:
        """Its runs, the lowest seed first."""
        return sorted(self.runs, key=lambda run: int(run.info["seed"]))


def read_models(folders: Sequence[Path], protocol: Protocol = "strict") -> list[Model]:
    """Read run folders evaluated by `protocol`, and put those together that differ in their seed only.

    The default comes first, then the others as they were given. If they are more than can be drawn, those with the
    highest AUC within scenes come first.

    Raises DataError if a folder is not an evaluated run or the runs cannot stand in one table, IntegrityError if a file
    was changed.
    """
    runs = [read_run(folder, protocol) for folder in folders]
    rows = group_runs([run.metrics for run in runs])
    names = _names(rows)
    short = labels([row.title for row in rows])
    default = _default(rows)
    return [
        Model(
            row=rows[place],
            name=names[place],
            short=short[place],
            accent=min(number, MOST_DRAWN),
            leads=place == default,
            runs=tuple(runs[run] for run in rows[place].runs),
        )
        for number, place in enumerate(_order(rows, default))
    ]


def _default(rows: Sequence[Row]) -> int | None:
    """The place of the default: of its forms one that knows the scenes, and of these the best."""
    forms = [place for place, row in enumerate(rows) if row.method == DEFAULT]
    return max(forms, key=lambda place: (bool(rows[place].scene_aware), _within(rows[place])), default=None)


def _order(rows: Sequence[Row], default: int | None) -> list[int]:
    order = [place for place in range(len(rows)) if place != default]
    if len(rows) > MOST_DRAWN:
        order.sort(key=lambda place: -_within(rows[place]))
    return order if default is None else [default, *order]


def _within(row: Row) -> float:
    return row.cell(WITHIN).mean or 0.0


def _names(rows: Sequence[Row]) -> list[str]:
    one_method = len({row.method for row in rows}) == 1
    return [row.title.removeprefix(f"{row.method}, ") if one_method else row.title for row in rows]


def read_run(folder: Path, protocol: Protocol = "strict") -> EvaluatedRun:
    """Read what the report needs of one run; see `read_models` for what is raised."""
    if not (folder / RUN_JSON).is_file():
        raise DataError(f"{folder}: expected a run, found no {RUN_JSON}; give a folder written by `scenewise train`")
    evaluation = folder / FOLDERS[protocol]
    if not (evaluation / METRICS).is_file():
        by = "" if protocol == "strict" else f" --protocol {protocol}"
        missing = "not evaluated yet" if protocol == "strict" else f"not evaluated by the {protocol} protocol yet"
        raise DataError(
            f"{folder}: this run is {missing}; run `scenewise evaluate {folder}{by}` first, "
            "with --unlabelled if its test videos have no labels"
        )
    info = read_json(folder / RUN_JSON, RunForm, format_version=FORMAT)
    metrics = read_json(evaluation / METRICS, MetricsForm, format_version=EVALUATION_FORMAT)
    return EvaluatedRun(folder, info, metrics, protocol)
