"""Intervals of a video as H.264 files of their own, by encoding their pictures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction

import av
import numpy as np
from av.container import OutputContainer

from scenewise.video.copy_packets import TICKS, Interval, open_file
from scenewise.video.decode import Frame, FrameBlock

QUALITY = {"preset": "veryfast", "crf": "16"}
"""Of H.264: losses below what a camera's own compression takes."""


def encode_intervals(
    blocks: Iterable[FrameBlock], fps: float, intervals: Sequence[Interval], advance: Callable[[int], None]
) -> list[Interval]:
    """Write `intervals`, in order of time and apart, of the frames in `blocks`; returns those that the video reaches.

    `advance` is called with numbers of frames done. Each file is whole or absent. Raises VideoError as `blocks` does.
    """
    begun: list[Interval] = []
    with ExitStack() as closing:
        writer: VideoWriter | None = None
        for block in blocks:
            for picture, seconds in zip(block.frames, block.timestamps.tolist(), strict=True):
                if len(begun) < len(intervals) and seconds >= intervals[len(begun)].start - 1e-6:
                    if writer is not None:
                        writer.finish()
                    begun.append(intervals[len(begun)])
                    writer = VideoWriter(open_file(begun[-1].file, closing), picture, fps, seconds)
                if writer is not None and seconds >= begun[-1].stop - 1e-6:
                    writer.finish()
                    writer = None
                if writer is not None:
                    writer.add(picture, seconds)
            advance(len(block.frames))
            if writer is None and len(begun) == len(intervals):
                break
        if writer is not None:
            writer.finish()
    return begun


class VideoWriter:
    """One H.264 file."""

    def __init__(
        self,
        container: OutputContainer,
        picture: Frame,
        fps: float,
        begin: float,
        quality: Mapping[str, str] = QUALITY,
    ) -> None:
        """Its pictures have the size of `picture`; it begins at `begin` seconds of its video."""
        self.container, self.begin, self.last = container, begin, -1
        self.stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        self.stream.height, self.stream.width = _even(picture).shape[:2]
        self.stream.pix_fmt = "yuv420p"
        self.stream.codec_context.time_base = Fraction(1, TICKS)  # every usual frame time is a whole number of ticks
        self.stream.codec_context.options = dict(quality)

    def add(self, picture: Frame, seconds: float) -> None:
        """Append the picture at `seconds` of the video."""
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
