"""The folder that `extract` writes into: nobody's footage, nobody else's files, one extract at a time."""

import errno
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scenewise.datasets import Video
from scenewise.errors import ConfigError

LOCK = ".lock"
_OWN = re.compile(r"(\.writing-)?([0-9]{6,}\.safetensors|video\.json|SHA256SUMS)")
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems answer that know no locks."""


def target_of(out: Path, video: Video) -> Path:
    """Where the features of `video` lie in the store `out`."""
    return out / video.split / video.scene / video.name


def refuse_footage(out: Path, data: Path, videos: Sequence[Video]) -> None:
    """Raise ConfigError where the store `out` and the footage of the data set in `data` would lie in each other."""
    store = out.resolve()
    within = [folder for folder in (data / "train", data / "test") if store.is_relative_to(folder.resolve())]
    if store == data.resolve() or within:
        raise ConfigError(
            f"--out {out}: lies among the footage of {data}; choose a folder of its own, such as {data}-features"
        )
    for video in videos:
        target, footage = target_of(out, video).resolve(), video.path.resolve()
        if footage.is_relative_to(target) or target.is_relative_to(footage):
            raise ConfigError(
                f"--out {out}: features of {video.title} would be written to {target}, where its footage lies "
                f"({footage}); choose another folder"
            )


def refuse_foreign_files(target: Path) -> None:
    """Raise ConfigError where a video's folder in the store holds what `extract` did not write; hidden files may."""
    if not target.is_dir():
        if target.exists():
            raise ConfigError(f"{target}: expected a folder of features or none, found a file; choose another --out")
        return
    foreign = sorted(path.name for path in target.iterdir() if not path.name.startswith(".") and not _is_own(path))
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise ConfigError(
            f"{target}: expected a new folder or features of an earlier extract, found {', '.join(foreign[:3])}{more} "
            "in it; choose another --out or move them"
        )


def own_files(target: Path) -> list[Path]:
    """What `extract` itself has written into a video's folder: nothing else in it is ever removed."""
    return sorted(path for path in target.iterdir() if _is_own(path)) if target.is_dir() else []


def _is_own(path: Path) -> bool:
    return _OWN.fullmatch(path.name) is not None and path.is_file()


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Hold the store `out` for this process. Raises ConfigError where another extract holds it.

    The kernel gives the lock back with the process, however that ends; a lock file without a holder locks nothing.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / LOCK
    descriptor = _lock(path)
    try:
        yield
    finally:
        # Removed while it is held: who waits at the removed file sees so, see `_lock`.
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(path: Path) -> int:
    """An open descriptor of the lock file `path`, held by this process."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held, there = os.fstat(descriptor), path.stat()
        except BlockingIOError as error:
            os.close(descriptor)
            raise ConfigError(
                f"--out {path.parent}: another extract is writing there; wait for it, or choose another folder"
            ) from error
        except FileNotFoundError:  # its holder removed it between our opening and locking it
            os.close(descriptor)
            continue
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return descriptor
            os.close(descriptor)
            raise
        if os.path.samestat(held, there):
            return descriptor
        os.close(descriptor)
