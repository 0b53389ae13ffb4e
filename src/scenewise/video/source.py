"""Sources of frames: a file, a folder of pictures or a stream, all with the same interface."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from scenewise.names import as_text
from scenewise.video import stream as streams
from scenewise.video.decode import FrameBlock, decode
from scenewise.video.frame_folder import FrameFolder
from scenewise.video.picture_pace import note_unused_pace
from scenewise.video.probe import DEFAULT_FPS, mean_rate, open_video, source_signature
from scenewise.video.stream import Stream, is_address

NOTICEABLE = 0.05
"""The measured rate is used if it differs from the claimed rate by more than this share."""


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
        """Mean frames per second: as claimed, or measured from the times of a file if the claim is noticeably wrong."""
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


def open_source(where: str | Path, fps: float | None = None) -> FrameSource:
    """The video at `where`: a file, a folder of pictures, or the address of a stream (`rtsp://...`).

    `fps` is the rate of a folder of pictures (default 25), and of a stream whose claim is wrong; a file has
    times and ignores it. Raises VideoError if there is no video.
    """
    if is_address(where):
        return Stream(str(where), fps)
    path = Path(where)
    return PictureFolder(path, fps) if path.is_dir() else VideoFile(path)


def name_of(where: str | Path) -> str:
    """The name of the source at `where`, as text: a file's name without its suffix, or a stream's host and path."""
    if is_address(where):
        return as_text(streams.name_of(str(where)))
    path = Path(where)
    return as_text(path.resolve().name if path.is_dir() else path.stem)


class VideoFile:
    """A video file. It is opened once to ask what it claims, and once for every reading of its frames."""

    can_be_read_again = True

    def __init__(self, path: Path) -> None:
        """Raises VideoError if `path` is missing, empty, no video, or has no video stream."""
        self.path, self.where, self.name = path, str(path), name_of(path)
        with open_video(path) as (container, stream):
            self.size = stream.codec_context.height, stream.codec_context.width
            self.fps_claimed = mean_rate(stream)
            self.frames_claimed = _frames_claimed(container, stream, self.fps_claimed)
            self._counts_frames = bool(stream.frames)

    @cached_property
    def fps(self) -> float:
        """Measured from the packets' times, without decoding, if the container does not count its frames (MKV, TS)."""
        if self._counts_frames:
            return self.fps_claimed
        with open_video(self.path) as (container, stream):
            packets = container.demux(stream)
            times = [packet.pts for packet in packets if packet.pts is not None and not packet.is_discard]
            if not times or stream.time_base is None:
                return self.fps_claimed
            return rate_by_times(len(times), float((max(times) - min(times)) * stream.time_base), self.fps_claimed)

    @cached_property
    def signature(self) -> str:
        """See `source_signature`."""
        return source_signature(self.path)

    def blocks(self, batch: int, decode_height: int = 0) -> Iterator[FrameBlock]:
        """See `FrameSource.blocks`."""
        return decode(self.path, batch=batch, decode_height=decode_height)


class PictureFolder:
    """A folder of pictures."""

    can_be_read_again = True

    def __init__(self, path: Path, fps: float | None = None) -> None:
        """`fps` pictures per second (default 25). Raises VideoError if there are none, or none can be read."""
        self.path, self.where, self.name = path, str(path), name_of(path)
        folder = FrameFolder(path)
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
        return decode(self.path, batch=batch, fps=self.fps, decode_height=decode_height)


def rate_by_times(frames: int, seconds: float, claimed: float) -> float:
    """Mean rate of `frames` frames, the first and the last `seconds` apart; `claimed` if the two hardly differ.

    MKV and TS claim the rate of their first frames, which is wrong if the rate varies.
    """
    if frames < 2 or seconds <= 0:
        return claimed
    measured = (frames - 1) / seconds
    return measured if abs(measured / claimed - 1) > NOTICEABLE else claimed


def _frames_claimed(container: InputContainer, stream: VideoStream, rate: float) -> int | None:
    if stream.frames:
        return stream.frames
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = (container.duration or 0) / av.time_base
    return max(round(seconds * rate), 1) if seconds > 0 else None
