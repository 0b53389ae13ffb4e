"""Looks into folders of people's footage, of which some may be closed to the user who runs the program.

`Path.is_dir()`, `is_file()` and `iterdir()` raise PermissionError there, and one closed folder would refuse all others.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder, as far as this user can see."""
    with suppress(OSError):
        return path.is_dir()
    return False


def is_file(path: Path) -> bool:
    """Whether `path` is a file, as far as this user can see."""
    with suppress(OSError):
        return path.is_file()
    return False


def real(path: Path) -> Path:
    """The absolute path behind links; links in a circle, at which `Path.resolve` gives up, stay as they are."""
    return Path(os.path.realpath(path))


def contents(folder: Path) -> Iterator[Path]:
    """Everything in `folder`, in no order; nothing if there is no such folder, or it is closed."""
    try:
        found = _reached(folder)
    except OSError:
        return
    yield from found


def why_closed(folder: Path) -> str | None:
    """Why the existing `folder` cannot be listed, or its files not be reached, in a few words; None if they can."""
    try:
        _reached(folder)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _reached(folder: Path) -> list[Path]:
    """What lies in `folder`. Raises OSError if it cannot be listed, or may be listed but not be entered."""
    found = list(folder.iterdir())
    if found:
        found[0].lstat()
    return found
