"""Cuts a recording in time: by its packets where its key frames allow, else by encoding it again.

Copied packets keep the very pictures of the camera, and an hour is cut in a second. But a part can begin at a key frame
only. If the nearest one is too far from where a part should begin, all parts of the recording are encoded again, with
losses that nobody sees.
"""

import shutil
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from math import inf
from pathlib import Path

import av

from scenewise.errors import VideoError
from scenewise.progress import progress
from scenewise.video.copy_packets import Interval, copy_packets, key_frames
from scenewise.video.encode_video import encode_intervals
from scenewise.video.frame_folder import frame_files
from scenewise.video.source import open_source

NEAR = 0.15
"""A part may begin so much of the shortest part's length before or after the place that was wanted."""


def cut(recording: Path, starts: Sequence[float], parts: Sequence[Path], fps: float | None = None) -> list[float]:
    """Write the parts of `recording` that begin at `starts`, and return where they begin, in seconds.

    `starts` rises from 0; each part ends where the next one begins. `parts` are new paths without a suffix: files get
    .mkv, a folder of pictures is cut into folders. Each file is whole or absent. Raises VideoError.
    """
    if recording.is_dir():
        return _cut_folder(recording, starts, parts, fps or 25.0)
    files = [part.with_name(f"{part.name}.mkv") for part in parts]
    keys = key_frames(recording)
    begins = [min(keys, key=lambda key: abs(key - start), default=start) for start in starts]
    begins[0] = 0.0
    shortest = min((after - before for before, after in pairwise(starts)), default=inf)
    near = all(abs(begin - start) <= NEAR * shortest for begin, start in zip(begins, starts, strict=True))
    if near and all(before < after for before, after in pairwise(begins)):
        try:
            copy_packets(recording, _intervals(begins, files))
            return begins
        except (av.FFmpegError, ValueError):
            pass  # the container does not take this codec, or the packets have no times
    _encode(recording, _intervals(starts, files), fps)
    return list(starts)


def _intervals(starts: Sequence[float], files: Sequence[Path]) -> list[Interval]:
    """Each part ends where the next one begins."""
    return [Interval(start, inf, file) for start, file in zip(starts, files, strict=True)]


def _encode(recording: Path, intervals: Sequence[Interval], fps: float | None) -> None:
    """Decode the recording once, and encode its parts one after the other."""
    source = open_source(recording, fps)
    with progress() as bar:
        advance = partial(bar.advance, bar.add_task(f"cut {source.name}", total=source.frames_claimed))
        begun = encode_intervals(source.blocks(8), source.fps, intervals, advance)
    if len(begun) < len(intervals):
        missing = intervals[len(begun)].file
        raise VideoError(f"{recording}: it ends before {missing.name} begins; leave it out")


def _cut_folder(recording: Path, starts: Sequence[float], parts: Sequence[Path], fps: float) -> list[float]:
    """Copy the pictures of each part into a folder of its own."""
    pictures = frame_files(recording)
    places = [round(start * fps) for start in starts]
    for folder, first, stop in zip(parts, places, [*places[1:], len(pictures)], strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        for picture in pictures[first:stop]:
            shutil.copyfile(picture, folder / picture.name)
    return [place / fps for place in places]
