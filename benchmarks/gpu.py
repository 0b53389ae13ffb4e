"""What a GPU reaches with a vision tower, and what limits it, in about 5 minutes.

    python benchmarks/gpu.py [--device cuda:0] [--out gpu.json]

Prints the card; its measured rates of matrix products, copies and resizing; pictures a second of a bare ViT-L/14
(random weights) by precision and batch, with the share of the matrix rate; of `encode` from frames in memory, and of
its object encoder; what one process decodes, on the processor and by the card; and which of these is the narrowest.
Nothing is downloaded. Without a GPU it says so and ends with exit code 2; `--device cpu --tiny` tries the script.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import torch
import transformers
from av.codec.hwaccel import HWAccel, hwdevices_available
from decoding import write
from numpy.typing import NDArray
from towers import gflop, random_tower

from encoders import VIT_L
from scenewise.encoders.preprocess import resized
from scenewise.encoders.vision_tower import VisionTower
from scenewise.video.decode import decode

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
TINY_TOWER = transformers.CLIPVisionConfig(
    hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=56, patch_size=14
)


class Sizes(NamedTuple):
    """How much is measured."""

    tower: Any
    """Settings of a CLIPVisionModelWithProjection."""
    side: int
    """Rows and columns of the matrices."""
    copied: int
    """Bytes."""
    batches: tuple[int, ...]
    picture: tuple[int, int]
    """Height and width of the video."""
    frames: int
    seconds: float
    """Each measurement goes on for so long at least."""


WHOLE = Sizes(VIT_L, 8192, 256 << 20, (1, 4, 16, 64, 128, 256), (720, 1280), 500, 1.0)
TINY = Sizes(TINY_TOWER, 128, 1 << 20, (1, 4), (90, 160), 30, 0.01)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="sizes at which figures mean nothing")
    parser.add_argument("--out", type=Path, help="JSON file to write as well")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print(
            f"no CUDA GPU: torch {torch.__version__} (built for CUDA: {torch.version.cuda or 'no'}) finds none; "
            "nothing was measured"
        )
        return 2
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    sizes = TINY if arguments.tiny else WHOLE
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, value in measurements(device, sizes, Path(folder)):
            result[name] = value
            print(f"{name:52s} {value}", flush=True)
    result["narrowest"] = narrowest(result)
    print(f"\nnarrowest: {result['narrowest']}")
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0


def measurements(device: torch.device, sizes: Sizes, folder: Path) -> Iterator[tuple[str, Any]]:
    """(what, figure) one after the other, as each is known."""
    yield from card(device)
    rates: dict[str, float] = {}
    for name, dtype in DTYPES.items():
        rates[name] = matrix_rate(device, dtype, sizes)
        yield f"matrix products, {name}, TFLOP a second", round(rates[name], 2)
    yield from copies(device, sizes)
    yield from resizing(device, sizes)
    weights = random_tower(folder / "tower", sizes.tower)
    yield "tower, GFLOP a picture", round(gflop(sizes.tower), 1)
    for name in ("float32", "bfloat16"):
        for batch in sizes.batches:
            speed = tower_speed(device, weights, DTYPES[name], batch, sizes)
            share = speed * gflop(sizes.tower) / 1e3 / rates[name]
            yield f"bare tower, {name}, {batch} a call, pictures a second", round(speed, 1)
            yield f"bare tower, {name}, {batch} a call, share of matrix rate", round(share, 3)
    yield from whole_path(device, weights, sizes)
    yield from decoding(device, folder / "video.mp4", sizes)


def card(device: torch.device) -> Iterator[tuple[str, Any]]:
    """What it is, and what it is used through."""
    yield "torch", f"{torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"  # type: ignore[no-untyped-call]
    yield "processor cores", os.cpu_count()
    if device.type != "cuda":
        yield "device", str(device)
        return
    found = torch.cuda.get_device_properties(device)
    yield "device", found.name
    yield "compute capability", f"{found.major}.{found.minor}"
    yield "memory, GiB", round(found.total_memory / 2**30, 1)
    yield "multiprocessors", found.multi_processor_count
    yield "GPUs", torch.cuda.device_count()
    yield "bfloat16 natively", torch.cuda.is_bf16_supported(including_emulation=False)
    if shutil.which("nvidia-smi"):
        asked = "driver_version,power.limit,clocks.max.sm,pcie.link.gen.current,pcie.link.width.current,utilization.gpu"
        command = ["nvidia-smi", f"--query-gpu={asked}", "--format=csv,noheader", f"--id={device.index or 0}"]
        yield asked, subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def matrix_rate(device: torch.device, dtype: torch.dtype, sizes: Sizes) -> float:
    """TFLOP a second of a square product. TensorFloat-32 stays off, as in the encoders."""
    left, right = (torch.randn(sizes.side, sizes.side, device=device).to(dtype) for _ in range(2))
    return 2 * sizes.side**3 * a_second(lambda: left @ right, device, sizes) / 1e12


def copies(device: torch.device, sizes: Sizes) -> Iterator[tuple[str, Any]]:
    """GB a second between memories."""
    plain = torch.zeros(sizes.copied, dtype=torch.uint8)
    there = plain.to(device)
    ways: dict[str, Callable[[], object]] = {"to the device, from ordinary memory": lambda: plain.to(device)}
    if device.type == "cuda":
        pinned = plain.pin_memory()
        ways["to the device, from pinned memory"] = lambda: pinned.to(device, non_blocking=True)
        ways["into pinned memory"] = plain.pin_memory
        ways["from the device"] = there.cpu
    ways["inside the device"] = there.clone
    for name, way in ways.items():
        yield f"copies {name}, GB a second", round(sizes.copied * a_second(way, device, sizes) / 1e9, 2)


def resizing(device: torch.device, sizes: Sizes) -> Iterator[tuple[str, Any]]:
    """Frames a second to the tower's size, the copy included."""
    side = sizes.tower.image_size
    for height, width in ((360, 640), (720, 1280), (1080, 1920)):
        frames = np.zeros((16, height, width, 3), np.uint8)
        for place in dict.fromkeys((torch.device("cpu"), device)):
            speed = 16 * a_second(lambda f=frames, p=place: resized(f, (side, side), "bicubic", p), place, sizes)  # type: ignore[misc]
            yield f"copied and resized from {width}x{height}, {place.type}, frames a second", round(speed)


@torch.inference_mode()
def tower_speed(device: torch.device, weights: Path, dtype: torch.dtype, batch: int, sizes: Sizes) -> float:
    """Pictures a second through the library's tower, of pictures that lie on the device; 0 if memory is too small."""
    tower = transformers.CLIPVisionModelWithProjection.from_pretrained(weights, dtype=dtype, attn_implementation="sdpa")
    placed = tower.to(device).eval()  # type: ignore[arg-type]
    pixels = torch.zeros(batch, 3, sizes.tower.image_size, sizes.tower.image_size, device=device, dtype=dtype)
    try:
        return batch * a_second(lambda: placed(pixel_values=pixels), device, sizes)
    except torch.OutOfMemoryError:
        return 0.0


def whole_path(device: torch.device, weights: Path, sizes: Sizes) -> Iterator[tuple[str, Any]]:
    """`encode` of frames in memory, as `extract` calls it, and crops through the object encoder."""
    tower = VisionTower(str(weights), device=str(device))
    frames = frames_of(tower.batch, *sizes.picture)
    yield "encode, frames a call", tower.batch
    yield "encode, precision", tower.execution["precision"]
    yield "encode, frames a second", round(tower.batch * a_second(lambda: tower.encode(frames), device, sizes), 1)
    objects = tower.object_encoder()
    crops = frames_of(tower.batch, objects.size, objects.size)
    yield "crops a second", round(tower.batch * a_second(lambda: objects.encode(crops), device, sizes), 1)
    if device.type == "cuda":
        yield "peak memory, GiB", round(torch.cuda.max_memory_allocated(device) / 2**30, 2)


def decoding(device: torch.device, path: Path, sizes: Sizes) -> Iterator[tuple[str, Any]]:
    """Frames a second that one process decodes from H.264."""
    height, width = sizes.picture
    write(path, width, height, sizes.frames)
    start = time.perf_counter()
    count = sum(len(block.frames) for block in decode(path))
    yield f"decoded by a process, {width}x{height}, frames a second", round(count / (time.perf_counter() - start))
    offered = hwdevices_available()
    yield "decoders of cards that PyAV offers", ", ".join(offered) or "none"
    if device.type == "cuda" and "cuda" in offered:
        try:
            start = time.perf_counter()
            with av.open(path, hwaccel=HWAccel("cuda", allow_software_fallback=False)) as container:
                count = sum(1 for frame in container.decode(video=0) if frame.to_ndarray(format="rgb24").size)
            yield "decoded by the card, frames a second", round(count / (time.perf_counter() - start))
        except (av.FFmpegError, RuntimeError, ValueError) as error:
            yield "decoded by the card", f"not possible ({error})"


def narrowest(found: dict[str, Any]) -> str:
    """Which part of the way from a file to features is the slowest, in words."""
    encoded = found["encode, frames a second"]
    bare = max(value for name, value in found.items() if name.startswith("bare tower") and name.endswith("a second"))
    decoded = next(value for name, value in found.items() if name.startswith("decoded by a process"))
    processes = max(1, round(encoded / decoded + 0.49))
    share = (
        "the tower itself: a faster card or fewer frames help"
        if encoded > 0.8 * bare
        else f"what is around the tower: encode reaches {encoded / bare:.0%} of the bare tower, see copies and resizing"
    )
    return f"on the card, {share}; decoding keeps up with {processes} processes of this machine's cores"


def a_second(work: Callable[[], object], device: torch.device, sizes: Sizes) -> float:
    """How often `work` is done a second, without the first two times."""
    for _ in range(2):
        work()
    finish(device)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < sizes.seconds:
        for _ in range(4):
            work()
        finish(device)
        done += 4
    return done / (time.perf_counter() - start)


def finish(device: torch.device) -> None:
    """Wait for what the device still computes."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def frames_of(count: int, height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


if __name__ == "__main__":
    sys.exit(main())
