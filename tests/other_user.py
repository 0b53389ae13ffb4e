"""What a user sees who may not read everything: root, who often runs tests in containers, may."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

NOBODY = 65534


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A new folder in which every user may write; those of pytest are closed to others."""
    folder = Path(mkdtemp(prefix="scenewise-"))
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        for closed in folder.rglob("*"):
            if closed.is_dir() and not closed.is_symlink():
                closed.chmod(0o755)
        rmtree(folder)


@contextmanager
def other_user() -> Iterator[None]:
    """Without the rights of root. What is imported for the first time inside may not be found."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
