"""A lock on a place that a command writes: one command at a time.

The kernel holds it, as long as the process lives: a lock file that a kill left locks nothing.
"""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

from scenewise.errors import ConfigError
from scenewise.files import hidden_name
from scenewise.progress import note

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems without locks answer."""


@contextmanager
def lock(place: Path, refusal: str, *, wait: bool = False) -> Iterator[None]:
    """Hold the file or folder `place` for this process. Raises ConfigError, which begins with `refusal`, if it is held;
    with `wait` it waits until it is free.

    The lock file is opened without following links. On a file system without locks, a note says so once.
    """
    file = _lock_file(place)
    missing = [folder for folder in file.parents if not folder.exists()]
    file.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(file, blocking=wait, thread_local=False, fallback_to_soft=False)
    try:
        held.acquire()
    except (Timeout, FileNotFoundError) as error:  # or one that ends now removes the folder around it
        raise ConfigError(f"{refusal}; wait until it has finished, or choose another path") from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        _say_no_locks(file.parent)
    try:
        yield
    finally:
        # Removed while it is held: a process that opened the removed file sees that it locked nothing.
        file.unlink(missing_ok=True)
        held.release()
        with suppress(OSError):  # the folders that only the lock needed
            for folder in missing:
                folder.rmdir()


def allow_open_files(count: int) -> None:
    """Let this process open `count` more files than now, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        wanted = soft + count if hard == resource.RLIM_INFINITY else min(soft + count, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _lock_file(place: Path) -> Path:
    """Beside `place`, or inside it if the folder around it cannot be written; the same whatever links lead there."""
    real = Path(os.path.realpath(place))
    around = real.parent
    inside = real.is_dir() and (not real.name or not os.access(around, os.W_OK))
    return real / ".lock" if inside else around / hidden_name(".lock-", real.name)


@cache
def _say_no_locks(folder: Path) -> None:
    note(f"{folder} lies on a file system without locks; do not let two commands write there at once")
