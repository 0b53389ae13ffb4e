"""`dataset.json`: an explicit description of a data set.

    {"format": 1,
     "fps": 25,                                              of folders of frames, unless a video states another
     "scenes": {"walkway": {"normal_classes": ["person"], "fps": 10}},
     "videos": [{"scene": "walkway", "name": "02", "split": "test", "path": "clips/02.mp4",
                 "labels": "labels/02.npy", "events": "labels/02.events.json", "fps": 10}]}

Paths are relative to the file. If labels are not a `.npy` array of 0/1, they name their kind, one of those of
`LabelSource`: {"path": "gt.npz", "kind": "npz", "key": "02"}. `masks` says in the same way which pixels are abnormal.
Without `videos` the generic tree beside the file is read, and the other entries are added to it.
"""

import errno
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scenewise.datasets import generic
from scenewise.datasets.listing import entries
from scenewise.datasets.manifest import Dataset, LabelKind, LabelSource, Video
from scenewise.datasets.unchanged import DATASET_JSON as DATASET_JSON
from scenewise.datasets.unchanged import refuse_changed
from scenewise.errors import DataError
from scenewise.folders import is_file
from scenewise.text_file import read_text

TITLE = "A manifest"
SOURCE = None
_Name = Field(pattern=r"^[^/\\\x00-\x1f.][^/\\\x00-\x1f]*$")  # becomes a file name
_Path = Annotated[str, Field(pattern=r"^[^\x00]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Scene(_Strict):
    normal_classes: tuple[str, ...] = ()
    fps: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class _Labels(_Strict):
    path: _Path
    kind: LabelKind = "npy"
    key: str | None = None


class _Video(_Strict):
    scene: str = _Name
    name: str = _Name
    split: Literal["train", "test"]
    path: _Path
    labels: _Path | _Labels | None = None
    masks: _Path | _Labels | None = None
    events: _Path | None = None
    fps: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class _DatasetJson(_Strict):
    format: Literal[1]
    fps: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    scenes: dict[str, _Scene] = {}
    videos: tuple[_Video, ...] | None = None
    made_by: dict[str, Any] = {}
    """For the program that wrote the data set; not read here."""


def recognise(root: Path) -> bool:
    """Whether `root` holds a dataset.json."""
    return is_file(root / DATASET_JSON)


def read(root: Path) -> Dataset:
    """Read `root`/dataset.json.

    Raises DataError if it is not JSON, has an unknown key, or names a file that is not there.
    """
    path = root / DATASET_JSON
    try:
        described = _DatasetJson.model_validate_json(read_text(path, "expected a description of a data set in JSON"))
    except ValidationError as error:
        # Of the errors of a union, the deepest is the most precise; its path holds the types `_Labels` and `str` too.
        deepest = max(error.errors(), key=lambda detail: len(detail["loc"]))
        parts = [str(part) for part in deepest["loc"] if part not in ("_Labels", "str")]
        where = ".".join(parts) or "the file"
        raise DataError(
            f"{path}: {where}: {deepest['msg']} (got {json.dumps(deepest['input'], default=str)[:80]})"
        ) from error
    refuse_changed(path)

    normal_classes = {name: scene.normal_classes for name, scene in described.scenes.items() if scene.normal_classes}
    if described.videos is None:
        return generic.read(root, _scene_fps(root, described), normal_classes)
    order = {"train": 0, "test": 1}
    videos = sorted(
        (_video(root, path, described, video) for video in described.videos),
        key=lambda video: (order[video.split], video.scene, video.name),
    )
    if not videos:
        raise DataError(f"{path}: videos: expected at least one, found none")
    return Dataset(root, DATASET_JSON, tuple(videos), normal_classes)


def _scene_fps(root: Path, described: _DatasetJson) -> dict[str, float]:
    scenes = {entry.name for split in generic.SPLITS for entry in entries(root / split)} | described.scenes.keys()
    rates = {name: described.scenes[name].fps if name in described.scenes else None for name in scenes}
    return {name: rate for name, stated in rates.items() if (rate := stated or described.fps) is not None}


def _video(root: Path, manifest: Path, described: _DatasetJson, video: _Video) -> Video:
    scene_fps = described.scenes[video.scene].fps if video.scene in described.scenes else None
    of_video = f"of {video.split} {video.scene} {video.name}"
    labels, masks = (
        None if given is None else _label_source(given, root, manifest, f"{key} {of_video}")
        for key, given in (("labels", video.labels), ("masks", video.masks))
    )
    path = _existing(video.path, root, manifest, f"path {of_video}")
    events = None if video.events is None else _existing(video.events, root, manifest, f"events {of_video}")
    rate = video.fps or scene_fps or described.fps
    return Video(video.scene, video.name, video.split, path, labels, masks, events, rate)


def _label_source(given: str | _Labels, root: Path, manifest: Path, what: str) -> LabelSource:
    labels = _Labels(path=given) if isinstance(given, str) else given
    return LabelSource(_existing(labels.path, root, manifest, what), labels.kind, labels.key)


def _existing(relative: str, root: Path, manifest: Path, what: str) -> Path:
    path = root / relative
    try:
        path.stat()
    except OSError as error:
        gone = error.errno in (errno.ENOENT, errno.ENOTDIR)
        reason = f"no such file {path}" if gone else f"{path} cannot be read ({error.strerror})"
        raise DataError(f"{manifest}: {what}: {reason}") from error
    return path
