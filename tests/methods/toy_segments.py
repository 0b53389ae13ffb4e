"""Models of segments trained on toys that a test draws, without a store: seconds on a CPU."""

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from scenewise.methods.autoencoder.model import Autoencoder
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.segments.model import SegmentModel

T, SIZES = 8, {"segment_length": 8, "width": "16", "latent": 16, "feed_forward": 16, "dropout": 0.0, "layers": 1}
"""Frames a segment, and a small Transformer."""


def learn(
    model: SegmentModel,
    segments: torch.Tensor,
    steps: int,
    batch: int = 64,
    rate: float = 3e-3,
    of: torch.Tensor | None = None,
) -> SegmentModel:
    """`model` after so many steps on random batches of `segments` (B, T, D), of scenes `of` (B,) or all of one."""
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    of = scene_zero(segments) if of is None else of
    torch.manual_seed(7)
    model.train()
    for step in range(steps):
        rows = torch.randint(len(segments), (batch,))
        drawn, scenes = segments[rows], of[rows]
        optimiser.zero_grad()
        model.losses(drawn, scenes, step)["loss"].backward()
        optimiser.step()
        with torch.no_grad():
            model.after_step(drawn, scenes, step)
    return model.eval()


def plain(width: int) -> SegmentModel:
    """Plain reconstruction with the same Transformer."""
    return Autoencoder(width, 1, AutoencoderSettings(objective="reconstruction", **SIZES))


def scene_zero(segments: torch.Tensor) -> torch.Tensor:
    """The first scene for each segment, (B,)."""
    return torch.zeros(len(segments), dtype=torch.long)


def auc(model: SegmentModel, normal: torch.Tensor, abnormal: torch.Tensor, of: torch.Tensor | None = None) -> float:
    """Of segments by the mean of their frame errors: how often an abnormal one is above a normal one.

    `of` (B,) are the scenes of the normal ones, and those of as many abnormal ones; by default the first.
    """
    scores = []
    with torch.inference_mode():
        for segments in (normal, abnormal):
            errors = model.frame_errors(segments, scene_zero(segments) if of is None else of)
            scores.append(errors.mean(dim=1).numpy())
    labels = np.repeat([0, 1], [len(part) for part in scores])
    return float(roc_auc_score(labels, np.concatenate(scores)))
