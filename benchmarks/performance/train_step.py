"""Training at the published width: what supplying a batch costs, and a step beside its floor and plain float32.

The plain supply is that of many published loaders: an HDF5 file with a data set a frame, from which each segment is
read frame by frame when its batch is due.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import torch
from training import WIDTH, bare_step, drawn_store, whole_step

from performance.figure import Figure, in_turn, times
from scenewise.device import CPU, pick_dtype
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.autoencoder.variational import build_model
from scenewise.methods.segments.training_footage import Footage, prepare


def measure() -> list[Figure]:
    """Four scenes x 30 segments x 16 frames x 768."""
    settings = AutoencoderSettings()
    with tempfile.TemporaryDirectory() as name:
        store = drawn_store(Path(name))
        footage = prepare(store, settings)
        file = Path(name) / "frames.h5"
        with h5py.File(file, "w") as frames:
            rows = footage.table.gather(np.arange(len(footage.table)), 1)[:, 0]
            for number, row in enumerate(rows):
                frames.create_dataset(str(number), data=row)
        supply = [partial(_plain_batch, file, footage, settings), partial(_our_batch, footage, settings)]
        plain, ours = in_turn(supply)
    figures = [
        times(
            plain.clock / ours.clock,
            "supplying a training batch (120 segments x 16 frames x 768)",
            "one HDF5 data set a frame, read when the batch is due",
            100,
            f"{1000 * ours.clock:.2f} ms, {1000 * plain.clock:.0f} ms plain",
        )
    ]
    return figures + _steps(footage, settings)


def _steps(footage: Footage, settings: AutoencoderSettings) -> list[Figure]:
    batch = footage.sampler.batch(0)
    segments = torch.from_numpy(footage.table.gather(batch.starts, settings.segment_length))
    scenes = torch.from_numpy(batch.scenes)
    calls: list[Callable[[], object]] = []
    formats = sorted({torch.float32, pick_dtype("auto", CPU)}, key=str, reverse=True)
    for dtype in formats:
        torch.manual_seed(0)
        model = build_model(WIDTH, len(footage.scenes), settings)
        optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True)
        calls.append(partial(bare_step, model, optimiser, segments, scenes, dtype, 0))
        calls.append(partial(whole_step, model, optimiser, footage, settings, dtype, 0))
    spent = in_turn(calls, rounds=5)
    floor, whole = spent[0], spent[1]
    ratio = whole.clock / floor.clock
    figures = [
        Figure(
            "a training step in float32",
            "the same model and loss on a batch that is there already: the floor",
            ratio,
            "times the floor",
            "at most 1.1",
            ratio <= 1.1,
            f"{1000 * whole.clock:.0f} ms, floor {1000 * floor.clock:.0f} ms",
        )
    ]
    if len(formats) == 2:
        fast = whole.clock / spent[3].clock
        figures.append(times(fast, "a training step in bfloat16", "the step in float32", 2.4))
    return figures


def _our_batch(footage: Footage, settings: AutoencoderSettings) -> None:
    footage.table.gather(footage.sampler.batch(1).starts, settings.segment_length)


def _plain_batch(file: Path, footage: Footage, settings: AutoencoderSettings) -> None:
    with h5py.File(file) as frames:
        for start in footage.sampler.batch(1).starts:
            np.stack([frames[str(start + place)][()] for place in range(settings.segment_length)])
