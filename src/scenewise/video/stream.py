"""A stream, whose frames come only once: a network camera, a device, a file that is still being written.

    rtsp://camera/1   http://camera/video.mjpg   udp://@:5000      any address that FFmpeg opens
    /dev/video0                                                    a capture device
    follow:today.ts                                                a file that is still being written

A stream ends when its sender ends it, or when nothing has arrived for READ_TIMEOUT seconds.
"""

import re
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit

import av
from av.container import InputContainer

from scenewise.config.limits import MAX_PIXELS
from scenewise.counted import counted
from scenewise.errors import VideoError
from scenewise.video.address import FOLLOW
from scenewise.video.address import is_address as is_address
from scenewise.video.decode import FrameBlock, in_blocks, packets, read_container
from scenewise.video.frame_clock import FrameClock
from scenewise.video.probe import claimed_rate, probed, reason, video_stream

OPEN_TIMEOUT, READ_TIMEOUT = 20.0, 10.0
"""Seconds that a stream may take to begin, and to send its next packet."""
BLOCK_SECONDS = 0.2
"""The greatest length of a block of frames: no frame waits longer for the others of its block."""


class Stream:
    """An open connection. Its frames can be read once, from when it was opened."""

    can_be_read_again = False
    frames_claimed = None
    signature = None

    def __init__(self, address: str, fps: float | None = None, max_pixels: int = MAX_PIXELS) -> None:
        """Connect to `address`. `fps` replaces a claimed rate that is wrong. Raises VideoError, see `open_source`."""
        self.where, self.name = without_password(address), name_of(address)
        url, kind, options = _for_ffmpeg(address)

        def opened(probing: dict[str, str]) -> InputContainer:
            wait = (OPEN_TIMEOUT, READ_TIMEOUT)
            return av.open(url, format=kind, options={**options, **probing}, timeout=wait)

        try:
            self._container = probed(opened)
        except (av.FFmpegError, ValueError, OSError) as error:
            silent = isinstance(error, av.error.ExitError)
            why = f"nothing came for {counted(OPEN_TIMEOUT, 'second')}" if silent else reason(error)
            raise VideoError(f"{self.where}: the stream cannot be opened ({why})") from error
        self._stream = video_stream(self._container, self.where, max_pixels=max_pixels)
        self.size = self._stream.codec_context.height, self._stream.codec_context.width
        self.fps = self.fps_claimed = fps or claimed_rate(self._stream)
        self._clock: FrameClock | None = None

    @property
    def faults(self) -> tuple[str, ...]:
        """See `FrameSource.faults`."""
        return () if self._clock is None else self._clock.faults

    def blocks(self, batch: int, decode_height: int = 0) -> Iterator[FrameBlock]:
        """Frames as they arrive, in blocks of at most BLOCK_SECONDS. Raises VideoError if they were read before.

        Times are the sender's; a frame without one has the time of its arrival.
        """
        if self._clock is not None:
            raise VideoError(f"{self.where}: the frames of a stream can be read once only")
        began = time.monotonic()
        unit = self._stream.time_base or Fraction(1)
        self._clock = clock = FrameClock(unit, self.fps, lambda: time.monotonic() - began)
        with self._container as container:
            shown = read_container(container, self._stream, packets(container, self._stream), clock, decode_height)
            yield from in_blocks(self.where, shown, max(1, min(batch, round(BLOCK_SECONDS * self.fps))))


def without_password(address: str) -> str:
    """`address` without user and password, and without the part after a question mark, which may hold passwords."""
    shown = re.sub(r"^([a-z][a-z0-9+.-]*://)[^/?#]+@", r"\1", address)
    return re.sub(r"\?.*", "?...", shown) if "://" in shown else shown


def name_of(address: str) -> str:
    """A name for files: rtsp://user:secret@camera-3:554/live/1?x=y as camera-3-live-1."""
    if address.startswith(FOLLOW):
        return Path(address.removeprefix(FOLLOW)).stem
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = None
    host = parts.hostname or (f"port-{port}" if port else "")
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{host} {parts.path}").strip("-")


def _for_ffmpeg(address: str) -> tuple[str, str | None, dict[str, str]]:
    """FFmpeg's arguments to open `address`: an address, a format if FFmpeg cannot guess it, and options."""
    if address.startswith(FOLLOW):
        return f"file:{Path(address.removeprefix(FOLLOW)).absolute()}", None, {"follow": "1"}
    if address.startswith("rtsp"):
        return address, None, {"rtsp_transport": "tcp"}  # UDP loses packets, and with them frames
    if Path(address).is_char_device():
        return address, "v4l2", {}
    return address, None, {}
