"""A sample of frames spread over a video, for uses that need neither their numbers nor their times."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import av

from scenewise.config.limits import MAX_PIXELS
from scenewise.video.decode import Frame, ToRgb, decode
from scenewise.video.frame_folder import FrameFolder, evenly
from scenewise.video.probe import open_video
from scenewise.video.video_streams import LATE_STREAM


def sample_frames(
    path: Path,
    count: int,
    *,
    prepared: Callable[[Frame], Frame],
    decode_height: int = 0,
    max_pixels: int = MAX_PIXELS,
) -> list[Frame]:
    """`count` frames or a few fewer, spread evenly over the video in `path`, in order, each passed through `prepared`.

    Up to twice as many prepared frames are held at a time, so they should be small. Only key frames are decoded if
    there are enough of them, since these need no other frames; otherwise all frames are. Pictures are shrunk to
    `decode_height` as `decode` does. Raises VideoError if nothing can be decoded, or pictures have more than
    `max_pixels` pixels.
    """
    if path.is_dir():
        folder = FrameFolder(path, max_pixels)
        chosen = [folder.pictures[number] for number in evenly(len(folder.pictures), count)]
        return [prepared(frame) for frame in folder.frames(chosen, decode_height) if frame is not None]
    thinned = _thinned(_key_frames(path, decode_height, max_pixels), count, prepared)
    if len(thinned) < count:
        blocks = decode(path, decode_height=decode_height, max_pixels=max_pixels)
        thinned = _thinned((frame for block in blocks for frame in block.frames), count, prepared)
    return [thinned[number] for number in evenly(len(thinned), count)]


def _key_frames(path: Path, decode_height: int, max_pixels: int) -> Iterator[Frame]:
    with open_video(path, max_pixels) as (container, stream):
        stream.codec_context.skip_frame = "NONKEY"
        rgb = ToRgb(decode_height)
        try:
            for frame in container.decode(stream):
                yield rgb(frame)
        except (av.FFmpegError, LATE_STREAM):
            return  # damaged: the frames before are the sample


def _thinned(frames: Iterable[Frame], count: int, prepared: Callable[[Frame], Frame]) -> list[Frame]:
    """From `count` to twice as many of the frames, spread evenly; their number need not be known. Holds no more."""
    kept: list[Frame] = []
    step = 1
    for number, frame in enumerate(frames):
        if number % step:
            continue
        kept.append(prepared(frame).copy())  # the decoder reuses its memory
        if len(kept) == 2 * count:
            kept, step = kept[::2], 2 * step
    return kept
