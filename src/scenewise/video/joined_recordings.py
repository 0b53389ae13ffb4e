"""Recordings that were joined by `cat` in a container that cannot be joined so: all but the first are not read.

TS, MPEG, MKV and AVI go on after the join. FFmpeg reads MP4, ASF and FLV only to the end of the first recording; of an
MP4 in fragments it reads later recordings in part.
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")


def unread_recordings(path: Path, container_format: str) -> tuple[str, ...]:
    """What to say of the file `path` if more recordings follow the first one and are not read; nothing if none does.

    `container_format`: FFmpeg's name of it.
    """
    starts = next((read for name, read in _STARTS.items() if name in container_format.split(",")), None)
    if starts is None:
        return ()
    with path.open("rb") as file:
        later = [place for place in starts(file) if place]
    if not later:
        return ()
    size = path.stat().st_size
    count = "another recording is" if len(later) == 1 else f"{len(later)} more recordings are"
    return (
        f"{count} joined to its first one and not read, or only in part ({(size - later[0]) / size:.0%} of the file); "
        "cut it up, or join recordings with a video tool",
    )


def _mp4(file: BinaryIO) -> Iterator[int]:
    """Where a recording begins: its `ftyp` box."""
    place = 0
    while len(head := _at(file, place, 16)) >= 8:
        size, kind = struct.unpack(">I4s", head[:8])
        if kind == b"ftyp":
            yield place
        if not kind.isalnum():
            return
        size = struct.unpack(">Q", head[8:])[0] if size == 1 and len(head) == 16 else size
        if size < 8:
            return
        place += size


def _asf(file: BinaryIO) -> Iterator[int]:
    place = 0
    while len(head := _at(file, place, 24)) == 24:
        if head[:16] == _ASF_HEADER:
            yield place
        size = struct.unpack("<Q", head[16:])[0]
        if size < 24:
            return
        place += size


def _flv(file: BinaryIO) -> Iterator[int]:
    place = 0
    while len(head := _at(file, place, 11)) >= 9:
        if head[:3] == b"FLV":
            yield place
            place += struct.unpack(">I", head[5:9])[0] + 4
        elif head[0] in (8, 9, 18):
            place += 11 + int.from_bytes(head[1:4], "big") + 4
        else:
            return


_STARTS: dict[str, Callable[[BinaryIO], Iterator[int]]] = {"mp4": _mp4, "asf": _asf, "flv": _flv}


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)
