"""The autoencoder: reconstruction of segments, and losses that contrast scenes by their latent codes."""

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.segments.losses import supervised_contrastive
from scenewise.methods.segments.model import reconstruction_error
from scenewise.methods.segments.transformer import TransformerModel


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

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Reconstruction error of each frame, (B, T), whatever the objective."""
        reconstruction: Reconstruction = self(segments)
        return reconstruction_error(reconstruction.inputs, reconstruction.outputs)

    def embedding(self, segments: Tensor) -> Tensor:
        """The latent codes' mean over the frames, (B, Z); of a variational model the mean of their means."""
        embedding: Tensor = self(segments).embedding
        return embedding
