"""Converted towers on the disk: made once, read by every later command, made anew if a byte of them was changed.

$XDG_CACHE_HOME/scenewise/towers/NAME-DIGEST/     (by default ~/.cache)
    tower.xml, tower.bin     the tower as OpenVINO's IR
    made.json                what it was made from
    SHA256SUMS

The digest is of what decides the conversion: the weights, the picture's size, and the versions of the libraries. The
folder may be deleted at any time.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openvino as ov
from filelock import FileLock

from scenewise.checksums import read_json, recorded_checksums
from scenewise.encoders.openvino_model import read_model
from scenewise.errors import EncoderError, IntegrityError
from scenewise.files import hidden_name, write_json
from scenewise.formats.json_text import Form
from scenewise.output_folder import OutputFolder
from scenewise.progress import note

TOWER, WEIGHTS, MADE = "tower.xml", "tower.bin", "made.json"
FORMAT = 1


class _Made(Form):
    made_from: dict[str, Any]
    checked: dict[str, Any]


def cache_folder(name: str, made_from: Mapping[str, Any]) -> Path:
    """Where the tower `name`, made from `made_from` (plain JSON), lies in this user's cache."""
    root = Path(os.environ.get("XDG_CACHE_HOME", ""))
    cache = root if root.is_absolute() else Path.home() / ".cache"
    digest = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]
    return cache / "scenewise" / "towers" / f"{name}-{digest}"


def kept_tower(folder: Path, made_from: Mapping[str, Any], make: Callable[[], ov.Model]) -> ov.Model:
    """The tower in `folder`, if it was made from `made_from` and is whole; else what `make` makes, kept there.

    Of several processes that need it at once, one makes it, and the others wait. If it cannot be written, a note says
    so, and it is used without being kept.
    """
    made: ov.Model | None = None
    try:
        with locked(folder):
            found = _read_or_none(folder, made_from)
            if found is not None:
                return found
            made = make()
            write_tower(folder, made, made_from, {})
            return read_tower(folder)[0]
    except OSError as error:
        note(f"{folder}: the converted tower cannot be kept there ({error.strerror}); it is converted every time")
        return made or make()


def write_tower(folder: Path, model: ov.Model, made_from: Mapping[str, Any], checked: Mapping[str, Any]) -> None:
    """Write `model` to `folder`, whole or not at all, with what it was made from and what was `checked` of it."""
    with OutputFolder(folder, "a converted tower").replace() as fresh:
        ov.save_model(model, fresh / TOWER, compress_to_fp16=False)
        write_json(fresh / MADE, {"format": FORMAT, "made_from": dict(made_from), "checked": dict(checked)})


def read_tower(folder: Path) -> tuple[ov.Model, dict[str, Any], list[str]]:
    """The tower in `folder`, what it was made from, and the SHA-256 of its files. Raises IntegrityError if changed."""
    described = read_json(folder / MADE, _Made, format_version=FORMAT)
    recorded = recorded_checksums(folder)
    try:
        model, files = read_model(folder / TOWER)
    except EncoderError as error:
        raise IntegrityError(str(error)) from error
    if [recorded.get(path.name) for path in files.paths] != files.checksums:
        raise IntegrityError(f"{folder}: its bytes are not those that were written (SHA-256 differs)")
    return model, described["made_from"], files.checksums


def _read_or_none(folder: Path, made_from: Mapping[str, Any]) -> ov.Model | None:
    if not folder.is_dir():
        return None
    try:
        model, found, _ = read_tower(folder)
    except IntegrityError as error:
        note(f"the converted tower is made anew, because it was changed: {error}")
        return None
    return model if found == made_from else None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder`; waits until no other process does. The kernel holds the lock: a kill leaves none."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(hidden_name(".lock-", folder.name)), fallback_to_soft=False):
        yield
