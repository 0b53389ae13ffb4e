"""Cells of numbers in a Matlab file, read here because scipy's reader lets a damaged file end the whole program.

Of the 320 bytes of one small file, 8 can be changed so that scipy 1.17's `loadmat` ends in a segmentation fault, others
so that it takes all memory. Labels need few kinds of element, and all of these can be checked.

The format is MathWorks' "MAT-File Format", level 5: a header of 128 bytes, then elements of a tag (type, bytes) and
data, padded to 8 bytes; a variable may be one compressed element.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError

_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""numpy's types of the data types that hold numbers."""
_MATRIX, _COMPRESSED = 14, 15
_CELL = 1
_NUMERIC = range(6, 16)
"""Array classes: double, single, and integers of all sizes."""
_COMPLEX = 0x0800
_LARGEST = 1 << 31
"""Bytes of one variable; the format can not hold more."""


class _DamagedError(Exception):
    """What is wrong, in a few words."""


def read_cell(path: Path, name: str, what: str) -> list[NDArray[Any]]:
    """The arrays in the cell `name`, in Matlab's order (down the columns).

    Raises DataError, which says that `what` was expected, where the file is missing, damaged or of another version,
    holds no such cell, or the cell holds something else than arrays of numbers.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {what}, and it can not be read ({error.strerror})") from error
    try:
        return _cell(content, name)
    except _DamagedError as error:
        raise DataError(f"{path}: {what}, a cell called {name}; {error}") from error


def _cell(content: bytes, name: str) -> list[NDArray[Any]]:
    order = {b"IM": "<", b"MI": ">"}.get(content[126:128])
    if content[:10] == b"MATLAB 7.3" or content[1:4] == b"HDF":
        raise _DamagedError("it is of Matlab 7.3: save it again with -v7")
    if order is None:
        raise _DamagedError("it is no .mat file of version 5 to 7")
    for kind, data in _elements(memoryview(content)[128:], order):
        variable = _inflated(data, order) if kind == _COMPRESSED else data
        if kind not in (_MATRIX, _COMPRESSED):
            raise _DamagedError("it is damaged: copy it again")
        parts = _elements(variable, order)
        array_class, dimensions, found = _head(parts, order)
        if found == name:
            if array_class != _CELL:
                raise _DamagedError(f"found something else of that name (array class {array_class})")
            entries = [_numbers(part, order) for part in _matrices(parts)]
            if len(entries) != math.prod(dimensions):
                raise _DamagedError("it is damaged: copy it again")
            return entries
    raise _DamagedError("found nothing of that name")


def _elements(data: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """(type, data) of all elements in `data`. Raises _DamagedError where one is longer than what is there."""
    place = 0
    while place < len(data):
        if len(data) - place < 8:
            raise _DamagedError("it is cut short: copy it again")
        kind, size = struct.unpack_from(f"{order}II", data, place)
        if kind >> 16:  # a small element: type, bytes and data in 8 bytes
            kind, size, first, following = kind & 0xFFFF, kind >> 16, place + 4, place + 8
            if size > 4:
                raise _DamagedError("it is damaged: copy it again")
        else:
            first = place + 8
            following = first + size + (-size % 8 if kind != _COMPRESSED else 0)
        if first + size > len(data):
            raise _DamagedError("it is cut short: copy it again")
        yield kind, data[first : first + size]
        place = following


def _inflated(data: memoryview, order: str) -> memoryview:
    """The one element that is compressed in `data`, at most as long as it says itself."""
    reader = zlib.decompressobj()
    try:
        tag = reader.decompress(data, 8)
        if len(tag) < 8:
            raise _DamagedError("it is cut short: copy it again")
        kind, size = struct.unpack(f"{order}II", tag)
        if kind != _MATRIX or size >= _LARGEST:
            raise _DamagedError("it is damaged: copy it again")
        inflated = reader.decompress(reader.unconsumed_tail, size) if size else b""
    except zlib.error as error:
        raise _DamagedError("it is damaged: copy it again") from error
    if len(inflated) != size:
        raise _DamagedError("it is cut short: copy it again")
    return memoryview(inflated)


def _head(parts: Iterator[tuple[int, memoryview]], order: str) -> tuple[int, tuple[int, ...], str]:
    """Array class, dimensions and name: what every array begins with."""
    (flags_kind, flags), (dimensions_kind, dimensions), (_, name) = _next(parts), _next(parts), _next(parts)
    if flags_kind != 6 or len(flags) != 8 or dimensions_kind != 5 or not 8 <= len(dimensions) <= 256:
        raise _DamagedError("it is damaged: copy it again")
    word = struct.unpack_from(f"{order}I", flags)[0]
    sizes = tuple(int(size) for size in np.frombuffer(dimensions[: len(dimensions) // 4 * 4], f"{order}i4"))
    if min(sizes) < 0 or word & _COMPLEX:
        raise _DamagedError("it holds something else than whole or real numbers")
    return word & 0xFF, sizes, bytes(name).decode("ascii", errors="replace")


def _next(parts: Iterator[tuple[int, memoryview]]) -> tuple[int, memoryview]:
    part = next(parts, None)
    if part is None:
        raise _DamagedError("it is cut short: copy it again")
    return part


def _matrices(parts: Iterator[tuple[int, memoryview]]) -> Iterator[memoryview]:
    for kind, data in parts:
        if kind != _MATRIX:
            raise _DamagedError("it is damaged: copy it again")
        yield data


def _numbers(data: memoryview, order: str) -> NDArray[Any]:
    """An array of numbers, its data seen where it lies. Nothing at all is an empty array."""
    if not len(data):
        return np.empty((0, 0))
    parts = _elements(data, order)
    array_class, dimensions, _ = _head(parts, order)
    if array_class not in _NUMERIC:
        raise _DamagedError("one of its entries is no array of numbers")
    kind, values = _next(parts)
    if kind not in _NUMBERS:
        raise _DamagedError("it is damaged: copy it again")
    dtype = np.dtype(order + _NUMBERS[kind])
    if len(values) != math.prod(dimensions) * dtype.itemsize:
        raise _DamagedError("one of its entries does not have as many numbers as it says")
    try:
        return np.frombuffer(values, dtype).reshape(dimensions, order="F")
    except ValueError as error:  # nothing times more than numpy can count
        raise _DamagedError("it is damaged: copy it again") from error
