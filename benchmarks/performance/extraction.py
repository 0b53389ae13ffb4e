"""`extract` with the encoder in the box and objects: ours, and what one writes first.

The plain code decodes with PyAV, and gives the network one frame a call and one object a call, in float32 by torch.
What is an object is decided by the same code in both: ours is compared in how work is laid out, not in what it is.
"""

import shutil
import tempfile
from functools import partial
from pathlib import Path

import av
import numpy as np
import torch
from numpy.typing import NDArray

from performance.figure import Figure, in_turn, times
from scenewise.config import ExtractConfig, Parallel
from scenewise.device import CPU
from scenewise.encoders.efficientnet_lite0 import through_torch
from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.features.backgrounds import read_background
from scenewise.features.extract import extract
from scenewise.objects.detector import ObjectDetector
from scenewise.worker_pool import cores

CONFIG = ExtractConfig(encoder="efficientnet-lite0")


def measure(street: Path, videos: int = 1) -> list[Figure]:
    """The footage is the first `videos` of each scene of a rendered `street`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = some_of(street, folder / "data", videos)
        frames = extract(data, folder / "one", CONFIG).frames
        calls = [partial(_plain, data, folder / "one"), partial(_ours, data, folder / "ours")]
        plain, shared = in_turn(calls, rounds=2, warm=False)
    return [
        times(
            plain.clock / shared.clock,
            f"`extract` with `efficientnet-lite0` and objects, {cores()} cores, decoding included, by the clock",
            "one process, one frame a call, one object a call, float32 by torch",
            note=f"{frames / shared.clock:.0f} frames a second at 640x360, {frames / plain.clock:.0f} plain",
        ),
        times(
            plain.processor / shared.processor,
            "the same in processor seconds",
            "the same",
            note=f"{1000 * shared.processor / frames:.1f} ms a frame, {1000 * plain.processor / frames:.1f} plain",
        ),
        Figure(
            f"`extract` with `efficientnet-lite0` and objects on {cores()} cores",
            "",
            frames / shared.clock,
            "frames a second",
            "at least 25",
            frames / shared.clock >= 25,
        ),
    ]


def some_of(street: Path, folder: Path, videos: int) -> Path:
    """A data set of the first training `videos` of every scene, as links."""
    for scene in sorted((street / "train").iterdir()):
        own = folder / "train" / scene.name
        own.mkdir(parents=True)
        for video in sorted(scene.iterdir())[:videos]:
            (own / video.name).symlink_to(video.resolve())
    return folder


def _ours(data: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    extract(data, out, CONFIG, parallel=Parallel(workers=cores()))


class _OneByOne:
    """An object encoder that gets one crop a call."""

    def __init__(self, encoder: ObjectEncoder) -> None:
        self.encoder, self.width, self.size = encoder, encoder.width, encoder.size
        self.distinguishes_classes, self.identity = encoder.distinguishes_classes, encoder.identity

    def encode(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        rows = [self.encoder.encode(crop[None]) for crop in crops]
        return np.concatenate(rows) if rows else np.empty((0, self.width), np.float32)


def _plain(data: Path, store: Path) -> None:
    """`store` lends the backgrounds, which ours learns too: the comparison is in its favour."""
    encoder = through_torch(CPU, "squash", None, "float32")
    objects = _OneByOne(encoder.object_encoder())
    with torch.inference_mode():
        for path in sorted(data.rglob("*.mp4")):
            detector = None
            features = []
            with av.open(str(path)) as container:
                for frame in container.decode(video=0):
                    picture = np.asarray(frame.to_ndarray(format="rgb24")[None], np.uint8)
                    if detector is None:
                        rate = float(container.streams.video[0].average_rate or 25)
                        background = read_background(store, path.parent.name)
                        detector = ObjectDetector(background, objects, CONFIG.objects_every, rate)
                    features.append(encoder.encode(picture).features)
                    detector.detect(picture)
