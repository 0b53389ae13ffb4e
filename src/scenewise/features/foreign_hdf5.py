"""Features in HDF5. Everything a file declares is checked before its data is read.

    VIDEO.h5   one data set a frame, named by its number: (1, D) or (D,)
    VIDEO.h5   a single data set (N, D) or (N, C, D) of any name

An HDF5 file can refer to other files (links, external storage, virtual data sets) and to code (filters that are
plug-ins). Features of one video need none of these, so all of them are refused.
https://docs.h5py.org/en/stable/high/group.html#dict-interface-and-links
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from scenewise.config.import_features import Crops
from scenewise.errors import DataError
from scenewise.features.foreign_features import MOST_EXPANDED, ForeignFeatures, Rows, of_array, require_numbers
from scenewise.formats.hdf5 import hdf5_errors
from scenewise.formats.regular_file import require_regular

LARGEST_CHUNK = 1 << 30
"""Most bytes that reading a single frame may unpack."""
FLETCHER32, CHECKSUM = 3, 4
"""The filter that keeps a checksum with each chunk, and the checksum's bytes."""
FILTERS = frozenset({1, 2, 3, 4, 5, 6, 32000})
"""Those that come with every h5py: gzip, shuffle, fletcher32, szip, nbit, scale-offset and lzf."""


@contextmanager
def open_hdf5(path: Path, crops: Crops) -> Iterator[ForeignFeatures]:
    """Open and check a file. Raises DataError, naming the file and what is wrong with it."""
    file = _opened(path)
    try:
        try:
            with hdf5_errors():
                features = _checked(path, file, crops)
        except ValueError as error:
            raise DataError(f"{path}: its data sets cannot be read: {error}; copy it again") from error
        yield replace(features, rows=_with_errors(features.rows))
    finally:
        with suppress(RuntimeError):  # closing what is damaged may fail as well
            file.close()


def _with_errors(rows: Rows) -> Rows:
    def read(first: int, stop: int) -> NDArray[Any]:
        with hdf5_errors():
            return rows(first, stop)

    return read


def _opened(path: Path) -> h5py.File:
    try:
        require_regular(path)
        with hdf5_errors():
            return h5py.File(path, "r")
    except OSError as error:
        raise DataError(f"{path}: expected an HDF5 file, but it cannot be opened ({error.strerror})") from error
    except ValueError as error:
        raise DataError(
            f"{path}: expected an HDF5 file, but it cannot be opened as one (damaged, or of another format); copy it "
            "again"
        ) from error


def _checked(path: Path, file: h5py.File, crops: Crops) -> ForeignFeatures:
    size = path.stat().st_size
    data_sets = {name: _data_set(path, file, name, size) for name in file}
    if len(data_sets) == 1:
        (only,) = data_sets.values()
        if only.ndim > 1:
            return of_array(str(path), only.shape, lambda first, stop: only[first:stop], crops)
    names = _in_order(path, list(data_sets))
    widths = {name: _frame_width(path, name, data_sets[name].shape) for name in names}
    for name, width in widths.items():
        if width != widths[names[0]]:
            raise DataError(f"{path}: frame {name} is {width} wide and frame {names[0]} {widths[names[0]]}")
    if sum(one.nbytes for one in data_sets.values()) > MOST_EXPANDED * size:
        raise DataError(f"{path}: declares far more data than its {size} bytes can hold")

    def rows(first: int, stop: int) -> NDArray[Any]:
        return np.stack([data_sets[name][()].reshape(-1) for name in names[first:stop]])

    return of_array(str(path), (len(names), widths[names[0]]), rows, crops)


def _data_set(path: Path, file: h5py.File, name: str, size: int) -> h5py.Dataset:
    """The data set `name`, whose data is all in the file itself. `size`: the file's bytes."""
    which = f"{path}: {name!r}"
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise DataError(f"{which} is a link to elsewhere, and links are refused; store the data in the file itself")
    if file.get(name, getclass=True) is not h5py.Dataset:
        raise DataError(f"{which} is not a data set; expected one a frame, or one (N, D), at the top of the file")
    found: h5py.Dataset = file[name]
    if found.external:
        raise DataError(f"{which} keeps its data in another file, which is refused; store the data in the file itself")
    if found.is_virtual:
        raise DataError(f"{which} is virtual, assembled from other data sets; store the data in the file itself")
    require_numbers(which, found.dtype)
    if not found.shape or not math.prod(found.shape):
        raise DataError(
            f"{which} holds no numbers: expected shape (1, D), (D,), (N, D) or (N, C, D), got {found.shape}"
        )
    _require_stored(which, found, size)
    return found


def _require_stored(which: str, data_set: h5py.Dataset, size: int) -> None:
    """Refuse a data set that declares more than the file holds: HDF5 returns zeros for data that was never written."""
    creation = data_set.id.get_create_plist()
    filters = {creation.get_filter(place)[0] for place in range(creation.get_nfilters())}
    if filters - FILTERS:
        raise DataError(f"{which} is packed by filter {min(filters - FILTERS)}, a plug-in; store it plain or by gzip")
    stored = min(data_set.id.get_storage_size(), size)
    whole = stored >= data_set.nbytes
    if data_set.chunks is not None:
        counts = (math.ceil(length / chunk) for length, chunk in zip(data_set.shape, data_set.chunks, strict=True))
        whole = data_set.id.get_num_chunks() >= math.prod(counts)
        if math.prod(data_set.chunks) * data_set.dtype.itemsize > LARGEST_CHUNK:
            raise DataError(f"{which} is stored in chunks of {data_set.chunks}; store it in chunks below 1 GiB")
        # HDF5 takes memory for the size that a chunk claims, and crashes if a chunk is shorter than its checksum.
        least = CHECKSUM if FLETCHER32 in filters else 1
        places: list[tuple[int, int]] = []
        data_set.id.chunk_iter(lambda chunk: places.append((chunk.byte_offset, chunk.size)))
        if not all(least <= length <= size - begin for begin, length in places):
            raise DataError(f"{which} has chunks that do not lie in the file; copy it again")
    if not whole or data_set.nbytes > MOST_EXPANDED * stored:
        raise DataError(
            f"{which} declares shape {data_set.shape}, {data_set.nbytes} bytes, and {stored} bytes of it are stored; "
            "expected features that were written completely"
        )


def _in_order(path: Path, names: list[str]) -> list[str]:
    """Names ordered by their number, not as text: 10000 comes after 9999. No number may be missing."""
    if not names:
        raise DataError(f"{path}: holds no data set; expected one a frame, or one (N, D)")
    others = sorted(name for name in names if not re.fullmatch("[0-9]{1,12}", name))
    if others:
        raise DataError(
            f"{path}: expected one data set a frame, named by its number, or a single one (N, D); "
            f"found {len(names)} with {others[0]!r} among them"
        )
    names = sorted(names, key=lambda name: (int(name), name))
    begin = min(int(names[0]), 1)  # frames are counted from 0 or from 1
    for number, name in enumerate(names, begin):
        if int(name) < number:
            raise DataError(f"{path}: frame {int(name)} is there twice, as {names[number - begin - 1]} and {name}")
        if int(name) > number:
            raise DataError(f"{path}: frame {number} is missing; expected a data set for every frame")
    return names


def _frame_width(path: Path, name: str, shape: tuple[int, ...]) -> int:
    if len(shape) not in (1, 2) or (len(shape) == 2 and shape[0] != 1):
        raise DataError(f"{path}: frame {name}: expected shape (1, D) or (D,), got {shape}")
    return shape[-1]
