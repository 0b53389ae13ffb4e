"""What a feature store's manifest.json holds, for the check when it is read."""

import os
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from scenewise.config import FPS, MOST
from scenewise.datasets.manifest import LabelKind, Split
from scenewise.formats.json_text import Form

LONGEST = 100_000_000
"""Frames of a video: six weeks at 25 a second."""
LONGEST_NAME = 255
"""Bytes of a file name, on the file systems of Linux."""
WIDEST = 1_000_000
"""Numbers of a feature."""


def _file_name(text: str) -> str:
    if text in (".", "..") or "/" in text:
        raise ValueError("a name that a file can have")
    return _path(text)


def _path(text: str) -> str:
    # What is not UTF-8 in a name is in Python's text as lone surrogates; fsencode refuses those that are not.
    if not text or "\0" in text or max(map(len, os.fsencode(text).split(b"/"))) > LONGEST_NAME:
        raise ValueError("a path, or a part of one")
    return text


def _path_inside(text: str) -> str:
    if PurePosixPath(_path(text)).is_absolute() or ".." in PurePosixPath(text).parts:
        raise ValueError("a path inside the folder of features")
    return text


def _title(text: str) -> str:
    if not text.startswith(("train/", "test/")):
        raise ValueError("expected the title of a video, such as train/SCENE/VIDEO")
    return text


FileName = Annotated[str, AfterValidator(_file_name)]
"""A part of a path, such as the name of a scene."""
PathText = Annotated[str, AfterValidator(_path)]
Rate = Annotated[float, Field(ge=FPS[0], le=FPS[1])]
Frames = Annotated[int, Field(ge=1, le=LONGEST)]
Width = Annotated[int, Field(ge=1, le=WIDEST)]


class _Objects(Form):
    distinguishes_classes: bool = True


class _Identity(Form):
    kind: str = ""
    objects: _Objects = _Objects()


class EncoderForm(Form):
    """The fingerprint of an encoder."""

    identity: _Identity
    execution: dict[str, Any]


class _Labels(Form):
    path: PathText
    kind: LabelKind
    key: str | None


class _Video(Form):
    scene: FileName
    name: FileName
    split: Split
    fps: Rate
    frames: Frames
    lost: Annotated[int, Field(ge=0, le=LONGEST)]
    width: Width
    regions: Annotated[list[Width], Field(min_length=2, max_length=2)] | None
    block: Annotated[int, Field(ge=1, le=MOST)]
    folder: Annotated[str, AfterValidator(_path_inside)]
    source: PathText
    labels: PathText | _Labels | None
    events: PathText | None
    masks: PathText | _Labels | None = None
    objects: Width | None = None
    labels_sought: list[PathText] = Field(default_factory=list)


class _Failed(Form):
    video: Annotated[str, AfterValidator(_title)]
    path: str
    reason: str


class ManifestForm(Form):
    """manifest.json."""

    encoder: EncoderForm
    extract_config: dict[str, Any] | None = None
    normal_classes: dict[str, list[str]]
    videos: Annotated[list[_Video], Field(min_length=1)]
    failed: list[_Failed]
