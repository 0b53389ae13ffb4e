"""Arrays from `.npy` files and `.npz` archives. Pickles in them are refused."""

import io
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.formats.reasons import in_short
from scenewise.formats.regular_file import require_regular

LARGEST = 1 << 30
"""Bytes of an array in an archive: a small archive may unpack to a thousand times its size."""


def open_npy(path: Path) -> NDArray[Any]:
    """The array of a `.npy` file, memory-mapped. Raises ValueError, or OSError if the file cannot be opened."""
    require_regular(path)
    try:
        # Not np.load: it also opens archives, and its errors advise to allow pickles.
        with np.errstate(over="ignore"):  # of a shape too large to count
            return np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # numpy evaluates the header as Python, so that any error of its parser may come
        raise ValueError(f"damaged, or no array of numpy ({in_short(error)})") from error


def npz_names(path: Path) -> list[str]:
    """The names of the arrays in an archive. Raises ValueError, or OSError if the file cannot be opened."""
    require_regular(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted(name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy"))
    except Exception as error:  # of a damaged archive, zipfile raises its own errors and several of Python's
        raise ValueError(f"damaged, or no archive of numpy ({in_short(error)})") from error


def read_npz(path: Path, name: str, most_expanded: float = math.inf) -> NDArray[Any]:
    """The array `name` of an archive. Raises ValueError, or OSError if the file cannot be opened.

    An array that unpacks to more than LARGEST bytes, or to more than `most_expanded` for each stored one, is refused.
    """
    require_regular(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo(f"{name}.npy")
            allowed = min(LARGEST, most_expanded * max(entry.compress_size, 1))
            content = archive.read(entry) if entry.file_size <= allowed else None
    except Exception as error:  # as above, and zlib's
        raise ValueError(f"damaged, or no archive of numpy ({in_short(error)})") from error
    if content is None:
        raise ValueError(
            f"{name} unpacks from {entry.compress_size} to {entry.file_size} bytes, more than {allowed:.0f}"
        )
    return parse_npy(content)


def parse_npy(content: bytes) -> NDArray[Any]:
    """The array in the bytes of a `.npy` file. Raises ValueError."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(file)
        if dtype.hasobject:
            raise ValueError("it holds Python objects, which are never loaded")
        if math.prod(shape) * dtype.itemsize != len(content) - file.tell():
            raise ValueError("the file has another size than its shape")  # before memory is taken for it
        file.seek(0)
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
    except Exception as error:  # as for `open_npy`
        raise ValueError(f"damaged, or no array of numpy ({in_short(error)})") from error
