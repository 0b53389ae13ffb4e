"""The autoencoder: reconstruction of segments, and losses that contrast scenes by their latent codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from scenewise.methods.autoencoder.normal_codes import NormalCodes, evenly_spread
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.segments.losses import supervised_contrastive
from scenewise.methods.segments.model import reconstruction_error
from scenewise.methods.segments.transformer import TransformerModel

if TYPE_CHECKING:
    from scenewise.methods.segments.feature_table import FeatureTable
    from scenewise.methods.segments.training_footage import Footage

BATCH = 256
"""Segments at a time after training."""


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


class Autoencoder(TransformerModel):
    """The Transformer autoencoder, with a classifier of scenes beside it."""

    def __init__(self, feature_width: int, scenes: int, settings: AutoencoderSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, settings)
        self.settings = settings
        self.classify = nn.Linear(settings.latent, scenes)
        self.needs_scene = settings.score != "reconstruction"
        if self.needs_scene:
            self.normal_codes = NormalCodes(scenes, settings.latent)

    def forward(self, segments: Tensor) -> Reconstruction:
        """Reconstruct segments (B, T, D) of raw features."""
        inputs = self.standardised(segments)
        codes = self.codes(inputs)
        embedding = codes.mean(dim=1)
        return Reconstruction(inputs, self.decode(codes).float(), embedding, self.classify(embedding))

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """The terms that the objective asks for."""
        return self.objective_losses(self(segments), scenes)

    def objective_losses(self, reconstruction: Reconstruction, scenes: Tensor) -> dict[str, Tensor]:
        """The terms that the objective asks for, unweighted, and their weighted sum `loss`."""
        settings = self.settings
        error = reconstruction_error(reconstruction.inputs, reconstruction.outputs).mean()
        losses = {"loss": settings.reconstruction_weight * error, "reconstruction_loss": error}
        if settings.contrasts:
            contrastive = supervised_contrastive(reconstruction.embedding, scenes, settings.temperature)
            losses["contrastive_loss"] = contrastive
            losses["loss"] = losses["loss"] + settings.contrastive_weight * contrastive
        if settings.objective == "contrastive+classification":
            classification = functional.cross_entropy(reconstruction.scene_logits.float(), scenes)
            losses["classification_loss"] = classification
            losses["loss"] = losses["loss"] + settings.classification_weight * classification
        return losses

    def held_out_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Reconstruction error of each frame, (B, T), whatever the objective and the score."""
        reconstruction: Reconstruction = self(segments)
        return reconstruction_error(reconstruction.inputs, reconstruction.outputs)

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """What `settings.score` says, (B, T)."""
        if self.settings.score == "reconstruction":
            return self.held_out_errors(segments, scenes)
        errors, distances = self._terms(segments, scenes)
        if self.settings.score == "latent":
            return distances
        return self.normal_codes.sum_of_terms(errors, distances, scenes)

    def after_training(self, footage: Footage) -> None:
        """Sample the normal codes of each scene, and measure the two terms of held-out normal frames."""
        if not self.needs_scene:
            return
        for scene, starts in enumerate(footage.sampler.starts):
            chosen = self._cut(footage.table, evenly_spread(starts))
            codes = torch.cat([self.codes(self.standardised(part)) for part in chosen])
            # One frame of each segment, at every place in it in turn.
            places = torch.arange(len(codes), device=codes.device)
            self.normal_codes.remember(scene, codes[places, places % codes.shape[1]])
            held_out = self._cut(footage.held_out, footage.held_out_starts[footage.held_out_scenes == scene])
            terms = [self._terms(part, torch.full((len(part),), scene, device=part.device)) for part in held_out]
            errors, distances = (torch.cat(term).flatten() for term in zip(*terms, strict=True))
            self.normal_codes.calibrate(scene, errors, distances)

    def _terms(self, segments: Tensor, scenes: Tensor) -> tuple[Tensor, Tensor]:
        """Reconstruction error of each frame, and distance of its code to its scene's normal ones, (B, T) each."""
        inputs = self.standardised(segments)
        codes = self.codes(inputs)
        errors = reconstruction_error(inputs, self.decode(codes).float())
        return errors, self.normal_codes.distance(codes, scenes)

    def _cut(self, table: FeatureTable, starts: NDArray[np.int64]) -> Iterator[Tensor]:
        """Segments (b, T, D) of `table` that begin at `starts`, BATCH at a time."""
        parts = np.array_split(starts, -(-len(starts) // BATCH))
        for part in parts:
            yield torch.from_numpy(table.gather(part, self.settings.segment_length)).to(self.mean.device)

    def embedding(self, segments: Tensor) -> Tensor:
        """The latent codes' mean over the frames, (B, Z); of a variational model the mean of their means."""
        embedding: Tensor = self(segments).embedding
        return embedding
