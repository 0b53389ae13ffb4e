"""An evaluation as a folder inside its run: replaced as a whole, so that one is always there, also after a kill.

evaluation/                   the strict protocol's; evaluation-published/ is the published one's
├── metrics.json              the figures, and what they were computed from
├── scores/SCENE_VIDEO.npy    float32, one score a frame
├── objects/SCENE_VIDEO.safetensors    of methods that look at objects: the most novel ones, see judged_objects.py
└── SHA256SUMS
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.config import Protocol
from scenewise.evaluation.object_scores import ObjectScores, from_bytes, to_bytes
from scenewise.files import (
    check,
    record_checksums,
    recorded_checksums,
    sync_folder,
    whole_file,
    write_bytes,
    write_json,
)

FORMAT = 1
METRICS = "metrics.json"
FOLDERS: dict[Protocol, str] = {"strict": "evaluation", "published": "evaluation-published"}
"""The folder inside a run, by protocol."""


def write_evaluation(
    folder: Path,
    scores: Mapping[str, NDArray[np.float32]],
    metrics: dict[str, Any],
    objects: Mapping[str, ObjectScores] | None = None,
) -> None:
    """Write `scores` {SCENE_VIDEO: (N,)}, `metrics` and `objects` as `folder`, in the place of what it held before.

    A folder can not be renamed over another: the old one steps aside and goes once the new one is in its place.
    """
    fresh, old = folder.with_name(f".writing-{folder.name}"), _aside(folder)
    shutil.rmtree(fresh, ignore_errors=True)
    names = [f"scores/{name}.npy" for name in scores]
    for name, own in zip(names, scores.values(), strict=True):
        with whole_file(fresh / name) as temporary, temporary.open("wb") as file:
            np.save(file, own, allow_pickle=False)
    for name, found in (objects or {}).items():
        names.append(_objects_name(name))
        write_bytes(fresh / names[-1], to_bytes(found))
    write_json(fresh / METRICS, metrics)
    record_checksums(fresh, [*names, METRICS])
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def read_objects(folder: Path, name: str) -> ObjectScores | None:
    """The objects of the video filed as `name`, SCENE_VIDEO; None where the method looks at none.

    None too where the evaluation is older than they are. Raises IntegrityError where the file was changed.
    """
    if _objects_name(name) not in recorded_checksums(folder):
        return None
    path = check(folder / _objects_name(name), folder)
    return from_bytes(path.read_bytes(), str(path))


def recover_evaluation(folder: Path) -> None:
    """Bring back the evaluation that a killed `write_evaluation` had set aside, or remove it where it was replaced."""
    old = _aside(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
        sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _objects_name(name: str) -> str:
    return f"objects/{name}.safetensors"


def _aside(folder: Path) -> Path:
    return folder.with_name(f".old-{folder.name}")
