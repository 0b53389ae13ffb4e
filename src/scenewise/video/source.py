"""Sources of frames: a file, a folder of pictures or a stream, all with the same interface."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from scenewise.config.limits import MAX_PIXELS
from scenewise.folders import real
from scenewise.names import as_text
from scenewise.video import stream as streams
from scenewise.video.decode import FrameBlock, decode
from scenewise.video.frame_folder import FrameFolder
from scenewise.video.pace import Pace, pace_of_index, pace_of_packets
from scenewise.video.picture_pace import note_unused_pace
from scenewise.video.probe import DEFAULT_FPS, claimed_rate, open_video, source_signature
from scenewise.video.stream import Stream, is_address
from scenewise.video.unread import unread_parts


class FrameSource(Protocol):
    """One video. Later parts of the program know no path; they use only this interface."""

    @property
    def where(self) -> str:
        """Its name in messages and results: a path, or an address without its password."""
        ...

    @property
    def name(self) -> str:
        """Its short name, which its folder of results has."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels as stored, before the file's display rotation and before any shrinking."""
        ...

    @property
    def fps_claimed(self) -> float:
        """Mean frames per second as the container claims; known before any frame is read."""
        ...

    @property
    def fps(self) -> float:
        """Its pace in frames per second; of a file, from the median interval between pictures (`video/pace.py`)."""
        ...

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with it though it can be read, each in a few words; of a stream, what was found so far."""
        ...

    @property
    def frames_claimed(self) -> int | None:
        """The claimed number of frames, for progress bars alone: a cut MP4 claims too many. None if none is claimed."""
        ...

    @property
    def signature(self) -> str | None:
        """SHA-256 in hex that changes with the content; None if it cannot be known in advance, as of a stream."""
        ...

    @property
    def can_be_read_again(self) -> bool:
        """Whether `blocks` may be called more than once."""
        ...

    def blocks(self, batch: int, decode_height: int = 0) -> Iterator[FrameBlock]:
        """All frames from the first on, at most `batch` a block, each as soon as it is available.

        Pictures taller than `decode_height`, if that is not 0, are shrunk to it. Raises VideoError.
        """
        ...


def open_source(where: str | Path, fps: float | None = None, max_pixels: int = MAX_PIXELS) -> FrameSource:
    """The video at `where`: a file, a folder of pictures, or as text the address of a stream (`rtsp://...`, a device).

    `fps` is the rate of a folder of pictures (default 25), and of a stream whose claim is wrong; a file has times, and
    needs it only if neither these nor its claim can be believed. Raises VideoError if there is no video, or if its
    pictures have more than `max_pixels` pixels.
    """
    if is_address(where):
        return Stream(str(where), fps, max_pixels)
    path = Path(where)
    return PictureFolder(path, fps, max_pixels) if path.is_dir() else VideoFile(path, fps, max_pixels)


def name_of(where: str | Path) -> str:
    """The name of the source at `where`, as text: a file's name without its suffix, or a stream's host and path."""
    if is_address(where):
        return as_text(streams.name_of(str(where)))
    path = Path(where)
    return as_text(real(path).name if path.is_dir() else path.stem)


class VideoFile:
    """A video file. It is opened once to ask what it claims, and once for every reading of its frames."""

    can_be_read_again = True

    def __init__(self, path: Path, fps: float | None = None, max_pixels: int = MAX_PIXELS) -> None:
        """See `open_source`. Raises VideoError if `path` is missing, empty, no video, or has no video stream."""
        self.path, self.where, self.name = path, str(path), name_of(path)
        self._fps, self._max_pixels = fps, max_pixels
        with open_video(path, max_pixels) as (container, stream):
            self.size = stream.codec_context.height, stream.codec_context.width
            self.fps_claimed = claimed_rate(stream, fps)
            self._pace_of_index = pace_of_index(container, stream, fps)
            self.frames_claimed = _frames_claimed(container, stream, self.fps_claimed)

    @property
    def fps(self) -> float:
        """See `FrameSource.fps`."""
        return self._pace.fps

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """See `FrameSource.faults`."""
        with open_video(self.path, self._max_pixels) as (container, stream):
            return (*self._pace.faults, *unread_parts(self.path, container, stream))

    @cached_property
    def _pace(self) -> Pace:
        if self._pace_of_index is not None:
            return self._pace_of_index
        with open_video(self.path, self._max_pixels) as (container, stream):
            return pace_of_packets(container, stream, self._fps)

    @cached_property
    def signature(self) -> str:
        """See `source_signature`."""
        return source_signature(self.path)

    def blocks(self, batch: int, decode_height: int = 0) -> Iterator[FrameBlock]:
        """See `FrameSource.blocks`."""
        return decode(self.path, batch=batch, fps=self.fps, decode_height=decode_height, max_pixels=self._max_pixels)


class PictureFolder:
    """A folder of pictures."""

    can_be_read_again = True
    faults = ()

    def __init__(self, path: Path, fps: float | None = None, max_pixels: int = MAX_PIXELS) -> None:
        """`fps` pictures per second (default 25). Raises VideoError if there are none, or none can be read."""
        self.path, self.where, self.name, self._max_pixels = path, str(path), name_of(path), max_pixels
        folder = FrameFolder(path, max_pixels)
        width, height = folder.size
        self.size, self.frames_claimed = (height, width), len(folder.pictures)
        self.fps = self.fps_claimed = fps or DEFAULT_FPS
        if fps is None:
            note_unused_pace(folder.order)

    @cached_property
    def signature(self) -> str:
        """See `source_signature`."""
        return source_signature(self.path)

    def blocks(self, batch: int, decode_height: int = 0) -> Iterator[FrameBlock]:
        """See `FrameSource.blocks`."""
        return decode(self.path, batch=batch, fps=self.fps, decode_height=decode_height, max_pixels=self._max_pixels)


def _frames_claimed(container: InputContainer, stream: VideoStream, rate: float) -> int | None:
    if stream.frames:
        return stream.frames
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = (container.duration or 0) / av.time_base
    return max(round(seconds * rate), 1) if seconds > 0 else None
