"""Opens a file of features made by another program. Everything it declares is checked before its data is read.

    VIDEO.h5   one data set a frame, named by its number: (1, D) or (D,)
    VIDEO.h5   one data set (N, D) of any name
    VIDEO.npy  one array (N, D)

An HDF5 file can refer to other files (links, external storage, virtual data sets) and to code (filters that are
plug-ins). Features of one video need none of these, so all of them are refused.
https://docs.h5py.org/en/stable/high/group.html#dict-interface-and-links
"""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.formats.hdf5 import hdf5_errors
from scenewise.formats.npy import open_npy
from scenewise.formats.regular_file import require_regular

HDF5_SUFFIXES = frozenset({".h5", ".hdf5"})
SUFFIXES = HDF5_SUFFIXES | {".npy"}
WIDEST = 65_536
"""Most numbers a frame."""
MOST_EXPANDED = 100
"""Most bytes of features for each stored byte. Features hardly compress; gzip packs zeros about 1000 to 1."""
LARGEST_CHUNK = 1 << 30
"""Most bytes that reading a single frame may unpack."""
FLETCHER32, CHECKSUM = 3, 4
"""The filter that keeps a checksum with each chunk, and the checksum's bytes."""
FILTERS = frozenset({1, 2, 3, 4, 5, 6, 32000})
"""Those that come with every h5py: gzip, shuffle, fletcher32, szip, nbit, scale-offset and lzf."""

WINDOWS, SAMPLE = 8, 512
"""Parts of a file, evenly spread, and frames in them that a sample is made of."""
MOST_SAMPLED = 1 << 22
"""Most numbers in a sample."""

Rows = Callable[[int, int], NDArray[Any]]


@dataclass(frozen=True)
class ForeignFeatures:
    """Features of one video, in a file that is open and checked but not yet read."""

    path: Path
    frames: int
    width: int
    rows: Rows
    """rows(first, stop): frames `first` to before `stop`, (stop - first, D), in the file's type."""

    def read(self, first: int, stop: int) -> NDArray[np.float16]:
        """Features (n, D) of frames `first` to before `stop`.

        Raises DataError, naming the file and the frame, if they cannot be read, are not finite, or exceed 65504, the
        largest float16.
        """
        return self._checked(first, self._read(first, stop))

    def sample(self) -> NDArray[np.float64]:
        """Features (n, D) of up to SAMPLE frames spread over the file, unrounded. Raises DataError as `read` does."""
        wanted = min(SAMPLE, max(MOST_SAMPLED // self.width, WINDOWS), self.frames)
        length = -(-wanted // WINDOWS)
        starts = sorted({int(start) for start in np.linspace(0, max(self.frames - length, 0), WINDOWS)})
        parts = []
        for start in starts:
            rows = self._read(start, start + length)
            self._checked(start, rows)
            parts.append(rows.astype(np.float64))
        return np.concatenate(parts)

    def _read(self, first: int, stop: int) -> NDArray[Any]:
        try:
            with hdf5_errors():
                return self.rows(first, min(stop, self.frames))
        except ValueError as error:
            raise DataError(f"{self.path}: frames from {first} on cannot be read ({error}); copy it again") from error

    def _checked(self, first: int, rows: NDArray[Any]) -> NDArray[np.float16]:
        """`rows`, of the frames from `first` on, as float16."""
        with np.errstate(over="ignore"):
            features = rows.astype(np.float16)
        if not np.isfinite(features).all():
            frame = int(np.isfinite(features).all(axis=1).argmin())
            value = rows[frame][~np.isfinite(features[frame])][0]
            reason = "beyond 65504, the largest float16; scale them" if np.isfinite(value) else "no finite number"
            raise DataError(f"{self.path}: features of frame {first + frame} hold {value}, {reason}")
        return features


@contextmanager
def open_foreign(path: Path) -> Iterator[ForeignFeatures]:
    """Open and check a file of features. Raises DataError, naming the file and what is wrong with it."""
    if path.suffix.lower() not in HDF5_SUFFIXES:
        yield _checked_npy(path)
        return
    file = _opened(path)
    try:
        try:
            with hdf5_errors():
                features = _checked_hdf5(path, file)
        except ValueError as error:
            raise DataError(f"{path}: its data sets cannot be read: {error}; copy it again") from error
        yield features
    finally:
        with suppress(RuntimeError):  # closing what is damaged may fail as well
            file.close()


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


def _checked_npy(path: Path) -> ForeignFeatures:
    try:
        array = open_npy(path)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path}: expected a .npy array (N, D) of numbers, but it cannot be read as one ({error}); "
            "write it with numpy.save, allow_pickle=False"
        ) from error
    _require_numbers(str(path), array.dtype)
    if array.ndim != 2:
        raise DataError(f"{path}: expected an array (N, D), a row per frame, got shape {array.shape}")
    return _of_array(path, array.shape, lambda first, stop: np.asarray(array[first:stop]))


def _checked_hdf5(path: Path, file: h5py.File) -> ForeignFeatures:
    size = path.stat().st_size
    data_sets = {name: _data_set(path, file, name, size) for name in file}
    if len(data_sets) == 1:
        (only,) = data_sets.values()
        if only.ndim == 2:
            return _of_array(path, only.shape, lambda first, stop: only[first:stop])
    names = _in_order(path, list(data_sets))
    widths = {name: _frame_width(path, name, data_sets[name].shape) for name in names}
    for name, width in widths.items():
        if width != widths[names[0]]:
            raise DataError(f"{path}: frame {name} is {width} wide and frame {names[0]} {widths[names[0]]}")
    if sum(one.nbytes for one in data_sets.values()) > MOST_EXPANDED * size:
        raise DataError(f"{path}: declares far more data than its {size} bytes can hold")

    def rows(first: int, stop: int) -> NDArray[Any]:
        return np.stack([data_sets[name][()].reshape(-1) for name in names[first:stop]])

    return _of_array(path, (len(names), widths[names[0]]), rows)


def _of_array(path: Path, shape: tuple[int, ...], rows: Rows) -> ForeignFeatures:
    frames, width = shape
    if not frames or not 0 < width <= WIDEST:
        raise DataError(f"{path}: expected at least one frame of 1 to {WIDEST} numbers, got shape ({frames}, {width})")
    return ForeignFeatures(path, frames, width, rows)


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
    _require_numbers(which, found.dtype)
    if not found.shape or not math.prod(found.shape):
        raise DataError(f"{which} holds no numbers: expected shape (1, D), (D,) or (N, D), got {found.shape}")
    _require_stored(which, found, size)
    return found


def _require_numbers(which: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind not in "fiu":
        raise DataError(f"{which}: expected numbers, got values of type {dtype}")


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
