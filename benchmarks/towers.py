"""ViT-L/14 on this machine's CPU, decoding included: plain code, and a vision tower in every precision.

    python benchmarks/towers.py [--out towers.json]

The weights are random and of the true shape: nothing is downloaded, and they take as long. The footage is a rendered
street. In turn, so that all meet the same machine, each way decodes and encodes a few frames: the plain code in this
script, which is what a researcher would write (PyAV, the library's processor and tower, float32, one frame a call), and
ours. Medians of --rounds go to standard output, or to --out, as JSON; progress goes to standard error.

Beside other work the clock means little, and threads that wait for each other burn time: `taskset -c 0 python ...` then
measures one core, by `processor_seconds`. The floor is the time of the tower's multiplications alone, at the rate that
OpenVINO multiplies large matrices at, measured in the same run.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
import openvino as ov
import torch
import transformers
from numpy.typing import NDArray
from openvino import opset13 as operations

from encoders import VIT_L, machine
from scenewise.config import ExtractConfig, StreetConfig
from scenewise.device import CPU, computes_bfloat16
from scenewise.encoders import Encoder
from scenewise.encoders.calibrate_tower import open_float_tower
from scenewise.encoders.int8_tower import agreement, quantise
from scenewise.encoders.tower_cache import write_tower
from scenewise.encoders.vision_tower import VisionTower
from scenewise.errors import ScenewiseError
from scenewise.street import render_street
from scenewise.video.decode import decode

FRAMES = {"plain": 4, "int8": 16}
"""Frames that a way encodes a round; 8 by default."""
TARGETS = {"float32": 1.3, "bfloat16": 4.0, "int8": 7.0}
"""Times as fast as the plain code; int8 with VNNI, else 2.5."""
LAYERS, ROWS, SIDE = 4, 1028, 2048
"""Of the matrices whose multiplication is measured."""


Way = Callable[[Path, int], int]
"""(video, count): decodes and encodes its first `count` frames, and says how many those were."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    parser.add_argument("--street", type=Path, help="a street that `scenewise street` rendered, instead of a new one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calibrate-on", type=int, default=18, help="frames for int8, a third of them for its check")
    arguments = parser.parse_args()
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"  # converted anew, and gone afterwards
        result = measure(Path(folder), arguments.street, arguments.rounds, arguments.calibrate_on)
    text = json.dumps(result, indent=1)
    if arguments.out:
        arguments.out.write_text(text + "\n")
    else:
        print(text)


def measure(folder: Path, street: Path | None, rounds: int, calibrate_on: int) -> dict[str, Any]:
    """All figures; `folder` is for what is rendered, converted and calibrated."""
    said("rendering the street, making and converting the tower")
    videos = footage(street or rendered(folder / "street"))
    weights = random_tower(folder / "tower", VIT_L)
    ways: dict[str, Way] = {"plain": plain(weights)}
    ways["torch float32, batched"] = ours(VisionTower(str(weights), device="cpu", precision="float32", through="torch"))
    ways["float32"] = ours(VisionTower(str(weights), device="cpu", precision="float32"))
    if computes_bfloat16(CPU):
        ways["bfloat16"] = ours(VisionTower(str(weights), device="cpu", precision="bfloat16"))
    agreed, why_not = None, None
    try:
        int8, agreed = int8_tower(folder, weights, videos, calibrate_on)
        ways["int8"] = ours(int8)
    except ScenewiseError as error:
        why_not = str(error)
        said(why_not)
    precisions = [name for name in ("float32", "bfloat16", "int8") if name in ways]
    rates: dict[str, list[float]] = {name: [] for name in precisions}
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    multiply = {name: multiplication(name) for name in precisions}
    for number in range(rounds + 1):  # the first one warms up
        for precision, run in multiply.items():
            _, processor = seconds(run)
            rates[precision].append(2 * LAYERS * ROWS * SIDE**2 / processor / 1e9)
        for name, way in ways.items():
            count = FRAMES.get(name, 8) if number else 2
            clock, processor = seconds(partial(way, videos[0], count))
            if number:
                spent[name].append((clock / count, processor / count))
                said(f"round {number}: {name}: {count / clock:.2f} images a second, {processor / count:.2f} s a core")
    rate = {name: max(values) for name, values in rates.items()}
    return {
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
        "load_when_it_ended": os.getloadavg()[0],
        "gflop_an_image": round(gflop(VIT_L), 1),
        "gflop_a_processor_second": {name: round(value, 1) for name, value in rate.items()},
        "ways": {name: figures(name, spent, rate) for name in ways},
        "targets_in_times_of_plain": TARGETS,
        "int8_agreement": agreed,
        "int8_not_measured": why_not,
    }


def figures(name: str, spent: dict[str, list[tuple[float, float]]], rate: dict[str, float]) -> dict[str, Any]:
    """Of one way: medians, ratios of the same run, and its share of the floor."""
    clock, processor = (median(column) for column in zip(*spent[name], strict=True))
    against = [median(column) for column in zip(*spent["plain"], strict=True)]
    floor = gflop(VIT_L) / rate[name if name in rate else "float32"]
    return {
        "images_a_second": round(1 / clock, 3),
        "seconds": round(clock, 4),
        "processor_seconds": round(processor, 4),
        "times_plain": round(against[0] / clock, 2),
        "times_plain_processor": round(against[1] / processor, 2),
        "floor_processor_seconds": round(floor, 4),
        "share_of_floor": round(floor / processor, 2),
    }


def plain(weights: Path) -> Way:
    """What a researcher would write: one frame a call, float32."""
    model = transformers.CLIPVisionModelWithProjection.from_pretrained(weights).eval()  # type: ignore[no-untyped-call]
    processor = transformers.CLIPImageProcessorPil(do_center_crop=False, size={"height": 224, "width": 224})

    def run(video: Path, count: int) -> int:
        features = []
        with av.open(video) as container, torch.no_grad():
            for frame in container.decode(video=0):
                picture = frame.to_image()  # type: ignore[no-untyped-call]
                pixels = processor(picture, return_tensors="pt")["pixel_values"]
                features.append(model(pixel_values=pixels).image_embeds[0].numpy())
                if len(features) == count:
                    break
        return len(np.stack(features))

    return run


def ours(encoder: Encoder) -> Way:
    """Frames as `decode` gives them, in the batches that suit the encoder."""

    def run(video: Path, count: int) -> int:
        return len(np.concatenate([encoder.encode(block).features for block in blocks(video, count)]))

    return run


def blocks(video: Path, count: int) -> Iterator[NDArray[np.uint8]]:
    """The first `count` frames, as they are decoded."""
    left = count
    for block in decode(video):
        frames = block.frames[:left]
        yield frames
        left -= len(frames)
        if not left:
            return


def int8_tower(folder: Path, weights: Path, videos: list[Path], frames: int) -> tuple[VisionTower, dict[str, float]]:
    """The tower in int8, calibrated on `frames` frames of two of `videos`; and how far it agrees with float32.

    Speed does not depend on the weights: an int8 tower that `extract` would refuse is measured too.
    """
    tower = open_float_tower(ExtractConfig(encoder=str(weights)))
    videos = videos[:2]
    each = max(9, frames // len(videos))
    scenes = {video.parent.name: tower.fitted(np.concatenate([*blocks(video, 2 * each)])[::2]) for video in videos}
    learnt = [tower.normalised(picture[None]).numpy() for part in scenes.values() for picture in part[: 2 * each // 3]]
    graph = quantise(tower.graph(), learnt)
    write_tower(folder / "int8", graph, tower.calibrated_from(), {})
    int8 = VisionTower(str(weights), precision="int8", int8_tower=folder / "int8")
    found = {}
    for scene, part in scenes.items():
        held_out = np.ascontiguousarray(part[2 * each // 3 :].permute(0, 2, 3, 1).numpy())
        found[scene] = round(agreement(tower.encode(held_out).features, int8.encode(held_out).features), 3)
    return int8, found


def rendered(folder: Path) -> Path:
    """A short street in 640x360."""
    render_street(folder, StreetConfig(videos=1, frames=24))
    return folder


def footage(street: Path) -> list[Path]:
    """One training video of each scene."""
    return [min(scene.glob("*.mp4")) for scene in sorted((street / "train").iterdir())]


def random_tower(folder: Path, config: Any) -> Path:
    """A tower of random weights, written to `folder`."""
    torch.manual_seed(0)
    transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder)
    return folder


def gflop(config: Any) -> float:
    """Multiplications and additions that a tower needs for a picture, in billions."""
    width, inner = config.hidden_size, config.intermediate_size
    patches = (config.image_size // config.patch_size) ** 2
    tokens = patches + 1
    layer = tokens * (4 * width**2 + 2 * width * inner) + 2 * tokens**2 * width
    embedded = patches * 3 * config.patch_size**2 * width
    return float(2 * (config.num_hidden_layers * layer + embedded + width * config.projection_dim) / 1e9)


def multiplication(precision: str) -> Callable[[], object]:
    """LAYERS large matrix products, one after the other, as OpenVINO computes them in `precision`."""
    random = np.random.default_rng(0)
    entry = operations.parameter([ROWS, SIDE], np.float32)
    rows = entry
    for _ in range(LAYERS):
        weights = operations.constant(random.normal(0, SIDE**-0.5, (SIDE, SIDE)).astype(np.float32))
        if precision == "int8":
            rows = operations.fake_quantize(rows, *map(np.float32, (-4, 4, -4, 4)), 256)
            weights = operations.fake_quantize(weights, *map(np.float32, (-0.1, 0.1, -0.1, 0.1)), 255)
        rows = operations.matmul(rows, weights, False, True)
    hint = "bf16" if precision == "bfloat16" else "f32"
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": hint}
    compiled = ov.Core().compile_model(ov.Model([rows.output(0)], [entry]), "CPU", settings)
    given = random.normal(size=(ROWS, SIDE)).astype(np.float32)
    return lambda: compiled(given)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of all threads' processor time."""
    start = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def said(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
