"""A video file before it is decoded: opening it, its rate, and the signature of its content."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from scenewise.config.limits import MAX_PIXELS
from scenewise.errors import VideoError
from scenewise.formats.regular_file import open_regular
from scenewise.video.frame_folder import IMAGE_SUFFIXES, frame_files, is_frame_folder
from scenewise.video.pixel_limit import refuse_size
from scenewise.video.video_streams import Reopen, largest_moving

__all__ = [
    "IMAGE_SUFFIXES",
    "VIDEO_SUFFIXES",
    "claimed_rate",
    "is_frame_folder",
    "open_video",
    "source_signature",
]

VIDEO_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv"}
    | {".ts", ".vob", ".webm", ".wmv"}
)

DEFAULT_FPS = 25.0
MOST_FPS = 300.0
"""No camera of a fixed scene is faster. What claims more states the unit of its clock, or its clock stood still."""
LONG_PROBE, LONG_PROBE_SECONDS = 256 << 20, 3600
"""Bytes and seconds of a file in which its codec and picture size are looked for."""
_MEBIBYTE = 1 << 20
_PARTS, _PART = 64, 1 << 16


@contextmanager
def open_video(path: Path, max_pixels: int = MAX_PIXELS) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video file: its container and its video stream, of several the largest that moves. Raises VideoError."""
    if not path.is_file():
        raise VideoError(f"{path}: expected a video file or a folder of frames; there is none")
    if path.stat().st_size == 0:
        raise VideoError(f"{path}: expected a video, but the file is empty; copy or record it again")
    with probed(partial(open_container, path)) as container:
        if container.format.name == "tty":  # FFmpeg renders text files as pictures of a terminal
            raise VideoError(f"{path}: expected a video, but this is a text file")
        yield container, video_stream(container, str(path), partial(open_container, path), max_pixels)


def open_container(path: Path, options: dict[str, str] | None = None) -> InputContainer:
    """Open a file with FFmpeg's `options`. Raises VideoError."""
    try:
        # An absolute name, because FFmpeg takes what stands before a colon for a protocol.
        return av.open(str(path.absolute()), metadata_errors="replace", options=options or {})
    except (av.FFmpegError, ValueError) as error:
        raise VideoError(f"{path}: not a video that FFmpeg can read ({reason(error)})") from error


def probed(opened: Callable[[dict[str, str]], InputContainer]) -> InputContainer:
    """A container whose video has a known codec and size if they are found in its first LONG_PROBE bytes.

    FFmpeg looks for them in five seconds of footage, which is enough unless a recording begins inside a long group of
    pictures: what describes the pictures comes with the next key frame.
    """
    container = opened({})
    if any(stream.codec_context and stream.codec_context.width for stream in container.streams.video):
        return container
    if not container.streams.video:
        return container
    container.close()
    return opened({"probesize": str(LONG_PROBE), "analyzeduration": str(LONG_PROBE_SECONDS * av.time_base)})


def video_stream(
    container: InputContainer, where: str, reopen: Reopen | None = None, max_pixels: int = MAX_PIXELS
) -> VideoStream:
    """The video stream of `container` that is read; see `largest_moving`. Raises VideoError, naming `where`."""
    stream = largest_moving(container, reopen) or container.streams.best("video")
    if not isinstance(stream, VideoStream):
        raise VideoError(f"{where}: holds no video stream; give a video with pictures in it")
    if stream.codec_context is None or not stream.codec_context.width:
        raise VideoError(
            f"{where}: the codec or picture size of its video stream is unknown (looked for in the first "
            f"{LONG_PROBE >> 20} MiB); convert it first"
        )
    context = stream.codec_context
    refuse_size(where, context.width, context.height, max_pixels)
    context.options = {**context.options, "max_pixels": str(max_pixels)}  # if the size changes on the way
    return stream


def claimed_rate(stream: VideoStream, fps: float | None = None) -> float:
    """Mean frames per second as the container claims; `fps` (default 25) if it claims none or more than MOST_FPS."""
    claims = (stream.average_rate, stream.guessed_rate, fps)
    return next((float(claim) for claim in claims if claim and 0 < claim <= MOST_FPS), DEFAULT_FPS)


def source_signature(path: Path) -> str:
    """SHA-256 in hex that changes when the content does; no path and no time is in it. Raises VideoError.

    It covers the names, sizes and bytes of all pictures of a folder, and all of a file of up to 6 MiB. Of a longer file
    it covers the size, the first and last MiB, and 64 parts of 64 KiB spread evenly over it, so that the file need not
    be read twice. Its limit: an edit in place that keeps the size and changes none of these parts is not detected.
    Another recording, or another encoding of the same recording, is detected.
    """
    digest = hashlib.sha256()
    if path.is_dir():
        for file in frame_files(path):
            digest.update(os.fsencode(f"{file.name}\0{_picture_digest(file)}\n"))
    else:
        _add_samples(digest, path)
    return digest.hexdigest()


def _picture_digest(file: Path) -> str:
    try:
        with open_regular(file) as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return "unreadable"  # a lost frame, as when it is decoded


def _add_samples(digest: "hashlib._Hash", path: Path) -> None:
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            digest.update(f"{size}\n".encode())
            for first, length in _samples(size):
                file.seek(first)
                digest.update(file.read(length))
    except OSError as error:
        raise VideoError(f"{path}: cannot be read ({error.strerror})") from error


def _samples(size: int) -> list[tuple[int, int]]:
    """(first byte, length) of the parts that are read of a file of `size` bytes."""
    if size <= 2 * _MEBIBYTE + _PARTS * _PART:
        return [(0, size)]
    parts = [(number * (size - _PART) // (_PARTS - 1), _PART) for number in range(_PARTS)]
    return [(0, _MEBIBYTE), *parts, (size - _MEBIBYTE, _MEBIBYTE)]


def reason(error: Exception) -> str:
    """FFmpeg's description of an error, in a few words."""
    return error.strerror if isinstance(error, av.FFmpegError) and error.strerror else type(error).__name__
