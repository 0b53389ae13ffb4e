"""How time and memory grow with the footage: fitting, extracting and scoring once, four and sixteen times as much; peak
memory from one minute to sixty."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np

from performance.extraction import some_of
from performance.figure import Figure, spent
from scenewise.config import ExtractConfig
from scenewise.features.extract import extract
from scenewise.features.store import FeatureStore, open_store
from scenewise.methods import DEFAULT, open_method

TIMES = (1, 4, 16)
MINUTES = (1, 60)
RATE, SIZE = 12, (96, 128)
LINEAR, FLAT = 0.15, 0.10
PEAK = "import resource, sys; from scenewise.cli import run; code = run(sys.argv[1:]); " \
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"  # fmt: skip


def fitting(street: Path) -> list[Figure]:
    """The default method on a street's features, each video so many times under other names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = some_of(street, folder / "data", 4)
        extract(data, folder / "features", ExtractConfig(encoder="efficientnet-lite0"))
        store = open_store(folder / "features")
        seconds = [_fit(_repeated(store, count), folder / str(count)) for count in TIMES]
    return [_linear(f"fitting `{DEFAULT}`", seconds, "times as much footage, in processor seconds")]


def _repeated(store: FeatureStore, count: int) -> FeatureStore:
    videos = [replace(video, name=f"{video.name}-{number}") for video in store.of("train") for number in range(count)]
    return replace(store, videos=tuple(videos))


def _fit(store: FeatureStore, work: Path) -> float:
    method = open_method(DEFAULT)
    work.mkdir()
    return spent(lambda: method.fit(store, method.Settings(), work)).processor


def _linear(what: str, seconds: list[float], how: str) -> Figure:
    per_footage = seconds[-1] / TIMES[-1] / seconds[0]
    listed = ", ".join(f"{second:.1f} s" for second in seconds)
    return Figure(
        f"{what} on 1, 4 and 16 {how}",
        "time a video at 16 times the footage, beside once",
        per_footage,
        "times",
        f"at most {1 + LINEAR:g}",
        per_footage <= 1 + LINEAR,
        listed,
    )


def recordings() -> list[Figure]:
    """Extracting and scoring one recording of 1, 4 and 16 minutes, and the peak memory of both from 1 to 60."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        normal = folder / "normal" / "train" / "yard"
        normal.mkdir(parents=True)
        for number in range(3):
            _walk(normal / f"{number}.mp4", 1, seed=number)
        _command("extract", folder / "normal", "--out", folder / "features", "--encoder", "motion-grid", "--workers", 1)
        _command("train", folder / "features", "--out", folder / "run")
        figures, peaks, clocks = [], {}, {}
        for minutes in sorted({*TIMES, *MINUTES}):
            data = folder / str(minutes) / "train" / "yard"
            data.mkdir(parents=True)
            _walk(data / "long.mp4", minutes, seed=9)
            out = folder / f"out-{minutes}"
            commands: dict[str, Callable[[], int]] = {
                "extract": partial(
                    _command, "extract", folder / str(minutes), "--out", out, "--encoder", "motion-grid", "--workers", 1
                ),
                "score": partial(
                    _command, "score", folder / "run", data / "long.mp4", "--scene", "yard", "--out", f"{out}-scored"
                ),
            }
            for command, call in commands.items():
                peak: list[int] = []
                took = spent(lambda call=call, peak=peak: peak.append(call()))  # type: ignore[misc]
                peaks[command, minutes], clocks[command, minutes] = peak[0], took.processor
    for command in ("extract", "score"):
        start = clocks[command, 1]
        growth = (clocks[command, 16] - start) / 15 / max((clocks[command, 4] - start) / 3, 1e-9)
        listed = ", ".join(f"{clocks[command, minutes]:.1f} s" for minutes in TIMES)
        figures.append(
            Figure(
                f"`{command}` of a recording of 1, 4 and 16 minutes, in processor seconds",
                "seconds a further minute beyond 4, beside those up to 4",
                growth,
                "times",
                f"at most {1 + LINEAR:g}",
                growth <= 1 + LINEAR,
                listed,
            )
        )
        flat = peaks[command, 60] / peaks[command, 1]
        figures.append(
            Figure(
                f"peak memory of `{command}`, a recording of 60 minutes",
                "a recording of 1 minute",
                flat,
                "times",
                f"at most {1 + FLAT:g}",
                flat <= 1 + FLAT,
                f"{peaks[command, 60] / 1024:.0f} MiB, {peaks[command, 1] / 1024:.0f} MiB for one minute",
            )
        )
    return figures


def _command(*arguments: object) -> int:
    """Peak memory in KiB of a command of ours, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])


def _walk(path: Path, minutes: int, seed: int) -> None:
    """A yard in which somebody walks by every ten seconds."""
    height, width = SIZE
    random = np.random.default_rng(seed)
    ground = np.random.default_rng(0).integers(60, 190, (height // 8, width // 8, 3)).repeat(8, 0).repeat(8, 1)
    noise = random.integers(-4, 5, (16, height, width, 1))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": "120"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        for frame in range(minutes * 60 * RATE):
            picture = (ground + noise[frame % 16]).clip(0, 255).astype(np.uint8)
            at = frame % (10 * RATE)
            if at < 7 * RATE:
                left = int((at / (7 * RATE)) * (width - 14))
                top = 30 + (frame // (10 * RATE)) * 7 % 25
                picture[top : top + 28, left : left + 12] = (200, 40, 40)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
