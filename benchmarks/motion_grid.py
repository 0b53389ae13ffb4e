"""How fast motion-grid is on one core at 360p, how its time is spent, and how near it comes to the flow alone.

    python benchmarks/motion_grid.py

Prints frames per second (the goal is 200), the share of each stage, and the ratio to the flow alone in the same run.
"""

import argparse
import os
import time
from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.motion_grid import (
    APPEARANCE_GRID,
    GRID,
    MotionGrid,
    appearance_channels,
    appearance_maps,
    mean_of_cells,
    motion_channels,
    motion_maps,
    optical_flow,
    squash,
)
from scenewise.encoders.running_background import RunningBackground


def street(count: int, height: int, width: int) -> NDArray[np.uint8]:
    """`count` noisy frames of a textured scene in which three squares move."""
    random = np.random.default_rng(0)
    scene = cv2.resize(random.uniform(40, 180, (24, 40, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
    side = height // 6
    frames = []
    for index in range(count):
        picture = scene + random.normal(0, 3, scene.shape)
        for lane, speed in enumerate((3, 7, 12)):
            x, y = (speed * index) % (width - side), (2 * lane + 1) * side - side // 2
            picture[y : y + side, x : x + side] = 60 * lane + 70
        frames.append(np.clip(picture, 0, 255).astype(np.uint8))
    return np.stack(frames)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The shortest of `repeats` runs: what the work costs if nothing else uses the core."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    cv2.setNumThreads(1)
    if hasattr(os, "sched_setaffinity"):  # Linux alone can bind a process to a core
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    frames = street(arguments.frames, height, width)
    small = [squash(frame) for frame in frames]
    grey = [np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) for picture in small]
    pictures = [picture.astype(np.float32) for picture in small]
    background = RunningBackground()
    separated = [background.separate(picture) for picture in pictures]
    encoder = MotionGrid()

    def encode() -> None:
        encoder.reset()
        encoder.encode(frames)

    def separate() -> None:
        background.reset()
        for picture in pictures:
            background.separate(picture)

    def flow() -> None:
        for last, now in pairwise(grey):
            optical_flow(last, now)

    def channels() -> None:
        for last, now, parts in zip(grey, grey[1:], separated, strict=False):
            motion_channels(motion_maps(now, last, parts), GRID)
            appearance = appearance_maps(background.level)
            appearance_channels(appearance, APPEARANCE_GRID, mean_of_cells(appearance, (1, 1))[0, :3])

    whole = seconds(encode, arguments.repeats)
    floor = seconds(flow, arguments.repeats)
    stages = {
        "resize": seconds(lambda: [squash(frame) for frame in frames], arguments.repeats),
        "background": seconds(separate, arguments.repeats),
        "flow": floor,
        "channels": seconds(channels, arguments.repeats) - floor,
    }
    print(f"motion-grid, {arguments.size}, one core: {arguments.frames / whole:.0f} frames per second")
    for name, took in stages.items():
        print(f"  {name:<11}{took / whole:5.0%}  {took / arguments.frames * 1e3:.2f} ms a frame")
    print(f"  {'the rest':<11}{1 - sum(stages.values()) / whole:5.0%}")
    print(f"of the speed of the flow alone: {floor / whole:.2f}")


if __name__ == "__main__":
    main()
