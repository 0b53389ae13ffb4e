"""Counts the frames of a video. The number that a container claims is compared with the count, and never trusted."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from scenewise.config.limits import MAX_PIXELS
from scenewise.counted import counted
from scenewise.video.avi_chunks import dropped_frames
from scenewise.video.decode import decode, packets, read_frames
from scenewise.video.frame_folder import FrameFolder
from scenewise.video.pace import Stamp, pace_of_stamps
from scenewise.video.picture_file import UNREADABLE, sizes_of
from scenewise.video.picture_pace import missing_pictures
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
    """Count the pictures of a folder or the packets of a file; no more than the first frame is decoded, and of other
    pictures the head is read.

    The count of packets is not exact: each field of interlaced footage may be a packet, and a damaged packet gives no
    frame. `decode_all` is exact. Raises VideoError if it is no video, if no frame of it can
    be decoded, or if its pictures have more than `max_pixels` pixels.
    """
    return _count_pictures(path, max_pixels) if path.is_dir() else _count_packets(path, max_pixels)


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
    return FrameCount(
        frames, (*faults, (path, f"{len(lost)} of its {counted(frames, 'frame')} cannot be decoded: {numbers}"))
    )


def _count_pictures(path: Path, max_pixels: int) -> FrameCount:
    folder = FrameFolder(path, max_pixels)
    faults: list[tuple[Path, str]] = [
        (path, fault) for fault in (missing_pictures(folder.order), *_sizes(folder)) if fault
    ]
    empty = ((file, "an empty file; copy it again") for file in folder.order.files if not file.stat().st_size)
    return FrameCount(len(folder.pictures), (*faults, *empty))


def _sizes(folder: FrameFolder) -> Iterator[str]:
    """How many pictures are too large, or have another size than the first one, in a few words."""
    first = folder.size
    other: list[tuple[str, tuple[int, int]]] = []
    large: list[tuple[str, tuple[int, int]]] = []
    for file, of_file in groupby(folder.pictures, key=lambda picture: picture.file):
        with suppress(UNREADABLE):
            for width, height in sizes_of(file, [picture.page for picture in of_file]):
                if width * height > folder.max_pixels:
                    large.append((file.name, (width, height)))
                elif (width, height) != first:
                    other.append((file.name, (width, height)))
    pictures = f"of its {counted(len(folder.pictures), 'picture')}"
    if large:
        yield (
            f"{len(large)} {pictures}, {_such_as(large)}, are not read: more than {folder.max_pixels / 1e6:g} "
            "megapixels; shrink them, or allow it by --max-pixels"
        )
    if other:
        yield (
            f"{len(other)} {pictures} have another size than the first, {_such_as(other)}; all are scaled to "
            f"{first[0]}x{first[1]}: was the camera moved or set up anew?"
        )


def _such_as(pictures: Sequence[tuple[str, tuple[int, int]]]) -> str:
    name, (width, height) = pictures[0]
    return f"such as {name} with {width}x{height}"


def _count_packets(path: Path, max_pixels: int) -> FrameCount:
    read_frames(path, [0], decode_height=_SMALL, max_pixels=max_pixels)
    with open_video(path, max_pixels) as (container, stream):
        claimed, held = stream.frames, 0
        shown: list[Stamp] = []
        for packet in packets(container, stream):
            held += 1
            if packet.size and not packet.is_discard:
                shown.append(Stamp(packet.pts, packet.dts))
        faults = [
            *pace_of_stamps(shown, container, stream).faults,
            *unread_parts(path, container, stream),
        ]
        dropped = dropped_frames(path, stream.index) if container.format.name == "avi" else 0
    if dropped:
        faults.insert(0, f"{counted(dropped, 'dropped frame')}; the others keep their times")
    if claimed > held + dropped:
        faults.insert(0, f"its container claims {counted(claimed, 'frame')}, it holds {held + dropped}: cut off?")
    return FrameCount(len(shown), tuple((path, fault) for fault in faults))
