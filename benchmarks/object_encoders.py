"""How many objects a second each object encoder encodes.

    SCENEWISE_FOOTAGE=... python benchmarks/object_encoders.py

Prints crops per second on the clock and milliseconds of processor time a crop. OpenVINO takes all cores (`taskset -c 0`
gives it one). The vision tower is a CLIP of ViT-B/16's size with random weights, written to a temporary folder; the
openvino model is the MobileNet of the test footage, left out if SCENEWISE_FOOTAGE is unset.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import transformers

from scenewise.encoders import ObjectEncoder
from scenewise.encoders.openvino_object_encoder import OpenVinoObjectEncoder
from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder
from scenewise.encoders.tower_object_encoder import TowerObjectEncoder
from scenewise.encoders.vision_tower import VisionTower

MOBILENET = "encoders/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="threads of the vision tower")
    parser.add_argument("--device", default="cpu", help="of the vision tower")
    parser.add_argument("--crops", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=4, help="of which the fastest counts")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    report("shape", ShapeObjectEncoder(), arguments.crops, arguments.rounds)
    with tempfile.TemporaryDirectory() as folder:
        config = transformers.CLIPVisionConfig(patch_size=16, projection_dim=512)
        transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder)
        tower = VisionTower(folder, device=arguments.device)
        name = f"ViT-B/16, {tower.execution['precision']}"
        report(name, TowerObjectEncoder(tower), arguments.crops, arguments.rounds)
    footage = os.environ.get("SCENEWISE_FOOTAGE")
    if footage is None:
        print("MobileNet left out: SCENEWISE_FOOTAGE is unset")
        return
    report("MobileNet, int8", OpenVinoObjectEncoder(Path(footage) / MOBILENET), arguments.crops, arguments.rounds)


def report(name: str, object_encoder: ObjectEncoder, count: int, rounds: int) -> None:
    """Encode `count` crops `rounds` times and print the fastest."""
    size = object_encoder.size
    crops = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    object_encoder.encode(crops)
    wall, processor = [], []
    for _ in range(rounds):
        start = time.perf_counter(), time.process_time()
        object_encoder.encode(crops)
        wall.append(time.perf_counter() - start[0])
        processor.append(time.process_time() - start[1])
    print(
        f"{name}: {count / min(wall):.0f} crops of {size} x {size} a second, "
        f"{1000 * min(processor) / count:.2f} ms of processor time each; {object_encoder.width} wide"
    )


if __name__ == "__main__":
    main()
