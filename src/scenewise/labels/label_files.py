"""Opens the files of arrays that labels come in: `.npy` and `.npz`, without pickles."""

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError


def open_npy(path: Path, expected: str) -> NDArray[Any]:
    """The array of a `.npy` file, memory-mapped. Raises DataError, which says what was `expected`."""
    try:
        # Not np.load: it also opens archives, and its errors advise to allow pickles.
        return np.lib.format.open_memmap(path, mode="r")
    except OSError as error:
        raise DataError(f"{path}: {expected}, but it cannot be read ({error.strerror})") from error
    except (ValueError, OverflowError, SyntaxError, tokenize.TokenError) as error:
        raise DataError(f"{path}: {expected}, but it is damaged or no .npy array; write it with numpy.save") from error


def npz_names(path: Path, expected: str) -> list[str]:
    """The names of the arrays in an `.npz` file. Raises DataError if it is none."""
    with _open_npz(path, expected) as archive:
        return sorted(archive.files)


def read_npz(path: Path, key: str | None, expected: str) -> NDArray[Any]:
    """The array `key` of an `.npz` file. Raises DataError if it is none, or holds no such array."""
    if key is None:
        raise DataError(f"{path}: {expected}; give the name of one of its arrays as the key")
    with _open_npz(path, expected) as archive:
        if key not in archive.files:
            names = f"{', '.join(sorted(archive.files)[:5])}{' ...' if len(archive.files) > 5 else ''}"
            raise DataError(f"{path}: {expected}, but it holds none called {key}; it holds {names or 'nothing'}")
        return np.asarray(archive[key])


@contextmanager
def _open_npz(path: Path, expected: str) -> Iterator[np.lib.npyio.NpzFile]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("a single array, not an archive")
            yield archive
    except OSError as error:
        raise DataError(f"{path}: {expected}, but it cannot be read ({error.strerror or error})") from error
    except (
        ValueError, EOFError, TypeError, KeyError, SyntaxError, tokenize.TokenError, zipfile.BadZipFile, zlib.error,
        NotImplementedError,
    ) as error:  # fmt: skip
        raise DataError(
            f"{path}: {expected}, but it is damaged or another kind of file; pickles are refused"
        ) from error
