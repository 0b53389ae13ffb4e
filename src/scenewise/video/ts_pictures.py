"""The pictures in a transport stream, counted by packet identifier (PID).

FFmpeg knows the streams at the start and near the end of a file. If a recorder changed the PID in between, and changed
it again or went on for long, what lies there is passed over without a word.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_PACKET = 188
_DISTANCES = (_PACKET, 192, 204)
"""Bytes from one packet to the next: plain, with a time in front (M2TS), with a checksum behind."""
_SYNC = 0x47
_PART = 2 * 64 * 3 * 17 * 47
"""Bytes that are read at a time: a multiple of all _DISTANCES."""


def pictures_by_pid(path: Path) -> dict[int, int]:
    """{PID: pictures that begin there} of all streams of video; a few may be missed where packets are damaged."""
    counts = np.zeros(1 << 13, np.int64)
    with path.open("rb") as file:
        while len(part := file.read(_PART)) > _PACKET:
            np.add.at(counts, _pids_of_pictures(_packets(np.frombuffer(part, np.uint8))), 1)
    return {int(pid): int(counts[pid]) for pid in np.flatnonzero(counts)}


def _packets(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The whole packets in a part of a file (N, 188), where most of its sync bytes are."""
    places = np.flatnonzero(part == _SYNC)
    syncs = {distance: np.bincount(places % distance, minlength=distance) for distance in _DISTANCES}
    distance = max(_DISTANCES, key=lambda distance: int(syncs[distance].max()))
    first = int(syncs[distance].argmax())
    count = (len(part) - first - _PACKET) // distance + 1
    rows = np.lib.stride_tricks.as_strided(part[first:], (count, _PACKET), (distance, 1), writeable=False)
    return np.asarray(rows[rows[:, 0] == _SYNC], np.uint8)


def _pids_of_pictures(packets: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The PID of each packet in which a picture begins."""
    begins = packets[(packets[:, 1] & 0x40 > 0) & (packets[:, 3] & 0x10 > 0)]
    start = 4 + np.where(begins[:, 3] & 0x20, 1 + begins[:, 4].astype(np.int64), 0)
    begins, start = begins[start <= _PACKET - 4], start[start <= _PACKET - 4]
    heads = np.take_along_axis(begins, start[:, None] + np.arange(4), axis=1)
    video = (heads[:, :3] == (0, 0, 1)).all(axis=1) & (heads[:, 3] & 0xF0 == 0xE0)
    pids = (begins[video, 1].astype(np.int64) & 0x1F) << 8 | begins[video, 2]
    return np.asarray(pids, np.int64)
