"""How near decoding comes to PyAV's own floor.

    python benchmarks/decoding.py

Encodes one video, decodes it in turn with `decode` and with PyAV's plain loop (its own defaults, and one thread for
everything), and prints frames per second and the ratios of the same run. The plain loop accounts for nothing: it stops
at the first damaged packet.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from scenewise.video.decode import decode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="640x360", help="width x height of the video")
    parser.add_argument("--frames", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5, help="how often all are measured in turn; the best counts")
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        write(path, width, height, arguments.frames)
        ways: dict[str, Callable[[], int]] = {
            "decode": lambda: count(path, 0),
            "plain loop": lambda: plain_loop(path),
            "plain loop, one thread": lambda: plain_loop(path, threads=1),
            "decode, shrunk to 224 rows": lambda: count(path, 224),
            "reformat to 224 rows, one thread": lambda: plain_shrink(path, 224),
        }
        fastest = dict.fromkeys(ways, float("inf"))
        for _ in range(arguments.rounds):
            for name, way in ways.items():
                start = time.perf_counter()
                assert way() == arguments.frames
                fastest[name] = min(fastest[name], time.perf_counter() - start)

    rate = {name: arguments.frames / seconds for name, seconds in fastest.items()}
    for name, value in rate.items():
        print(f"{name:34s} {value:7.0f} frames per second")
    print(f"decode / plain loop                {rate['decode'] / rate['plain loop']:7.2f}")
    print(f"decode / plain loop, one thread    {rate['decode'] / rate['plain loop, one thread']:7.2f}")
    shrunk = rate["decode, shrunk to 224 rows"] / rate["reformat to 224 rows, one thread"]
    print(f"shrunk, decode / reformat          {shrunk:7.2f}")


def write(path: Path, width: int, height: int, frames: int) -> None:
    """H.264 of a textured scene in which three squares move, with sensor noise."""
    random = np.random.default_rng(0)
    scene = random.integers(40, 180, (height // 8 + 1, width // 8 + 1, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    noise = random.integers(-6, 7, (8, height, width, 1))
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            picture = scene[:height, :width].astype(np.int64)
            for lane, speed in enumerate((3, 7, 12)):
                left = speed * number % (width - 48)
                picture[lane * height // 3 : lane * height // 3 + 48, left : left + 48] = 60 * lane + 70
            pixels = np.clip(picture + noise[number % 8], 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def count(path: Path, decode_height: int) -> int:
    """Frames that `decode` gives."""
    return sum(len(block.frames) for block in decode(path, decode_height=decode_height))


def plain_loop(path: Path, threads: int = 0) -> int:
    """The loop of PyAV's documentation; `threads` 0 are its defaults."""
    frames = 0
    with av.open(path) as container:
        if threads:
            container.streams.video[0].codec_context.thread_count = threads
        for frame in container.decode(video=0):
            frame.to_ndarray(format="rgb24", threads=threads)
            frames += 1
    return frames


def plain_shrink(path: Path, rows: int) -> int:
    """One thread, one scaler for all frames."""
    frames = 0
    reformatter = VideoReformatter()
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        columns = 2 * round(stream.width * rows / stream.height / 2)
        for frame in container.decode(stream):
            small = reformatter.reformat(
                frame, width=columns, height=rows, format="rgb24", interpolation="AREA", threads=1
            )
            small.to_ndarray()
            frames += 1
    return frames


if __name__ == "__main__":
    main()
