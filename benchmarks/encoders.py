"""What the encoders cost on this machine: the table of docs/encoders.md.

    SCENEWISE_FOOTAGE=... python benchmarks/encoders.py

Prints the machine, and for each encoder frames per second on the clock and seconds of processor time for 1,000 frames
of 640x360 that are already decoded; beside other work only the latter mean much. Frames and objects are measured one
after the other, as `extract` computes them, and added. Three squares move through the frames; every second frame is
examined for objects. clip-vit-l-14 has random weights, which take as long, in a temporary folder of 1.2 GB; MobileNet
is that of the test footage, left out if SCENEWISE_FOOTAGE is unset.
"""

import argparse
import os
import platform
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openvino
import torch
import transformers
from motion_grid import street
from numpy.typing import NDArray

from scenewise.config import ExtractConfig
from scenewise.encoders import Encoder, VideoEncoder
from scenewise.encoders.efficientnet_lite0 import EfficientNetLite0Encoder
from scenewise.encoders.motion_grid import MotionGrid
from scenewise.encoders.openvino import OpenVinoEncoder
from scenewise.encoders.vision_tower import VisionTower
from scenewise.objects.background import learn_background, shrunk, working_size
from scenewise.objects.detector import ObjectDetector

MOBILENET = "encoders/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
HEIGHT, WIDTH, FPS = 360, 640, 25
SPARSE = 4
"""Of the columns with --encode-every."""
INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
COLUMNS = ("frames", f"`--encode-every {SPARSE}`", "with objects", f"with objects, `--encode-every {SPARSE}`")


class Cost(NamedTuple):
    """Of one frame, in seconds."""

    clock: float
    processor: float

    def plus(self, other: "Cost") -> "Cost":
        """Of one after the other."""
        return Cost(self.clock + other.clock, self.processor + other.processor)

    def __str__(self) -> str:
        return " / ".join(f"{float(f'{figure:.3g}'):,g}" for figure in (1 / self.clock, 1000 * self.processor))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="each measurement goes on for so long at least")
    parser.add_argument("--without-clip", action="store_true", help="leave the slowest one out")
    arguments = parser.parse_args()
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    frames = street(128, HEIGHT, WIDTH)

    busy = f"; {os.getloadavg()[0]:.0f} processes at work when it began" if hasattr(os, "getloadavg") else ""
    print(f"{machine()}{busy}.\n", flush=True)
    print(f"| encoder | {' | '.join(COLUMNS)} |")
    print(f"|---|{'---|' * len(COLUMNS)}", flush=True)
    report("`motion-grid`", MotionGrid(), frames, arguments.seconds)
    report("`efficientnet-lite0`", EfficientNetLite0Encoder(device="cpu"), frames, arguments.seconds)
    footage = os.environ.get("SCENEWISE_FOOTAGE")
    if footage is not None:
        report("`openvino:` MobileNet, int8", OpenVinoEncoder(Path(footage) / MOBILENET), frames, arguments.seconds)
    if not arguments.without_clip:
        with tempfile.TemporaryDirectory() as folder:
            report("`clip-vit-l-14`", random_clip(folder), frames, arguments.seconds)


VIT_L = transformers.CLIPVisionConfig(
    hidden_size=1024,
    intermediate_size=4096,
    num_hidden_layers=24,
    num_attention_heads=16,
    patch_size=14,
    projection_dim=768,
)
"""The size of CLIP's ViT-L/14."""


def machine() -> str:
    """The processor, its cores and instructions, and the versions of what computes."""
    described = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    model = re.search(r"model name\s*: (.+)", described)
    flags = set(described.split())
    instructions = ", ".join(name for name in INSTRUCTIONS if name in flags) or "instructions unknown"
    versions = f"torch {torch.__version__}, OpenVINO {openvino.__version__.split('-')[0]}, NumPy {np.__version__}"
    name = model[1] if model else platform.processor()
    return f"{name}, {os.cpu_count()} cores ({instructions}); {versions}"


def random_clip(folder: str) -> VisionTower:
    """A tower of the size of CLIP's ViT-L/14, whose weights are written to `folder`."""
    transformers.CLIPVisionModelWithProjection(VIT_L).save_pretrained(folder)
    return VisionTower(folder, device="cpu")


def report(name: str, encoder: Encoder, frames: NDArray[np.uint8], seconds: float) -> None:
    """Measure `encoder` on `frames` (N, H, W, 3) and print its row."""
    encoder.encode(frames[:1])  # what is done once is done
    dense, sparse = (cost_of_frames(VideoEncoder(encoder, every), frames, seconds) for every in (1, SPARSE))
    objects = cost_of_objects(encoder, frames, seconds)
    cells = (dense, sparse, dense.plus(objects), sparse.plus(objects))
    print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)


def cost_of_frames(encoder: VideoEncoder, frames: NDArray[np.uint8], seconds: float) -> Cost:
    """Of whole frames, in blocks as `extract` reads them."""
    block = frames[: encoder.frames_a_block((HEIGHT, WIDTH))]

    def work() -> int:
        encoder.reset()
        return len(encoder.encode(block, "street", 0).features)

    return measured(work, seconds)


def cost_of_objects(encoder: Encoder, frames: NDArray[np.uint8], seconds: float) -> Cost:
    """Of detecting, encoding and tracking objects, from the video's ninth frame on."""
    size, every = working_size(HEIGHT, WIDTH), ExtractConfig.objects_every
    background = learn_background([shrunk(frame, size) for frame in frames[::8]])
    detector = ObjectDetector(background, encoder.object_encoder(), every, FPS)
    detector.detect(frames[:8])
    place = 8

    def work() -> int:
        nonlocal place
        part = frames[place : place + 8]
        detector.detect(part)
        place = (place + 8) % len(frames)
        return len(part)

    return measured(work, seconds)


def measured(work: Callable[[], int], seconds: float) -> Cost:
    """Cost a frame of `work`, which says how many frames it did, repeated for `seconds` at least."""
    began, before, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < seconds:
        done += work()
    return Cost((time.perf_counter() - began) / done, (time.process_time() - before) / done)


if __name__ == "__main__":
    main()
