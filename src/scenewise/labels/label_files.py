"""Opens the files of arrays that labels come in: `.npy` and `.npz`, without pickles."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.formats import npy


def open_npy(path: Path, expected: str) -> NDArray[Any]:
    """The array of a `.npy` file, memory-mapped. Raises DataError, which says what was `expected`."""
    with _refused(path, expected, "write it with numpy.save"):
        return npy.open_npy(path)


def npz_names(path: Path, expected: str) -> list[str]:
    """The names of the arrays in an `.npz` file. Raises DataError if it is none."""
    with _refused(path, expected, "write it with numpy.savez"):
        return npy.npz_names(path)


def read_npz(path: Path, key: str | None, expected: str) -> NDArray[Any]:
    """The array `key` of an `.npz` file. Raises DataError if it is none, or holds no such array."""
    if key is None:
        raise DataError(f"{path}: {expected}; give the name of one of its arrays as the key")
    names = npz_names(path, expected)
    if key not in names:
        listed = f"{', '.join(names[:5])}{' ...' if len(names) > 5 else ''}"
        raise DataError(f"{path}: {expected}, but it holds none called {key}; it holds {listed or 'nothing'}")
    with _refused(path, expected, "write it with numpy.savez"):
        return npy.read_npz(path, key)


@contextmanager
def _refused(path: Path, expected: str, remedy: str) -> Iterator[None]:
    """Turn what is raised inside, for the file `path`, into DataError."""
    try:
        yield
    except OSError as error:
        raise DataError(f"{path}: {expected}, but it cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise DataError(f"{path}: {expected}, but it is {error}; {remedy}") from error
