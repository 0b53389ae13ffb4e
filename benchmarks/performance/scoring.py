"""Scoring 40,000 frames from features by a trained autoencoder: ours, and one segment a call."""

import tempfile
from pathlib import Path

import numpy as np
import torch
from training import WIDTH, drawn_store

from performance.figure import Figure, in_turn, times
from scenewise.device import CPU
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.autoencoder.variational import build_model
from scenewise.methods.scores import Chunk
from scenewise.methods.segments.scorer import ALL_SCENES, SegmentScorer
from scenewise.methods.segments.training_footage import prepare

FRAMES = 40_000
SHARE = 50
"""The plain code does one of so many parts: its time is linear in the frames."""


def measure() -> list[Figure]:
    """A model of the published width, not trained: that takes as long."""
    settings = AutoencoderSettings()
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as name:
        footage = prepare(drawn_store(Path(name)), settings)
    model = build_model(WIDTH, len(footage.scenes), settings).eval()
    scorer = SegmentScorer({ALL_SCENES: model}, footage.scenes, settings, CPU)
    features = np.random.default_rng(0).normal(size=(FRAMES, WIDTH)).astype(np.float16)
    some = features[: FRAMES // SHARE]

    def plain() -> None:
        length = settings.segment_length
        with torch.inference_mode():
            for start in range(0, len(some) - length + 1, settings.stride):
                segment = torch.from_numpy(some[None, start : start + length].astype(np.float32))
                model.frame_errors(segment, torch.zeros(1, dtype=torch.int64)).numpy()

    def ours() -> None:
        chunks = (Chunk(features[first : first + 2048], None) for first in range(0, FRAMES, 2048))
        for _ in scorer.stream(chunks, 25.0, footage.scenes[0]):
            pass

    slow, fast = in_turn([plain, ours])
    note = f"{FRAMES / fast.clock:,.0f} frames a second, {len(some) / slow.clock:,.0f} plain"
    return [
        times(slow.clock * SHARE / fast.clock, "scoring 40,000 frames from features", "one segment a call", 30, note)
    ]
