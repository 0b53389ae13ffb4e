"""The variational autoencoder: every frame's latent code is a normal distribution instead of a point."""

import torch
from torch import Tensor, nn

from scenewise.methods.autoencoder.model import Autoencoder, Posterior, Reconstruction
from scenewise.methods.autoencoder.settings import AutoencoderSettings, VariationalSettings
from scenewise.methods.segments.losses import unit_normal_divergence


class VariationalAutoencoder(Autoencoder):
    """The autoencoder with a posterior N(mean, variance) for each latent code (Kingma and Welling, ICLR 2014).

    Training decodes a draw from it. Evaluation decodes its mean, so that the same segment always has the same score.
    The embedding is made of means in both, so that the other losses see no noise.
    """

    def __init__(self, feature_width: int, scenes: int, settings: VariationalSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, scenes, settings)
        self.divergence_weight = settings.divergence_weight
        self.to_log_variance = nn.Linear(self.to_latent.in_features, settings.latent)

    def forward(self, segments: Tensor) -> Reconstruction:
        """Reconstruct segments (B, T, D) of raw features."""
        inputs = self.standardised(segments)
        contexts = self.contexts(inputs)
        # In float32 whatever autocast does: the divergence takes an exponential of one and a square of the other.
        mean, log_variance = self.to_latent(contexts).float(), self.to_log_variance(contexts).float()
        codes = mean + (log_variance / 2).exp() * torch.randn_like(mean) if self.training else mean
        embedding = mean.mean(dim=1)
        outputs = self.decode(codes).float()
        return Reconstruction(inputs, outputs, embedding, self.classify(embedding), Posterior(mean, log_variance))

    def objective_losses(self, reconstruction: Reconstruction, scenes: Tensor) -> dict[str, Tensor]:
        """Those of the autoencoder, and the divergence of the posterior from a unit normal."""
        losses = super().objective_losses(reconstruction, scenes)
        if reconstruction.posterior is not None:
            losses["divergence"] = unit_normal_divergence(*reconstruction.posterior).mean()
            losses["loss"] = losses["loss"] + self.divergence_weight * losses["divergence"]
        return losses


def build_model(feature_width: int, scenes: int, settings: AutoencoderSettings) -> Autoencoder:
    """The model that `settings` are of, with fresh weights, for features of `feature_width` and so many scenes.

    Raises ConfigError if the width is no number or no multiple of the heads.
    """
    if isinstance(settings, VariationalSettings):
        return VariationalAutoencoder(feature_width, scenes, settings)
    return Autoencoder(feature_width, scenes, settings)
