"""After MemAE (Gong et al., ICCV 2019), on features: an autoencoder whose bottleneck reads a memory of normal patterns.

Each frame's latent code is a query. The decoder sees what the query reads from the memory, never the query itself, so
that what is unlike all normal patterns is reconstructed as something normal. Scored is the reconstruction error, as in
the paper. What differs: queries are the latent codes of frames, where the paper has those of places in a clip of
pixels, and the network between is this program's Transformer.

`--compact-weight` and `--separate-weight` add the losses of MNAD (Park et al., CVPR 2020), which pull a query to its
nearest item and push it from the second nearest. There a rule moves the items; here the gradient does, as in MemAE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from scenewise.config import require_between
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.memory import entropy, read_memory
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import reconstruction_error
from scenewise.methods.segments.settings import TransformerSettings
from scenewise.methods.segments.transformer import TransformerModel

TINY = 1e-12


@dataclass(frozen=True)
class MemoryAutoencoderSettings(TransformerSettings):
    """`scenewise train --method memory-autoencoder`."""

    items: int = 200
    """Normal patterns in the memory (N)."""
    shrinkage: float = 1.0
    """Addressing weights below this many times 1/N are cut to zero; the paper's range is 1 to 3, 0 cuts none."""
    entropy_weight: float = 2e-4
    """Weight of the entropy of the addressing weights, which makes a query read few items."""
    compact_weight: float = 0.0
    """Weight of the distance of a query to its nearest item; MNAD's is 0.1."""
    separate_weight: float = 0.0
    """Weight of the triplet loss of a query, its nearest and its second nearest item; MNAD's is 0.1."""
    margin: float = 1.0
    """By how much the second nearest item should be farther than the nearest, in lengths of a query."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 2, 100_000, "items")
        require_between(self, 0, 10, "shrinkage")
        require_between(self, 0, 1e6, "entropy_weight", "compact_weight", "separate_weight", "margin")


def compact_and_separate(queries: Tensor, items: Tensor, margin: float) -> tuple[Tensor, Tensor]:
    """MNAD's two losses, scalars >= 0, of queries (..., Z) and N >= 2 items (N, Z), all scaled to length 1.

    Compactness is the mean distance of a query to its nearest item, separateness the mean of how much less than
    `margin` the second nearest is farther away (MNAD; there sums).
    """
    queries, items = functional.normalize(queries, dim=-1).flatten(0, -2), functional.normalize(items, dim=-1)
    two = (queries @ items.T).topk(2, dim=-1).indices
    # Not by `cdist`, whose gradient is infinite where a query meets its item.
    distances = ((queries[:, None] - items[two]).square().sum(dim=-1) + TINY).sqrt()
    return distances[:, 0].mean(), (distances[:, 0] - distances[:, 1] + margin).clamp(min=0).mean()


class MemoryAutoencoder(TransformerModel):
    """The shared Transformer with a memory for a bottleneck."""

    def __init__(self, feature_width: int, settings: MemoryAutoencoderSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, settings)
        self.settings = settings
        self.memory = nn.Parameter(torch.randn(settings.items, settings.latent) / settings.latent**0.5)

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """Reconstruction and entropy, and MNAD's two losses if they have a weight."""
        settings, inputs = self.settings, self.standardised(segments)
        queries = self.codes(inputs).float()
        read = read_memory(queries, self.memory, settings.shrinkage)
        error = reconstruction_error(inputs, self.decode(read.values).float()).mean()
        spread = entropy(read.weights).mean()
        losses = {
            "loss": error + settings.entropy_weight * spread,
            "reconstruction_loss": error,
            "addressing_entropy": spread,
        }
        if settings.compact_weight or settings.separate_weight:
            compact, separate = compact_and_separate(queries, self.memory, settings.margin)
            losses |= {"compact_loss": compact, "separate_loss": separate}
            losses["loss"] = losses["loss"] + settings.compact_weight * compact + settings.separate_weight * separate
        return losses

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Reconstruction error of each frame, (B, T)."""
        inputs = self.standardised(segments)
        read = read_memory(self.codes(inputs), self.memory, self.settings.shrinkage)
        return reconstruction_error(inputs, self.decode(read.values).float())


class MemoryAutoencoderMethod(SegmentMethod):
    """Reconstruction error by way of a memory."""

    name = "memory-autoencoder"
    summary = "reconstructs segments of frames from a memory of normal patterns; the score is the reconstruction error"
    Settings: ClassVar[type[CommonSettings]] = MemoryAutoencoderSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "memory-autoencoder/scene": {"scope": "scene"},
        "memory-autoencoder/separate": {"compact_weight": 0.1, "separate_weight": 0.1},
    }

    def build(self, widths: Widths, scenes: int, settings: MemoryAutoencoderSettings) -> MemoryAutoencoder:
        """One memory for all the scenes that it is trained on."""
        return MemoryAutoencoder(widths.features, settings)
