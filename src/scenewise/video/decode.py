"""Decodes videos to frames, in order and without gaps, with times from the container's presentation times.

A frame is lost if its packet fails or gives nothing, or if the decoder flags it corrupt. A lost frame is marked and
repeats the last good frame (at the start, the first good one), so that scores and labels never shift. Two kinds of
frames are missing without a mark: those that a cut file lacks at its end, and those whose packet the container no
longer shows, because its start in a transport stream or its chunk header in an AVI is destroyed.

Frames are those that a player shows: edit lists cut them; a display rotation by quarter turns is applied, mirroring and
non-square pixels are not; colours follow the matrix and range that the file states (BT.601 if it states none).

FFmpeg decodes in one thread. With slice threads its H.264 decoder conceals nothing and flags nothing: of 37 frames with
a destroyed slice it flagged none, and all 37 in one thread. With frame threads, good frames that are still in the
pipeline are lost with an error near the end.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from scenewise.config.limits import MAX_PIXELS
from scenewise.errors import VideoError
from scenewise.video.frame_clock import FrameClock
from scenewise.video.frame_folder import read_folder, scaled_size
from scenewise.video.frame_order import FrameOrder, Slot
from scenewise.video.probe import DEFAULT_FPS, claimed_rate, open_video
from scenewise.video.video_streams import LATE_STREAM

Frame = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""

BLOCK_BYTES = 256 << 20
"""The greatest size of a block, unless one frame is larger: 43 frames of 1080p, 10 of 4K."""
_DEMUX_ERRORS = 64
"""After so many errors in a row reading ends; a cut MP4 gives one error for each missing frame."""
_GUESSING = frozenset({"mpeg4", "msmpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4v3", "wmv1", "wmv2", "flv", "h263"})
"""Decoders that give frames of a recording that begins inside a group of pictures, before its first key frame."""


class FrameBlock(NamedTuple):
    """N consecutive frames of a video."""

    first: int
    """Number of the first one, from 0."""
    frames: Frame
    """(N, H, W, 3) uint8 RGB."""
    timestamps: NDArray[np.float64]
    """(N,) seconds from the video's first frame, never decreasing; see `FrameClock`."""
    lost: NDArray[np.bool_]
    """(N,) True if the frame could not be decoded and repeats another."""


def decode(
    path: Path,
    *,
    batch: int = 32,
    fps: float | None = None,
    decode_height: int = 0,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[FrameBlock]:
    """Decode a video file or a folder of frames, in blocks of `batch` frames; see `in_blocks`.

    `fps` is the rate of a folder of frames (default 25), and of a file where its clock fails (default: as claimed).
    Pictures taller than `decode_height`, if that is not 0, are shrunk to it by area averaging; the aspect ratio is kept
    and the width is even. All frames have the size of the first good one. Raises VideoError if there is no good frame,
    or if the first has more than `max_pixels` pixels; later ones that have are lost.
    """
    if path.is_dir():
        shown = read_folder(path, fps or DEFAULT_FPS, decode_height, max_pixels)
    else:
        shown = _read_file(path, fps, decode_height, max_pixels)
    yield from in_blocks(str(path), shown, batch)


def in_blocks(where: str, shown: Iterable[tuple[Frame | None, float]], batch: int) -> Iterator[FrameBlock]:
    """Frames, or None for a lost one, with their times, in blocks of `batch` frames; the last may be shorter.

    Blocks of large pictures have fewer frames, so that no block is larger than BLOCK_BYTES. Raises VideoError, naming
    `where`, if there is no good frame.
    """
    frames = np.empty(0, np.uint8)
    times: list[float] = []
    lost: list[bool] = []
    first = 0
    for frame, time, is_lost in _filled(where, shown):
        if not times:
            batch = min(batch, max(1, BLOCK_BYTES // frame.nbytes))
            frames = np.empty((batch, *frame.shape), np.uint8)
        frames[len(times)] = frame
        times.append(time)
        lost.append(is_lost)
        if len(times) == batch:
            yield FrameBlock(first, frames, np.array(times), np.array(lost))
            first, times, lost = first + batch, [], []
    if times:
        yield FrameBlock(first, frames[: len(times)], np.array(times), np.array(lost))


def read_frames(
    path: Path, indices: Iterable[int], *, decode_height: int = 0, max_pixels: int = MAX_PIXELS
) -> dict[int, Frame]:
    """The frames of these numbers, {number: (H, W, 3) uint8 RGB}; numbers beyond the end are omitted.

    Decodes from the start, since seeking by time is wrong on TS, and stops after the last wanted frame. Raises
    VideoError, also if pictures have more than `max_pixels` pixels.
    """
    wanted = set(indices)
    found: dict[int, Frame] = {}
    if not wanted:
        return found
    if path.is_dir():
        shown = read_folder(path, DEFAULT_FPS, decode_height, max_pixels)
    else:
        shown = _read_file(path, None, decode_height, max_pixels)
    for number, (frame, _, _) in enumerate(_filled(str(path), shown)):
        if number in wanted:
            found[number] = frame.copy()
        if number >= max(wanted):
            break
    return found


def _filled(where: str, shown: Iterable[tuple[Frame | None, float]]) -> Iterator[tuple[Frame, float, bool]]:
    """Every frame, its time and whether it is lost; see `decode` for what lost frames repeat."""
    good: Frame | None = None
    waiting: list[float] = []
    for frame, time in shown:
        if good is None and frame is None:
            waiting.append(time)
            continue
        if good is None and frame is not None:
            yield from ((frame, early, True) for early in waiting)
        good = good if frame is None else frame
        assert good is not None
        yield good, time, frame is None
    if good is None:
        raise VideoError(f"{where}: not one frame of it can be decoded; copy or record it again")


def _read_file(
    path: Path, fps: float | None, decode_height: int, max_pixels: int = MAX_PIXELS
) -> Iterator[tuple[Frame | None, float]]:
    with open_video(path, max_pixels) as (container, stream):
        clock = FrameClock(stream.time_base or Fraction(1), fps or claimed_rate(stream))
        yield from read_container(container, stream, packets(container, stream), clock, decode_height)


def read_container(
    container: InputContainer,
    stream: VideoStream,
    sent: Iterable["Packet[VideoStream]"],
    clock: FrameClock,
    decode_height: int,
) -> Iterator[tuple[Frame | None, float]]:
    """Every frame (H, W, 3) that the packets `sent` owe, or None for a lost one, and its time in seconds."""
    rgb = ToRgb(decode_height)
    for slot in _slots(container, stream, sent):
        picture = None
        if slot.frame is not None:
            with suppress(av.FFmpegError):  # a damaged header may state a format that nothing converts
                picture = rgb(slot.frame)
        yield picture, clock.seconds(slot.time)


def _slots(
    container: InputContainer, stream: VideoStream, sent: Iterable["Packet[VideoStream]"]
) -> Iterator[Slot[VideoFrame]]:
    """Every frame that the stream owes, in order of presentation."""
    context = stream.codec_context
    context.thread_count = 1
    second = round(1 / stream.time_base) if stream.time_base else 1
    order = FrameOrder[VideoFrame](times_stored=container.format.name != "avi", second=second)

    def receive(frames: Iterable[VideoFrame]) -> None:
        for frame in frames:
            suspect = order.failures or context.name in _GUESSING
            if suspect and not order.arrivals and not frame.key_frame:
                # Frames that refer to a destroyed or missing first key frame are guesses on grey, and not flagged.
                order.fail(frame.pts)
                continue
            good = None if frame.is_corrupt else frame
            order.receive(frame.pts, good, fields=context.name == "h264" and frame.interlaced_frame)

    for packet in sent:
        if not packet.size:
            continue  # it would end the decoder
        number = order.send(packet.pts, packet.dts, owes=not packet.is_discard)
        # A decoder copies a packet's pts to its frame, so the packet's number in its place identifies the frame.
        packet.pts = number
        try:
            receive(packet.decode())
        except av.FFmpegError:
            order.fail(number)
        yield from order.ready()
    with suppress(av.FFmpegError):
        receive(context.decode(None))
    yield from order.ready(final=True)


def packets(container: InputContainer, stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
    """The stream's packets, as far as the file can be read; an empty packet is a frame that AVI repeats."""
    errors = 0
    while errors < _DEMUX_ERRORS:
        try:
            for packet in container.demux(stream):
                errors = 0
                if packet.size or packet.dts is not None:  # the last one has neither and only ends the decoder
                    yield packet
            return
        except LATE_STREAM:
            return
        except av.error.ExitError:
            return  # a stream that has sent nothing for longer than its read timeout
        except av.FFmpegError:
            errors += 1


class ToRgb:
    """Decoded frames to RGB; all get the size of the first frame."""

    def __init__(self, decode_height: int) -> None:
        self._decode_height = decode_height
        self._size: tuple[int, int] | None = None
        # Kept for the whole video: a new one for every frame would halve the speed.
        self._shrink, self._convert = VideoReformatter(), VideoReformatter()

    def __call__(self, frame: VideoFrame) -> Frame:
        turns = round(frame.rotation / 90) % 4
        if self._size is None:
            upright = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
            self._size = scaled_size(*upright, self._decode_height)
        width, height = reversed(self._size) if turns % 2 else self._size
        if (width, height) != (frame.width, frame.height) and frame.format.is_planar and not frame.format.is_rgb:
            # Shrunk before it is converted: that is faster by half, and closer to the RGB average on real footage.
            frame = self._shrink.reformat(frame, width, height, interpolation=Interpolation.AREA, threads=1)
        # One thread: FFmpeg's threads cost more than they save at these sizes.
        picture = self._convert.reformat(
            frame, width, height, format="rgb24", interpolation=Interpolation.AREA, threads=1
        )
        plane = picture.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size)
        return np.rot90(rows[:, : 3 * width].reshape(height, width, 3), turns)
