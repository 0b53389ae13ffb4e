"""The names of other files in an ONNX model: weights that do not lie in the model's own file.

Only these names are read, from the protocol buffer as it lies in the file: a message is a row of fields, each a number
and its value. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and docs/ExternalData.md beside it.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

from scenewise.formats.regular_file import open_regular

INSIDE = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
    "tensor": {13: "external data"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
}
"""{message: {number of a field: the message that it holds}}, as far as they lead to names of files."""
DEEPEST = 100
"""Messages inside each other, as in protobuf itself."""
VARINT, LONG, BYTES, INT = 0, 1, 2, 5
"""Kinds of values: an integer of any length, 8 bytes, a length and so many bytes, 4 bytes."""


def external_files(path: Path) -> list[str]:
    """The names of the files that tensors of the ONNX model in `path` lie in, sorted, each once.

    Raises ValueError if it is no ONNX model.
    """
    with open_regular(path) as file:
        if not path.stat().st_size:
            raise ValueError("it is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as content:
            if not any(number == 7 and kind == BYTES for number, kind, _, _ in _fields(content, 0, len(content))):
                raise ValueError("it holds no graph")
            return sorted(set(_names(content, 0, len(content), "model", 0)))


def _names(content: memoryview, begin: int, end: int, message: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise ValueError("its graphs are nested too deeply")
    if message == "external data":
        yield from _location(content, begin, end)
        return
    for number, kind, start, stop in _fields(content, begin, end):
        if kind == BYTES and number in INSIDE[message]:
            yield from _names(content, start, stop, INSIDE[message][number], depth + 1)


def _location(content: memoryview, begin: int, end: int) -> Iterator[str]:
    """The value of an entry whose key is `location`."""
    texts: dict[int, bytes] = {}
    for number, kind, start, stop in _fields(content, begin, end):
        if kind == BYTES:
            texts[number] = bytes(content[start:stop])
    if texts.get(1) == b"location":
        yield texts.get(2, b"").decode("utf-8", "surrogateescape")


def _fields(content: memoryview, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Number, kind, and first and last-but-one place of the value, of each field between `begin` and `end`."""
    place = begin
    while place < end:
        tag, place = _varint(content, place, end)
        number, kind = tag >> 3, tag & 7
        start = place
        if kind == VARINT:
            _, place = _varint(content, place, end)
        elif kind == BYTES:
            length, start = _varint(content, place, end)
            place = start + length
        elif kind in (LONG, INT):
            place += 8 if kind == LONG else 4
        else:
            raise ValueError("it is no protocol buffer")
        if not number or place > end:
            raise ValueError("it is no protocol buffer, or cut off")
        yield number, kind, start, place


def _varint(content: memoryview, place: int, end: int) -> tuple[int, int]:
    """An integer of 7 bits a byte, the lowest first, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= end:
            break
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError("it is no protocol buffer, or cut off")
