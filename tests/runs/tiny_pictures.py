"""Tiny videos whose frames are told apart by their brightness."""

from pathlib import Path

import av
import numpy as np


def grey_film(path: Path, frames: int, step: int, colour: tuple[int, int, int] = (1, 1, 1)) -> Path:
    """Frame n is 10 + n x `step` bright in the channels of `colour`, all over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"crf": "1"}
        for number in range(frames):
            picture = np.full((48, 64, 3), 10 + step * number, np.uint8) * np.array(colour, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path
