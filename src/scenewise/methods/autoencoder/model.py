"""The Transformer autoencoder: segments through a narrow latent space and back."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scenewise.errors import ConfigError
from scenewise.methods.autoencoder.settings import AutoencoderSettings


class Posterior(NamedTuple):
    """Normal distributions of latent codes, diagonal."""

    mean: Tensor
    """(B, T, Z)."""
    log_variance: Tensor
    """(B, T, Z)."""


class Reconstruction(NamedTuple):
    """What the autoencoder makes of segments (B, T, D)."""

    inputs: Tensor
    """(B, T, D), standardised: what had to be reconstructed."""
    outputs: Tensor
    """(B, T, D)."""
    embedding: Tensor
    """(B, Z), the latent codes' mean over the frames; the contrastive loss works on it."""
    scene_logits: Tensor
    """(B, S)."""
    posterior: Posterior | None = None
    """Of the latent codes, if the model is variational."""


class Autoencoder(nn.Module):
    """Input projection, learned positions, Transformer encoder, latent codes (B, T, Z), and the same way back.

    Features are standardised by `mean` and `deviation` (D,), which travel with the weights.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, feature_width: int, scenes: int, settings: AutoencoderSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__()
        width = model_width(feature_width, settings)
        self.register_buffer("mean", torch.zeros(feature_width))
        self.register_buffer("deviation", torch.ones(feature_width))
        self.project_in = nn.Linear(feature_width, width)
        self.positions = nn.Parameter(torch.randn(settings.segment_length, width) * 0.02)
        self.encoder = _transformer(width, settings)
        self.to_latent = nn.Linear(width, settings.latent)
        self.from_latent = nn.Linear(settings.latent, width)
        self.decoder_positions = nn.Parameter(torch.randn(settings.segment_length, width) * 0.02)
        self.decoder = _transformer(width, settings)
        self.project_out = nn.Linear(width, feature_width)
        self.classify = nn.Linear(settings.latent, scenes)

    def standardise(self, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> None:
        """Take the statistics (D,) of the training features."""
        self.mean.copy_(torch.from_numpy(mean))
        self.deviation.copy_(torch.from_numpy(deviation))

    def forward(self, segments: Tensor) -> Reconstruction:
        """Reconstruct segments (B, T, D) of raw features."""
        inputs = self.standardised(segments)
        codes = self.to_latent(self.contexts(inputs))
        embedding = codes.mean(dim=1)
        return Reconstruction(inputs, self.decode(codes).float(), embedding, self.classify(embedding))

    def standardised(self, segments: Tensor) -> Tensor:
        """Segments (B, T, D) of raw features on the scale of the training features."""
        return (segments.float() - self.mean) / self.deviation

    def contexts(self, inputs: Tensor) -> Tensor:
        """Each frame in the light of its segment, (B, T, width), of standardised segments (B, T, D)."""
        contexts: Tensor = self.encoder(self.project_in(inputs) + self.positions)
        return contexts

    def decode(self, codes: Tensor) -> Tensor:
        """Standardised segments (B, T, D) from latent codes (B, T, Z)."""
        outputs: Tensor = self.project_out(self.decoder(self.from_latent(codes) + self.decoder_positions))
        return outputs


def model_width(feature_width: int, settings: AutoencoderSettings) -> int:
    """The Transformer's width that `settings.width` means. Raises ConfigError."""
    if settings.width != "native" and not (settings.width.isdigit() and int(settings.width) > 0):
        raise ConfigError(f"--width: expected a number or native, got {settings.width!r}")
    width = feature_width if settings.width == "native" else int(settings.width)
    if width % settings.heads:
        raise ConfigError(f"--width {width} is no multiple of --heads {settings.heads}; change one of them")
    return width


def _transformer(width: int, settings: AutoencoderSettings) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(width, settings.heads, settings.feed_forward, settings.dropout, batch_first=True)
    return nn.TransformerEncoder(layer, settings.layers, enable_nested_tensor=False)
