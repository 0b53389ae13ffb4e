"""motion-grid on one core at 360p, decoding included."""

from pathlib import Path

import cv2
import torch

from performance.figure import Figure, in_turn
from scenewise.encoders.motion_grid import MotionGrid
from scenewise.video.decode import decode


def measure(street: Path) -> list[Figure]:
    """Processor seconds, so that other work on the machine does not count."""
    video = sorted((street / "train").rglob("*.mp4"))[0]
    frames = sum(len(block.frames) for block in decode(video))
    threads = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)

    def whole() -> None:
        encoder = MotionGrid()
        encoder.reset()
        for block in decode(video):
            encoder.encode(block.frames)

    (both,) = in_turn([whole])
    cv2.setNumThreads(threads[0])
    torch.set_num_threads(threads[1])
    rate = frames / both.processor
    what = "`motion-grid`, one core, 640x360, decoding included"
    return [Figure(what, "", rate, "frames a second", "at least 200", rate >= 200)]
