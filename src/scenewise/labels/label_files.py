"""The files that labels come in, opened so that nothing in them is ever run: numpy's without pickle, and text."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError

_LONGEST_TEXT = 64 << 20
"""Bytes. The longest track file known is under one megabyte; what is longer is no text of labels."""


def open_npy(path: Path, what: str) -> NDArray[Any]:
    """The array of a `.npy` file, mapped and not read. Raises DataError, which says that `what` was expected."""
    try:
        if path.is_file() and np.prod(_npy_shape(path)) == 0:  # nothing to map
            with path.open("rb") as file:
                return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
        # Not np.load: it also opens archives, and advises to unpickle what is neither.
        return np.lib.format.open_memmap(path, mode="r")
    except OSError as error:
        raise DataError(f"{path}: {what}, and it can not be read ({error.strerror})") from error
    except (ValueError, OverflowError) as error:
        raise DataError(f"{path}: {what}, and it can not be read as one; write it with numpy.save") from error


def _npy_shape(path: Path) -> tuple[int, ...]:
    with path.open("rb") as file:
        header = np.lib.format.read_array_header_1_0 if np.lib.format.read_magic(file) == (1, 0) else (
            np.lib.format.read_array_header_2_0
        )  # fmt: skip
        return header(file)[0]


def npz_names(path: Path, what: str) -> list[str]:
    """The names of the arrays in an `.npz` file. Raises DataError where it is none."""
    with _open_npz(path, what) as archive:
        return sorted(archive.files)


def read_npz(path: Path, key: str | None, what: str) -> NDArray[Any]:
    """The array `key` of an `.npz` file. Raises DataError where it is none, or holds no such array."""
    if key is None:
        raise DataError(f"{path}: {what}; say which of its arrays as the key")
    with _open_npz(path, what) as archive:
        if key not in archive.files:
            raise DataError(f"{path}: {what}, and it holds none called {key}; it holds {_some(archive.files)}")
        return np.asarray(archive[key])


@contextmanager
def _open_npz(path: Path, what: str) -> Iterator[np.lib.npyio.NpzFile]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("one array and no archive")
            yield archive
    except OSError as error:
        raise DataError(f"{path}: {what}, and it can not be read ({error.strerror or error})") from error
    except (ValueError, EOFError, TypeError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise DataError(f"{path}: {what}, and it can not be read as one; pickled objects are refused") from error


def read_text(path: Path, what: str) -> str:
    """The text of a file, to be parsed. Raises DataError where it is missing, no text, or far too long."""
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_TEXT + 1)
        if len(content) > _LONGEST_TEXT or b"\0" in content:
            raise DataError(f"{path}: {what}, and it is no text file of labels")
        return content.decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise DataError(f"{path}: {what}, and it can not be read ({error.strerror})") from error


def _some(names: list[str]) -> str:
    return f"{', '.join(sorted(names)[:5])}{' ...' if len(names) > 5 else ''}" if names else "nothing"
