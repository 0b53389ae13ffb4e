"""After HF2-VAD (Liu et al., ICCV 2021), on features: motion from a memory, then appearance predicted by it.

Motion is reconstructed by way of a memory of normal patterns, so that abnormal motion comes out as something normal.
Then a conditional variational autoencoder predicts a segment's last frames from those before them and from the
reconstructed motion: its posterior sees both, its prior the motion alone, and a divergence keeps them near. Abnormal
motion is so told twice, since its reconstruction leads the prediction astray. The score adds up both errors, each less
its mean and divided by its deviation in training.

What differs: motion is optical flow in the cells of a grid if the features hold it (`extract --flow`), else the
difference of consecutive frames' features; the networks are this program's Transformer on features of frames, where
the paper has convolutions on the pixels around objects, with memories and skip connections at several levels. Both
parts learn side by side and no gradient of the prediction reaches the motion, where the paper trains one after the
other and then both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from scenewise.config import require_between
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.memory import entropy, read_memory
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import SegmentModel, last_for_all, reconstruction_error
from scenewise.methods.segments.motion import Motion
from scenewise.methods.segments.running_mean import RunningMean
from scenewise.methods.segments.settings import LastFramesSettings
from scenewise.methods.segments.transformer import TransformerModel

TINY = 1e-12


@dataclass(frozen=True)
class HybridSettings(LastFramesSettings):
    """`scenewise train --method hybrid`."""

    items: int = 200
    """Normal patterns in the memory of motion (N)."""
    shrinkage: float = 1.0
    """Addressing weights below this many times 1/N are cut to zero; 0 cuts none."""
    entropy_weight: float = 2e-4
    """Weight of the entropy of the addressing weights."""
    divergence_weight: float = 1e-3
    """Weight of the divergence of posterior and prior."""
    reconstruction_score: float = 1.0
    """Weight of the motion's reconstruction error in the score."""
    prediction_score: float = 1.0
    """Weight of the prediction error in the score."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 2, 100_000, "items")
        require_between(self, 0, 100, "shrinkage")
        require_between(self, 0, 1e6, "entropy_weight", "divergence_weight", "reconstruction_score", "prediction_score")


class Normals(NamedTuple):
    """Normal distributions of latent codes, diagonal."""

    mean: Tensor
    """(B, T, Z)."""
    log_variance: Tensor
    """(B, T, Z)."""


def divergence(of: Normals, by: Normals) -> Tensor:
    """Kullback-Leibler divergence of `of` from `by`, in nats, >= 0, summed over the latent space, (B, T)."""
    ratio = (of.log_variance - by.log_variance).exp()
    apart = (of.mean - by.mean).square() / by.log_variance.exp()
    return 0.5 * (ratio + apart - 1 + by.log_variance - of.log_variance).sum(dim=-1)


class GuidedPredictor(TransformerModel):
    """A conditional variational autoencoder that gives a segment's last frames, guided by its motion."""

    def __init__(self, feature_width: int, motion_width: int, settings: HybridSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, settings)
        self.to_log_variance = nn.Linear(self.to_latent.in_features, settings.latent)
        self.project_motion = nn.Linear(motion_width, self.project_in.out_features)
        self.prior = nn.Linear(motion_width, 2 * settings.latent)
        self.guide = nn.Linear(motion_width, settings.latent)

    def predict(self, frames: Tensor, motion: Tensor, count: int) -> tuple[Tensor, Normals, Normals]:
        """The last `count` frames (B, P, D) of standardised segments (B, T, D) from those before them and `motion`
        (B, T, F), the posterior and the prior."""
        seen = frames.clone()
        seen[:, -count:] = 0  # of standardised features the mean, wherever a frame is to be predicted
        contexts: Tensor = self.encoder(self.project_in(seen) + self.project_motion(motion) + self.positions)
        # In float32 whatever autocast does: the divergence takes exponentials and squares.
        posterior = Normals(self.to_latent(contexts).float(), self.to_log_variance(contexts).float())
        prior = Normals(*self.prior(motion).float().chunk(2, dim=-1))
        codes = posterior.mean
        if self.training:
            codes = codes + (posterior.log_variance / 2).exp() * torch.randn_like(codes)
        return self.decode(codes + self.guide(motion)).float()[:, -count:], posterior, prior


class Parts(NamedTuple):
    """What segments are scored by, and what training weighs beside it."""

    errors: Tensor
    """(B, P, 2): of the last frames, the reconstruction error of the motion and the prediction error."""
    motion_error: Tensor
    """Scalar: the mean reconstruction error of the motion of all frames."""
    weights: Tensor
    """(B, T, N): addressing weights of the motion."""
    divergence: Tensor
    """(B, T): of the posterior from the prior."""


class Hybrid(SegmentModel):
    """A memory autoencoder of motion, and the prediction that it guides."""

    def __init__(self, widths: Widths, settings: HybridSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(widths.features)
        self.settings = settings
        self.own_errors = settings.predicted
        self.motion = Motion(widths)
        self.motion_stream = TransformerModel(self.motion.width, settings)
        self.memory = nn.Parameter(torch.randn(settings.items, settings.latent) / settings.latent**0.5)
        self.predictor = GuidedPredictor(self.motion.appearance_width, self.motion.width, settings)
        self.usual = RunningMean(2)
        self.usual_square = RunningMean(2)

    def parts(self, segments: Tensor) -> Parts:
        """The errors of segments (B, T, D) of raw features."""
        count = self.settings.predicted
        frames, steps = self.motion(self.standardised(segments))
        read = read_memory(self.motion_stream.codes(steps), self.memory, self.settings.shrinkage)
        reconstructed = self.motion_stream.decode(read.values).float()
        predicted, posterior, prior = self.predictor.predict(frames, reconstructed.detach(), count)
        moved = reconstruction_error(steps, reconstructed)
        errors = torch.stack([moved[:, -count:], reconstruction_error(frames[:, -count:], predicted)], dim=-1)
        return Parts(errors, moved.mean(), read.weights, divergence(posterior, prior))

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """Reconstruction of all motion, prediction, divergence, and the entropy of the addressing weights."""
        settings = self.settings
        parts = self.parts(segments)
        self.usual.take(parts.errors.mean(dim=(0, 1)))
        self.usual_square.take(parts.errors.square().mean(dim=(0, 1)))
        error, spread, apart = parts.errors[..., 1].mean(), entropy(parts.weights).mean(), parts.divergence.mean()
        of_motion = parts.motion_error + settings.entropy_weight * spread
        return {
            "loss": of_motion + error + settings.divergence_weight * apart,
            "motion_loss": parts.motion_error,
            "prediction_loss": error,
            "divergence": apart,
            "addressing_entropy": spread,
        }

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Both errors of each predicted frame, on their scale in training; their mean for the frames before, (B, T)."""
        errors = self.parts(segments).errors
        deviation = (self.usual_square.mean - self.usual.mean.square()).clamp(min=TINY).sqrt()
        ratios = (errors - self.usual.mean) / deviation
        score = self.settings.reconstruction_score * ratios[..., 0] + self.settings.prediction_score * ratios[..., 1]
        return last_for_all(score, segments.shape[1])

    def held_out_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Both errors as they are, (B, P): deviations from the mean in training do not fall with it."""
        return self.parts(segments).errors.sum(dim=-1)


class HybridMethod(SegmentMethod):
    """Reconstruction error of motion, and error of the prediction that it guides."""

    name = "hybrid"
    summary = "reconstructs motion from a memory, and predicts the next frames guided by it; the score is both errors"
    Settings: ClassVar[type[CommonSettings]] = HybridSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"hybrid/scene": {"scope": "scene"}}

    def build(self, widths: Widths, scenes: int, settings: HybridSettings) -> Hybrid:
        """One memory and one predictor for all the scenes that they are trained on."""
        return Hybrid(widths, settings)
