"""What a video is before it is decoded: a file or a folder of frames, its size and rate, its content's signature."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from scenewise.errors import VideoError
from scenewise.video.frame_folder import IMAGE_SUFFIXES, first_picture, frame_files, is_frame_folder

__all__ = [
    "IMAGE_SUFFIXES",
    "VIDEO_SUFFIXES",
    "VideoInfo",
    "is_frame_folder",
    "open_video",
    "probe",
    "source_signature",
]

VIDEO_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv"}
    | {".ts", ".vob", ".webm", ".wmv"}
)

DEFAULT_FPS = 25.0
_MEBIBYTE = 1 << 20
_PIECES, _PIECE = 64, 1 << 16


@dataclass(frozen=True)
class VideoInfo:
    """What a video says of itself."""

    path: Path
    width: int
    """Pixels, as stored: before a rotation that the file asks for, before any downscaling."""
    height: int
    fps: float
    """Mean frames a second, as the container claims."""
    frames_claimed: int | None
    """What the container claims, for progress bars; never trusted: of TS and MKV it is duration x rate, a cut MP4
    claims too much. None where there is no duration either."""


def probe(path: Path, fps: float | None = None) -> VideoInfo:
    """Describe a video file or a folder of frames.

    `fps` is the rate of a folder of frames (default 25); a file has timestamps of its own and ignores it. Raises
    VideoError where it is missing, empty, no video, or has no video stream.
    """
    if path.is_dir():
        files = frame_files(path)
        width, height = first_picture(path, files).size
        return VideoInfo(path, width, height, fps or DEFAULT_FPS, len(files))
    with open_video(path) as (container, stream):
        context = stream.codec_context
        rate = mean_rate(stream)
        return VideoInfo(path, context.width, context.height, rate, _frames_claimed(container, stream, rate))


def _frames_claimed(container: InputContainer, stream: VideoStream, rate: float) -> int | None:
    if stream.frames:
        return stream.frames
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = (container.duration or 0) / av.time_base
    return max(round(seconds * rate), 1) if seconds > 0 else None


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video file: its container and the video stream a player would choose. Raises VideoError."""
    if not path.is_file():
        raise VideoError(f"{path}: expected a video file or a folder of frames; there is none")
    if path.stat().st_size == 0:
        raise VideoError(f"{path}: expected a video, but the file is empty; copy or record it again")
    try:
        # An absolute name, because FFmpeg takes what stands before a colon for a protocol.
        container = av.open(str(path.absolute()), metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise VideoError(f"{path}: not a video that FFmpeg can read ({_reason(error)})") from error
    with container:
        stream = container.streams.best("video")
        if container.format.name == "tty":  # FFmpeg renders text files as pictures of a terminal
            raise VideoError(f"{path}: expected a video, but this is a text file")
        if not isinstance(stream, VideoStream):
            raise VideoError(f"{path}: holds no video stream; give a file with pictures in it")
        if stream.codec_context is None or not stream.codec_context.width:
            raise VideoError(f"{path}: its video stream has an unknown codec or no picture size; convert it first")
        yield container, stream


def mean_rate(stream: VideoStream) -> float:
    """Frames a second, 25 where the container does not tell."""
    return float(stream.average_rate or stream.guessed_rate or DEFAULT_FPS)


def source_signature(path: Path) -> str:
    """SHA-256 in hex that changes when the content does; no path and no time is in it. Raises VideoError.

    A folder of frames: names, sizes and bytes of all. A file of up to 6 MiB: all of it. A longer one, so that a long
    recording need not be read twice: its size, first and last MiB, and 64 pieces of 64 KiB spread evenly over it. Its
    limit: an edit in place that keeps the size and touches none of these goes unnoticed; another recording, or another
    encoding of the same one, does not.
    """
    digest = hashlib.sha256()
    if path.is_dir():
        for file in frame_files(path):
            digest.update(f"{file.name}\0{_picture_digest(file)}\n".encode())
    else:
        _add_samples(digest, path)
    return digest.hexdigest()


def _picture_digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return "unreadable"  # a lost frame, as when it is decoded


def _add_samples(digest: "hashlib._Hash", path: Path) -> None:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            digest.update(f"{size}\n".encode())
            for first, length in _samples(size):
                file.seek(first)
                digest.update(file.read(length))
    except OSError as error:
        raise VideoError(f"{path}: can not be read ({error.strerror})") from error


def _samples(size: int) -> list[tuple[int, int]]:
    """(first byte, length) of what is read of a file of `size` bytes."""
    if size <= 2 * _MEBIBYTE + _PIECES * _PIECE:
        return [(0, size)]
    pieces = [(number * (size - _PIECE) // (_PIECES - 1), _PIECE) for number in range(_PIECES)]
    return [(0, _MEBIBYTE), *pieces, (size - _MEBIBYTE, _MEBIBYTE)]


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, av.FFmpegError) and error.strerror else type(error).__name__
