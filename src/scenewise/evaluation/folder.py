"""An evaluation as a folder inside its run, replaced as a whole.

evaluation/                   of the strict protocol; evaluation-published/ is the published protocol's
├── metrics.json              the figures, and what they were computed from
├── scores/SCENE_VIDEO.npy    float32, one score per frame
├── objects/SCENE_VIDEO.safetensors    if the method scores objects: the most abnormal ones, see object_scores.py
├── maps/SCENE_VIDEO.npy      if the method scores places: float16, (N, rows, columns) scores of the cells of a grid
└── SHA256SUMS
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.checksums import check, read_json, reading, recorded_checksums, require_written
from scenewise.config import Protocol
from scenewise.evaluation.metrics_form import MetricsForm
from scenewise.evaluation.object_scores import ObjectScores, from_bytes, to_bytes
from scenewise.files import write_json
from scenewise.formats.npy import parse_npy
from scenewise.output_folder import OutputFolder

Maps = NDArray[np.float16]
"""(N, rows, columns) anomaly scores of the cells of a grid over the picture, on the scale of the frame scores."""
FORMAT = 1
METRICS = "metrics.json"
FOLDERS: dict[Protocol, str] = {"strict": "evaluation", "published": "evaluation-published"}
"""The folder inside a run, by protocol."""
_WRITTEN = re.compile(r"metrics\.json|SHA256SUMS|scores/[^/]+\.npy|objects/[^/]+\.safetensors|maps/[^/]+\.npy")
"""What `write_evaluation` writes."""


@contextmanager
def evaluation_to_write(run: Path, protocol: Protocol) -> Iterator[OutputFolder]:
    """The folder of the evaluation by `protocol` inside the folder `run`, locked for this process.

    Raises ConfigError if another process is evaluating the run, or if the folder holds a file that `write_evaluation`
    did not write: that file would be lost.
    """
    out = OutputFolder(run / FOLDERS[protocol], "an evaluation")
    with out.lock():
        out.recover()
        out.refuse_foreign(lambda name: _WRITTEN.fullmatch(name) is not None)
        yield out


def write_evaluation(
    out: OutputFolder,
    scores: Mapping[str, NDArray[np.float32]],
    metrics: dict[str, Any],
    objects: Mapping[str, ObjectScores] | None = None,
    maps: Mapping[str, Maps] | None = None,
) -> None:
    """Replace the content of `out` by `scores` {SCENE_VIDEO: (N,)}, `metrics`, and `objects` and `maps` likewise."""
    with out.replace() as folder:
        (folder / "scores").mkdir()
        for name, values in scores.items():
            np.save(folder / "scores" / f"{name}.npy", values, allow_pickle=False)
        for name, of_video in (objects or {}).items():
            path = folder / _objects_name(name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(to_bytes(of_video))
        for name, of_places in (maps or {}).items():
            path = folder / _maps_name(name)
            path.parent.mkdir(exist_ok=True)
            np.save(path, of_places, allow_pickle=False)
        write_json(folder / METRICS, metrics)
    require_written(out.path, [METRICS])


def read_metrics(run: Path, protocol: Protocol) -> dict[str, Any]:
    """The metrics.json of a run's evaluation. Raises IntegrityError if it is not there, was changed or is not valid."""
    metrics: dict[str, Any] = read_json(run / FOLDERS[protocol] / METRICS, MetricsForm, format_version=FORMAT)
    return metrics


def read_objects(folder: Path, name: str) -> ObjectScores | None:
    """The objects of the video filed as `name`, SCENE_VIDEO; None if the method scores no objects.

    Raises IntegrityError if the file was changed.
    """
    if _objects_name(name) not in recorded_checksums(folder):
        return None
    path = check(folder / _objects_name(name), folder)
    return from_bytes(path.read_bytes(), str(path))


def read_maps(folder: Path, name: str, frames: int) -> Maps | None:
    """The maps of the video filed as `name`, SCENE_VIDEO; None if the method gives none.

    Raises IntegrityError if the file was changed, or holds no finite map for each of `frames`.
    """
    if _maps_name(name) not in recorded_checksums(folder):
        return None
    path = folder / _maps_name(name)
    with reading(path, "run `scenewise evaluate` again"):
        maps: Maps = parse_npy(check(path, folder).read_bytes())
        if (
            maps.dtype != np.float16
            or maps.ndim != 3
            or len(maps) != frames
            or not maps.size
            or not np.isfinite(maps).all()
        ):
            raise ValueError(f"expected finite float16 ({frames}, rows, columns), got {maps.dtype} {maps.shape}")
    return maps


def _maps_name(name: str) -> str:
    return f"maps/{name}.npy"


def _objects_name(name: str) -> str:
    return f"objects/{name}.safetensors"
