"""Intervals of a video file as files of their own, by copying packets: the very pictures of the camera, and fast."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from scenewise.files import whole_file
from scenewise.video.probe import open_video

TICKS = 90_000
"""Ticks a second of the clock of files that have none."""
MOST_EARLY = 32
"""Packets without a time of decoding, before pictures are shown in another order: no codec holds back more."""
FORMAT_OF = {".mkv": "matroska", ".mp4": "mp4"}
"""{suffix: FFmpeg's name of the container}."""


class Interval(NamedTuple):
    """A part of a video, and the file that it becomes."""

    start: float
    """Seconds from the first picture; to copy packets, a time that `key_frames` gives."""
    stop: float
    """The first picture after it; it also ends where the next one begins."""
    file: Path
    """A new file, .mkv or .mp4."""


def key_frames(video: Path) -> list[float]:
    """Seconds from the first picture at which a decoder can begin. Raises VideoError."""
    with open_video(video) as (container, stream):
        packets = [(packet.pts, packet.is_keyframe) for packet in container.demux(stream) if packet.pts is not None]
        if not packets or stream.time_base is None:
            return []
        first = min(pts for pts, _ in packets)
        return [float((pts - first) * stream.time_base) for pts, is_key in packets if is_key]


def copy_packets(video: Path, intervals: Sequence[Interval]) -> None:
    """Write `intervals`, in order of time and apart, in one pass over the file. Each file is whole or absent.

    Pictures that are shown before their interval's key frame, and need an earlier one, are left out. Raises VideoError;
    av.FFmpegError if the container does not take the codec; ValueError if packets have no times.
    """
    with open_video(video) as (container, stream), ExitStack() as closing:
        base = stream.time_base or Fraction(1, TICKS)
        waiting = list(intervals)
        first, key, stop = None, 0, 0.0
        part: OutputContainer | None = None
        for packet, shown, decoded in _timed(container.demux(stream)):
            first = shown if first is None else first
            if waiting and packet.is_keyframe and float((shown - first) * base) >= waiting[0].start - 1e-6:
                interval = waiting.pop(0)
                part, stop = open_file(interval.file, closing), interval.stop
                copied, key = part.add_stream_from_template(stream), shown
            elif float((decoded - first) * base) >= stop - 1e-6:  # all that follow are shown later still
                part = None
            if part is not None and shown >= key:
                packet.stream = copied
                packet.pts, packet.dts = shown - key, decoded - key
                part.mux(packet)
        if waiting:
            raise ValueError(f"{video}: no key frame where {waiting[0].file.name} begins")


def _timed(packets: "Iterable[Packet[VideoStream]]") -> "Iterator[tuple[Packet[VideoStream], int, int]]":
    """The packets that hold pictures, each with the ticks at which it is shown and decoded.

    Matroska does not say when the first few are decoded if pictures are shown in another order: they lie a picture's
    length apart, and end where it is known. Raises ValueError if a time is missing elsewhere.
    """
    early: list[tuple[Packet[VideoStream], int]] = []
    for packet in packets:
        if packet.size == 0:  # the end of the file
            continue
        if packet.pts is None or (packet.dts is None and len(early) == MOST_EARLY):
            raise ValueError("packets without times")
        if packet.dts is None:
            early.append((packet, packet.pts))
            continue
        for number, (one, shown) in enumerate(early):
            yield one, shown, packet.dts - (len(early) - number) * (packet.duration or 1)
        early = []
        yield packet, packet.pts, packet.dts
    if early:
        raise ValueError("packets without times")


def open_file(file: Path, closing: ExitStack) -> OutputContainer:
    """A container to write `file` with, which `closing` closes and puts in its place."""
    temporary = closing.enter_context(whole_file(file))
    options = {"movflags": "+faststart"} if file.suffix == ".mp4" else {}
    return closing.enter_context(
        av.open(str(temporary.absolute()), "w", format=FORMAT_OF[file.suffix], options=options)
    )
