"""Files that are whole or absent.

Every stage writes to a temporary name in the same folder, syncs and renames: a reader finds the old file, the new
file or none, never a part.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scenewise.errors import IntegrityError

WRITING = ".writing-"
"""How the names of unfinished files and folders begin."""
_LONGEST_NAME = 255
"""Bytes of a file name, on the file systems of Linux."""


def hidden_name(prefix: str, name: str) -> str:
    """`prefix` and `name`; if that is longer than a file name may be, a hash of `name` with its suffix."""
    whole = prefix + name
    if len(os.fsencode(whole)) <= _LONGEST_NAME:
        return whole
    suffix = Path(name).suffix
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return f"{prefix}{digest}{suffix if len(suffix) <= 16 else ''}"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path to write; on leaving without an error it becomes `path`, synced to disk.

    After an error or a kill, `path` is as it was before. The temporary name keeps the suffix, for writers that choose a
    format by it. The name is always the same, so the next attempt replaces what a kill left. The temporary file is
    created exclusively: a link that somebody put there is removed, never followed. Raises IntegrityError if somebody
    removes or replaces it meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(hidden_name(WRITING, path.name))
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        yield temporary
        os.fsync(descriptor)
        if not is_opened_as(temporary, descriptor):
            raise gone_error(path)
        temporary.replace(path)
        sync_folder(path.parent)
    except FileNotFoundError as error:
        if error.filename == str(temporary):
            raise gone_error(path) from error
        raise
    finally:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)


def is_opened_as(path: Path, descriptor: int) -> bool:
    """Whether `path` is, without following a link, the file or folder that is open as `descriptor`.

    While it is open, no other one can have its number. So this is False if it was removed, renamed or replaced.
    """
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except (FileNotFoundError, NotADirectoryError):
        return False


def require_there(paths: Iterable[Path]) -> None:
    """Raise IntegrityError if one of `paths`, which a command has just written and will report, is not there."""
    for path in paths:
        if not path.exists():
            raise gone_error(path)


def gone_error(path: Path) -> IntegrityError:
    """The error for `path`, or a part of it, having vanished while a command wrote it."""
    return IntegrityError(
        f"{path}: expected what this command wrote there, found it removed or replaced while the command ran; give the "
        "command again, and leave its output alone until it has finished"
    )


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with whole_file(path) as temporary, open(temporary, "wb", opener=_without_links) as file:
        file.write(content)


def _without_links(path: str, flags: int) -> int:
    return os.open(path, (flags | os.O_NOFOLLOW) & ~os.O_CREAT)


def append_text(path: Path, text: str) -> None:
    """Append `text` to the existing file `path`. It is closed again, so that it holds all that is known."""
    with open(path, "a", newline="", encoding="utf-8", errors="surrogateescape", opener=_without_links) as file:
        file.write(text)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as readable JSON, whole or not at all; NaN and infinity are refused (ValueError)."""
    write_bytes(path, (json.dumps(value, indent=1, allow_nan=False) + "\n").encode())


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file, a folder or a link, if it is there; a link is not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
