"""How near the encoders come to the speed of the bare model on pictures that are already prepared, at 360p.

    SCENEWISE_FOOTAGE=... python benchmarks/bare_models.py

Prints pictures per second of `encode` on 640x360 frames and of the bare model in the same run, and the ratio of
their processor time. On a busy machine only --threads 1 gives a fair one: threads that wait for each other burn time.
The vision tower is a CLIP of ViT-B/32's size with random weights, written to a temporary folder; the openvino encoder
is the MobileNet of the test footage, left out if SCENEWISE_FOOTAGE is unset. EfficientNet-Lite0 is in the box.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import torch
import transformers
from numpy.typing import NDArray

from scenewise.encoders import Encoder
from scenewise.encoders.efficientnet_lite0 import EfficientNetLite0Encoder, load_network, weights_file
from scenewise.encoders.openvino import OpenVinoEncoder
from scenewise.encoders.vision_tower import VisionTower

MOBILENET = "encoders/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="threads of the vision tower")
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=4, help="how often both are measured in turn")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    frames = np.random.default_rng(0).integers(0, 256, (arguments.frames, 360, 640, 3), dtype=np.uint8)

    with tempfile.TemporaryDirectory() as folder:
        config = transformers.CLIPVisionConfig(patch_size=32, projection_dim=512)
        transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder)
        for regions in (None, (7, 7)):
            tower = VisionTower(folder, regions=regions, device="cpu")
            report(
                f"ViT-B/32, {tower.execution['precision']}",
                tower,
                frames,
                bare_tower(folder, tower),
                regions,
                arguments.rounds,
            )

    in_the_box = EfficientNetLite0Encoder(precision="float32")
    network = converted()
    report("EfficientNet-Lite0, float32", in_the_box, frames, bare_openvino(network), None, arguments.rounds)

    footage = os.environ.get("SCENEWISE_FOOTAGE")
    if footage is None:
        print("MobileNet left out: SCENEWISE_FOOTAGE is unset")
        return
    file = Path(footage) / MOBILENET
    for regions in (None, (7, 7)):
        report(
            "MobileNet, int8",
            OpenVinoEncoder(file, regions=regions),
            frames,
            bare_openvino(file),
            regions,
            arguments.rounds,
        )


def bare_tower(folder: str, tower: VisionTower) -> Callable[[int], None]:
    """The library's forward on pixel values that are ready, in the tower's batches."""
    precision = torch.bfloat16 if tower.execution["precision"] == "bfloat16" else torch.float32
    model = transformers.CLIPVisionModelWithProjection.from_pretrained(folder, dtype=precision)
    pixels = torch.randn(tower.batch, 3, 224, 224, dtype=precision)

    def run(count: int) -> None:
        with torch.inference_mode():
            for _ in range(count // tower.batch):
                model(pixel_values=pixels)

    return run


def converted() -> ov.Model:
    """The network of the encoder in the box, for pictures that are normalised already."""
    network, _ = load_network(weights_file())
    return ov.convert_model(network, example_input=torch.zeros(1, 3, 224, 224), input=[1, 3, 224, 224])


def bare_openvino(model: Path | ov.Model) -> Callable[[int], None]:
    """As many requests at once as OpenVINO finds best, on one picture that is ready, results left where they are."""
    settings = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.Core().compile_model(model, "CPU", settings)
    requests = ov.AsyncInferQueue(compiled)
    form = compiled.input(0)
    levels = np.random.default_rng(0).integers(0, 256, tuple(form.shape), dtype=np.uint8)
    picture = levels if form.element_type == ov.Type.u8 else (levels.astype(np.float32) - 127) / 128

    def run(count: int) -> None:
        for _ in range(count):
            requests.start_async({0: picture})
        requests.wait_all()

    return run


def report(
    name: str,
    encoder: Encoder,
    frames: NDArray[np.uint8],
    bare: Callable[[int], None],
    regions: tuple[int, int] | None,
    rounds: int,
) -> None:
    """Measure `encoder` and the bare model in turn, so that both meet the same machine, and print the fastest runs."""
    encoder.encode(frames[: encoder.batch])
    bare(encoder.batch)
    encoded, floor = [], []
    for _ in range(rounds):
        encoded.append(seconds(lambda: encoder.encode(frames)))
        floor.append(seconds(lambda: bare(len(frames))))
    (wall, processor), (bare_wall, bare_processor) = (map(min, zip(*runs, strict=True)) for runs in (encoded, floor))
    grid = f", regions {regions[0]}x{regions[1]}" if regions else ""
    print(
        f"{name}{grid}: {len(frames) / wall:.0f} pictures per second, bare model {len(frames) / bare_wall:.0f}; "
        f"{bare_processor / processor:.2f} of its speed"
    )


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of all threads' processor time."""
    start = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start[0], time.process_time() - start[1]


if __name__ == "__main__":
    main()
