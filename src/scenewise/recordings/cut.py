"""Cuts a recording in time: by its packets where its key frames allow, else by encoding it again.

Copied packets keep the very pictures of the camera, and an hour is cut in a second. But a part can begin at a key frame
only. If the nearest one is too far from where a part should begin, all parts of the recording are encoded again, with
losses that nobody sees.
"""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer

from scenewise.errors import VideoError
from scenewise.files import whole_file
from scenewise.progress import progress
from scenewise.video.decode import Frame, decode
from scenewise.video.frame_folder import frame_files
from scenewise.video.probe import open_video
from scenewise.video.source import open_source

NEAR = 0.15
"""A part may begin so much of the shortest part's length before or after the place that was wanted."""
TICKS = 90_000
"""Ticks a second of the clock of what is encoded."""
QUALITY = {"preset": "veryfast", "crf": "16"}
"""Of H.264: losses below what a camera's own compression takes."""


def cut(recording: Path, starts: Sequence[float], parts: Sequence[Path], fps: float | None = None) -> list[float]:
    """Write the parts of `recording` that begin at `starts`, and return where they begin, in seconds.

    `starts` rises from 0; each part ends where the next one begins. `parts` are new paths without a suffix: files get
    .mkv, a folder of pictures is cut into folders. Each file is whole or absent. Raises VideoError.
    """
    if recording.is_dir():
        return _cut_folder(recording, starts, parts, fps or 25.0)
    files = [part.with_name(f"{part.name}.mkv") for part in parts]
    keys = _key_frames(recording)
    begins = [min(keys, key=lambda key: abs(key - start), default=start) for start in starts]
    begins[0] = 0.0
    shortest = min((after - before for before, after in pairwise(starts)), default=float("inf"))
    near = all(abs(begin - start) <= NEAR * shortest for begin, start in zip(begins, starts, strict=True))
    if near and all(before < after for before, after in pairwise(begins)):
        try:
            _copy(recording, begins, files)
            return begins
        except (av.FFmpegError, ValueError):
            pass  # the container does not take this codec, or the packets have no times
    _encode(recording, starts, files, fps)
    return list(starts)


def _key_frames(recording: Path) -> list[float]:
    """Seconds from the first picture at which a decoder can begin."""
    with open_video(recording) as (container, stream):
        packets = [(packet.pts, packet.is_keyframe) for packet in container.demux(stream) if packet.pts is not None]
        if not packets or stream.time_base is None:
            return []
        first = min(pts for pts, _ in packets)
        return [float((pts - first) * stream.time_base) for pts, is_key in packets if is_key]


def _copy(recording: Path, begins: Sequence[float], files: Sequence[Path]) -> None:
    """Copy packets. Pictures that are shown before their part's key frame, and need another part's, are left out."""
    with open_video(recording) as (container, stream), ExitStack() as closing:
        base = stream.time_base or Fraction(1, TICKS)
        waiting = list(zip(begins, files, strict=True))
        first, key, part = None, 0, None
        for packet in container.demux(stream):
            if packet.pts is None or packet.dts is None:
                continue
            first = packet.pts if first is None else first
            if waiting and packet.is_keyframe and float((packet.pts - first) * base) >= waiting[0][0] - 1e-6:
                part = _open(waiting.pop(0)[1], closing)
                copied, key = part.add_stream_from_template(stream), packet.pts
            if part is not None and packet.pts >= key:
                packet.stream = copied
                packet.pts, packet.dts = packet.pts - key, packet.dts - key
                part.mux(packet)
        if waiting:
            raise ValueError(f"{recording}: no key frame where {waiting[0][1].name} begins")


def _encode(recording: Path, starts: Sequence[float], files: Sequence[Path], fps: float | None) -> None:
    """Decode the recording once, and encode its parts one after the other."""
    source = open_source(recording, fps)
    rate = Fraction(source.fps).limit_denominator(1001)
    with ExitStack() as closing, progress() as bar:
        task = bar.add_task(f"cut {source.name}", total=source.frames_claimed)
        waiting = list(zip(starts, files, strict=True))
        part: _Encoder | None = None
        for block in decode(recording, batch=8, fps=source.fps):
            for picture, seconds in zip(block.frames, block.timestamps.tolist(), strict=True):
                if waiting and seconds >= waiting[0][0] - 1e-6:
                    if part is not None:
                        part.finish()
                    part = _Encoder(_open(waiting.pop(0)[1], closing), picture, rate, seconds)
                if part is not None:
                    part.add(picture, seconds)
            bar.advance(task, len(block.frames))
        if part is not None:
            part.finish()
        if waiting:
            raise VideoError(f"{recording}: it ends before {waiting[0][1].name} begins; leave it out")


def _open(file: Path, closing: ExitStack) -> OutputContainer:
    """A container to write `file` with, which `closing` closes and puts in its place."""
    temporary = closing.enter_context(whole_file(file))
    return closing.enter_context(av.open(str(temporary.absolute()), "w", format="matroska"))


class _Encoder:
    """One part, as H.264."""

    def __init__(self, container: OutputContainer, picture: Frame, rate: Fraction, begin: float) -> None:
        """Its pictures have the size of `picture`; it begins at `begin` seconds of its recording."""
        self.container, self.begin, self.last = container, begin, -1
        self.stream = container.add_stream("libx264", rate=rate)
        self.stream.height, self.stream.width = _even(picture).shape[:2]
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = Fraction(1, TICKS)
        self.stream.codec_context.options = QUALITY

    def add(self, picture: Frame, seconds: float) -> None:
        """Append the picture at `seconds` of the recording."""
        frame = av.VideoFrame.from_ndarray(_even(picture), format="rgb24")
        self.last = max(round((seconds - self.begin) * TICKS), self.last + 1)
        frame.pts, frame.time_base = self.last, Fraction(1, TICKS)
        self.container.mux(self.stream.encode(frame))

    def finish(self) -> None:
        """Write the pictures that the encoder still holds."""
        self.container.mux(self.stream.encode(None))


def _even(picture: Frame) -> Frame:
    """The picture with its last row and column repeated where H.264 needs an even number of them."""
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), "edge") if height % 2 or width % 2 else picture
    return np.ascontiguousarray(padded)


def _cut_folder(recording: Path, starts: Sequence[float], parts: Sequence[Path], fps: float) -> list[float]:
    """Copy the pictures of each part into a folder of its own."""
    pictures = frame_files(recording)
    places = [round(start * fps) for start in starts]
    for folder, first, stop in zip(parts, places, [*places[1:], len(pictures)], strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        for picture in pictures[first:stop]:
            shutil.copyfile(picture, folder / picture.name)
    return [place / fps for place in places]
