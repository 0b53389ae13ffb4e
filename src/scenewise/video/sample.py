"""A few frames spread over a video, where neither their numbers nor their times matter."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from scenewise.video.decode import decode
from scenewise.video.frame_folder import frame_files, read_pictures
from scenewise.video.probe import open_video


def sample_frames(path: Path, count: int) -> list[NDArray[np.uint8]]:
    """`count` frames (H, W, 3) uint8 RGB or a few less, evenly over the video in `path`, in order.

    Only key frames are decoded where there are enough of them, since they alone need no other frames; else all are.
    Raises VideoError where nothing can be decoded.
    """
    if path.is_dir():
        files = frame_files(path)
        kept = [files[number] for number in _evenly(len(files), count)]
        return [picture for picture in read_pictures(kept) if picture is not None]
    thinned = _thinned(_key_frames(path), count)
    if len(thinned) < count:
        thinned = _thinned((frame for block in decode(path) for frame in block.frames.copy()), count)
    return [thinned[number] for number in _evenly(len(thinned), count)]


def _key_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    with open_video(path) as (container, stream):
        stream.codec_context.skip_frame = "NONKEY"
        try:
            for frame in container.decode(stream):
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        except av.FFmpegError:
            return  # damaged: what came before is as good a sample


def _thinned(frames: Iterable[NDArray[np.uint8]], count: int) -> list[NDArray[np.uint8]]:
    """From `count` to twice as many of the frames, evenly, without knowing how many will come, holding no more."""
    kept: list[NDArray[np.uint8]] = []
    step = 1
    for number, frame in enumerate(frames):
        if number % step:
            continue
        kept.append(frame)
        if len(kept) == 2 * count:
            kept, step = kept[::2], 2 * step
    return kept


def _evenly(there: int, count: int) -> list[int]:
    """Up to `count` different numbers below `there`, from the middles of equal stretches."""
    return sorted({int((place + 0.5) * there / count) for place in range(count)}) if there else []
