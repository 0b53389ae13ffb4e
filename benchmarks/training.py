"""How much of a training step is the model: `python benchmarks/training.py [--steps 20]`.

Prints, from one run on drawn features of CLIP's width (4 scenes x 30 segments x 16 frames x 768): the milliseconds of a
step, the same with the batch already at hand (the floor: forward, loss, backward, Adam), their ratio, and what drawing
and gathering the batch costs; in float32 and, if the machine has it, in bfloat16.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from scenewise.checksums import record_checksums
from scenewise.device import pick_device, pick_dtype
from scenewise.encoders import Fingerprint
from scenewise.features.blocks import Block, write_block
from scenewise.features.store import VIDEO_JSON, FeatureStore, StoredVideo, write_store
from scenewise.files import write_json
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.autoencoder.variational import build_model
from scenewise.methods.segments.model import SegmentModel
from scenewise.methods.segments.training import training_step
from scenewise.methods.segments.training_footage import Footage, prepare

WIDTH, FRAMES = 768, 1500


def drawn_store(folder: Path) -> FeatureStore:
    """Four scenes of two videos, features drawn at random."""
    random = np.random.default_rng(0)
    videos = []
    for scene in "abcd":
        for name in "01":
            own = folder / "train" / scene / name
            features = random.normal(size=(FRAMES, WIDTH)).astype(np.float16)
            write_block(own, Block(0, features, np.arange(FRAMES) / 25, np.zeros(FRAMES, np.uint8)), {})
            write_json(own / VIDEO_JSON, {"format": 1})
            record_checksums(own, [VIDEO_JSON])
            videos.append(
                StoredVideo(scene, name, "train", 25.0, FRAMES, 0, WIDTH, None, FRAMES, own, "drawn", None, None)
            )
    store = FeatureStore(folder, Fingerprint({"kind": "drawn"}, {}), tuple(videos), {}, ())
    write_store(store)
    return store


def milliseconds(call: Callable[[int], object], steps: int) -> float:
    """Mean of `steps` calls after three to warm up."""
    for step in range(3):
        call(step)
    began = time.perf_counter()
    for step in range(steps):
        call(step)
    return (time.perf_counter() - began) / steps * 1000


def bare_step(
    model: SegmentModel,
    optimiser: torch.optim.Optimizer,
    segments: torch.Tensor,
    scenes: torch.Tensor,
    dtype: torch.dtype,
    step: int,
) -> None:
    """Forward, loss, backward and Adam on a batch that is there already."""
    with torch.autocast(segments.device.type, dtype, enabled=dtype != torch.float32):
        loss = model.losses(segments, scenes, step)["loss"]
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def whole_step(
    model: SegmentModel,
    optimiser: torch.optim.Optimizer,
    footage: Footage,
    settings: AutoencoderSettings,
    dtype: torch.dtype,
    step: int,
) -> None:
    """What `scenewise train` does in a step."""
    training_step(model, optimiser, footage, settings, step, next(model.parameters()).device, dtype)


def draw(footage: Footage, settings: AutoencoderSettings, step: int) -> None:
    """Draw a batch and gather its segments."""
    footage.table.gather(footage.sampler.batch(step).starts, settings.segment_length)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20)
    steps = parser.parse_args().steps
    device = pick_device("auto")
    settings = AutoencoderSettings()
    with tempfile.TemporaryDirectory() as folder:
        footage = prepare(drawn_store(Path(folder)), settings)
    for dtype in sorted({torch.float32, pick_dtype("auto", device)}, key=str, reverse=True):
        torch.manual_seed(0)
        model = build_model(WIDTH, len(footage.scenes), settings).to(device)
        optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=device.type != "mps")
        batch = footage.sampler.batch(0)
        segments = torch.from_numpy(footage.table.gather(batch.starts, settings.segment_length)).to(device)
        scenes = torch.from_numpy(batch.scenes).to(device)

        floor = milliseconds(partial(bare_step, model, optimiser, segments, scenes, dtype), steps)
        full = milliseconds(partial(whole_step, model, optimiser, footage, settings, dtype), steps)
        drawing = milliseconds(partial(draw, footage, settings), steps)
        print(
            f"{str(dtype).removeprefix('torch.'):9} step {full:6.1f} ms, floor {floor:6.1f} ms, "
            f"ratio {full / floor:.2f}; batch drawn and gathered in {drawing:.1f} ms"
        )


if __name__ == "__main__":
    main()
