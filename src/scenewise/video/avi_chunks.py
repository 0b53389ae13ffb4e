"""The chunks of an AVI: a recorder that drops a frame writes an empty one in its place, which FFmpeg passes over."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_LISTS = (b"RIFF", b"LIST")


def dropped_frames(path: Path, stream: int) -> int:
    """The number of empty chunks of video in the AVI `path`, for the stream of this index."""
    names = (b"%02ddc" % stream, b"%02ddb" % stream)
    with path.open("rb") as file:
        end = file.seek(0, 2)
        return sum(name in names and not size for name, size in _chunks(file, 0, end))


def _chunks(file: BinaryIO, place: int, end: int) -> Iterator[tuple[bytes, int]]:
    """The names and sizes of all chunks in the bytes from `place` to `end`, those inside lists too."""
    ends = [end]
    while ends:
        if place + 8 > ends[-1]:
            place = max(place, ends.pop())
            continue
        file.seek(place)
        name, size = struct.unpack("<4sI", file.read(8))
        if name in _LISTS:
            ends.append(min(place + 8 + size + size % 2, ends[-1]))
            place += 12
        else:
            yield name, size
            place += 8 + size + size % 2
