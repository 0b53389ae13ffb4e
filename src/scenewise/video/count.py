"""Counts the frames of a video. The number that a container claims is compared with the count, and never trusted."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from scenewise.video.avi_chunks import dropped_frames
from scenewise.video.decode import decode, packets, read_frames
from scenewise.video.frame_folder import first_picture, frame_files, frame_number
from scenewise.video.pace import Stamp, pace_of_stamps
from scenewise.video.pixel_limit import MAX_PIXELS
from scenewise.video.probe import open_video
from scenewise.video.unread import unread_parts

_SMALL = 64
"""Rows that frames are shrunk to if only their number matters."""


class FrameCount(NamedTuple):
    """The number of a video's frames, and its faults."""

    frames: int
    faults: tuple[tuple[Path, str], ...]
    """Paths, each with a fault in a few words."""


def count_frames(path: Path, max_pixels: int = MAX_PIXELS) -> FrameCount:
    """Count the pictures of a folder or the packets of a file; no more than the first frame is decoded.

    The count of packets is not exact: each field of interlaced footage may be a packet, and a damaged packet gives no
    frame. `decode_all` is exact. Raises VideoError if it is no video, if no frame of it can
    be decoded, or if its pictures have more than `max_pixels` pixels.
    """
    return _count_pictures(path) if path.is_dir() else _count_packets(path, max_pixels)


def decode_all(path: Path, max_pixels: int = MAX_PIXELS) -> FrameCount:
    """Count the frames of `decode` by decoding all of them; lost frames are faults too. Raises as `count_frames`."""
    faults = count_frames(path, max_pixels).faults
    frames = 0
    lost: list[int] = []
    for block in decode(path, decode_height=_SMALL, max_pixels=max_pixels):
        lost += (block.first + block.lost.nonzero()[0]).tolist()
        frames = block.first + len(block.frames)
    if not lost:
        return FrameCount(frames, faults)
    numbers = f"{', '.join(map(str, lost[:5]))}{' ...' if len(lost) > 5 else ''}"
    return FrameCount(frames, (*faults, (path, f"{len(lost)} of its {frames} frames cannot be decoded: {numbers}")))


def _count_pictures(folder: Path) -> FrameCount:
    files = frame_files(folder)
    first_picture(folder, files)
    empty = ((file, "an empty file; copy it again") for file in files if not file.stat().st_size)
    return FrameCount(len(files), (*_gaps(files), *empty))


def _gaps(files: list[Path]) -> tuple[tuple[Path, str], ...]:
    """Where numbers are missing; in folders of every n-th frame the same number is missing each time."""
    steps = [(before, after) for before, after in pairwise(map(frame_number, files))]
    usual = Counter(after - before for before, after in steps).most_common(1)
    wrong = [(before, after) for before, after in steps if after - before != usual[0][0]]
    if not wrong:
        return ()
    gaps = ", ".join(f"between {before} and {after}" for before, after in wrong[:3])
    more = f" and at {len(wrong) - 3} more places" if len(wrong) > 3 else ""
    return ((files[0].parent, f"pictures are missing {gaps}{more}"),)


def _count_packets(path: Path, max_pixels: int) -> FrameCount:
    read_frames(path, [0], decode_height=_SMALL, max_pixels=max_pixels)
    with open_video(path, max_pixels) as (container, stream):
        claimed, counted = stream.frames, 0
        shown: list[Stamp] = []
        for packet in packets(container, stream):
            counted += 1
            if packet.size and not packet.is_discard:
                shown.append(Stamp(packet.pts, packet.dts))
        faults = [
            *pace_of_stamps(shown, container, stream).faults,
            *unread_parts(path, container, stream),
        ]
        dropped = dropped_frames(path, stream.index) if claimed > counted and container.format.name == "avi" else 0
    if dropped:
        faults.insert(0, f"{dropped} dropped frame{'' if dropped == 1 else 's'}; the others keep their times")
    if claimed > counted + dropped:
        faults.insert(0, f"its container claims {claimed} frames, it holds {counted + dropped}: cut off?")
    return FrameCount(len(shown), tuple((path, fault) for fault in faults))
