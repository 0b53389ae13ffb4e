"""The Transformer autoencoder that methods share: segments through a narrow latent space and back.

Methods that differ in their idea alone have it in common, so that a table compares ideas and not sizes of networks.
"""

import torch
from torch import Tensor, nn

from scenewise.errors import ConfigError
from scenewise.methods.segments.model import SegmentModel, reconstruction_error
from scenewise.methods.segments.settings import TransformerSettings


class TransformerModel(SegmentModel):
    """Input projection, learned positions, Transformer encoder, latent codes (B, T, Z), and the same way back."""

    def __init__(self, feature_width: int, settings: TransformerSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width)
        width = model_width(feature_width, settings)
        self.project_in = nn.Linear(feature_width, width)
        self.positions = nn.Parameter(torch.randn(settings.segment_length, width) * 0.02)
        self.encoder = transformer(width, settings)
        self.to_latent = nn.Linear(width, settings.latent)
        self.from_latent = nn.Linear(settings.latent, width)
        self.decoder_positions = nn.Parameter(torch.randn(settings.segment_length, width) * 0.02)
        self.decoder = transformer(width, settings)
        self.project_out = nn.Linear(width, feature_width)

    def contexts(self, inputs: Tensor) -> Tensor:
        """Each frame in the light of its segment, (B, T, width), of standardised segments (B, T, D)."""
        contexts: Tensor = self.encoder(self.project_in(inputs) + self.positions)
        return contexts

    def codes(self, inputs: Tensor) -> Tensor:
        """Latent codes (B, T, Z) of standardised segments (B, T, D)."""
        codes: Tensor = self.to_latent(self.contexts(inputs))
        return codes

    def decode(self, codes: Tensor) -> Tensor:
        """Standardised segments (B, T, D) from latent codes (B, T, Z)."""
        outputs: Tensor = self.project_out(self.decoder(self.from_latent(codes) + self.decoder_positions))
        return outputs

    def reconstruct(self, inputs: Tensor) -> Tensor:
        """Standardised segments (B, T, D) from themselves."""
        return self.decode(self.codes(inputs)).float()

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """Plain reconstruction, for methods that say nothing else."""
        error = self.frame_errors(segments, scenes).mean()
        return {"loss": error, "reconstruction_loss": error}

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Reconstruction error of each frame, (B, T)."""
        inputs = self.standardised(segments)
        return reconstruction_error(inputs, self.reconstruct(inputs))

    def embedding(self, segments: Tensor) -> Tensor:
        """The latent codes' mean over the frames, (B, Z)."""
        return self.codes(self.standardised(segments)).mean(dim=1)


def model_width(feature_width: int, settings: TransformerSettings) -> int:
    """The Transformer's width that `settings.width` means. Raises ConfigError."""
    if settings.width != "native" and not (settings.width.isdigit() and int(settings.width) > 0):
        raise ConfigError(f"--width: expected a number or native, got {settings.width!r}")
    width = feature_width if settings.width == "native" else int(settings.width)
    if width % settings.heads:
        raise ConfigError(f"--width {width} is no multiple of --heads {settings.heads}; change one of them")
    return width


def transformer(width: int, settings: TransformerSettings) -> nn.TransformerEncoder:
    """Layers that see a whole segment, (B, T, width) to (B, T, width)."""
    layer = nn.TransformerEncoderLayer(width, settings.heads, settings.feed_forward, settings.dropout, batch_first=True)
    return nn.TransformerEncoder(layer, settings.layers, enable_nested_tensor=False)
