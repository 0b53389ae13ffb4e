"""After Cao et al. (CVPR 2023), on features: each half of a segment predicted from the other, given the scene.

A forward network predicts the second half from the first, and a backward network the first from the second. Each is a
conditional variational autoencoder: what it sees becomes normal distributions of latent codes, and the decoder gets a
draw of them and the scene. The divergence of the codes from a unit normal keeps them from holding what the scene says
already. A frame's score is its prediction error, with the distributions' means for draws, so that it repeats itself.

What differs: the networks are this program's Transformer on features of frames, where the paper works on pixels; the
scene is its number in the run, which the decoder alone is given. In the paper the backward network serves anticipation,
which scores what has not been seen yet; here frames are scored when they are seen, and both errors count.
`--no-condition` leaves out the scene, and so tells what knowing it is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from scenewise.config import require_between
from scenewise.errors import ConfigError
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.losses import unit_normal_divergence
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import SegmentModel, reconstruction_error
from scenewise.methods.segments.settings import TransformerSettings
from scenewise.methods.segments.transformer import TransformerModel


@dataclass(frozen=True)
class ScenePredictionSettings(TransformerSettings):
    """`scenewise train --method scene-prediction`."""

    condition: bool = True
    """Tell the decoder which scene it predicts; without, the method is scene-agnostic."""
    divergence_weight: float = 1e-3
    """Weight of the latent codes' divergence from a unit normal."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 0, 1e6, "divergence_weight")
        if self.segment_length < 2:
            raise ConfigError(f"--segment-length {self.segment_length} has no halves; give 2 or more")


class Predicted(NamedTuple):
    """The last P frames of segments, and the distributions of latent codes that they were predicted by."""

    frames: Tensor
    """(B, P, D)."""
    mean: Tensor
    """(B, T, Z)."""
    log_variance: Tensor
    """(B, T, Z)."""


class ConditionalPredictor(TransformerModel):
    """A conditional variational autoencoder that is shown a segment's first frames and has to give the last."""

    def __init__(self, feature_width: int, scenes: int, settings: ScenePredictionSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, settings)
        self.to_log_variance = nn.Linear(self.to_latent.in_features, settings.latent)
        self.scene = nn.Embedding(scenes, settings.latent) if settings.condition else None

    def predict(self, inputs: Tensor, scenes: Tensor, count: int) -> Predicted:
        """The last `count` frames of standardised segments (B, T, D) of `scenes` (B,), from those before them."""
        seen = inputs.clone()
        seen[:, -count:] = 0  # of standardised features the mean, wherever a frame is to be predicted
        contexts = self.contexts(seen)
        # In float32 whatever autocast does: the divergence takes an exponential of one and a square of the other.
        mean, log_variance = self.to_latent(contexts).float(), self.to_log_variance(contexts).float()
        codes = mean + (log_variance / 2).exp() * torch.randn_like(mean) if self.training else mean
        if self.scene is not None:
            codes = codes + self.scene(scenes)[:, None]
        return Predicted(self.decode(codes).float()[:, -count:], mean, log_variance)


class ScenePrediction(SegmentModel):
    """The forward network and the backward network, which is given segments in reverse."""

    def __init__(self, feature_width: int, scenes: int, settings: ScenePredictionSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width)
        self.settings = settings
        self.needs_scene = settings.condition
        self.later = settings.segment_length - settings.segment_length // 2
        """Frames of the second half, which is the longer one if they differ."""
        self.forward_network = ConditionalPredictor(feature_width, scenes, settings)
        self.backward_network = ConditionalPredictor(feature_width, scenes, settings)

    def predict(self, inputs: Tensor, scenes: Tensor) -> tuple[Predicted, Predicted]:
        """The second half forward, and the first half backward, last frame first, of standardised (B, T, D)."""
        earlier = inputs.shape[1] - self.later
        forward = self.forward_network.predict(inputs, scenes, self.later)
        return forward, self.backward_network.predict(inputs.flip(1), scenes, earlier)

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """Both networks' mean squared errors and the divergence of their codes."""
        inputs = self.standardised(segments)
        forward, backward = self.predict(inputs, scenes)
        earlier, later = inputs[:, : -self.later], inputs[:, -self.later :]
        ahead = reconstruction_error(later, forward.frames).mean()
        back = reconstruction_error(earlier.flip(1), backward.frames).mean()
        both = (unit_normal_divergence(of.mean, of.log_variance).mean() for of in (forward, backward))
        divergence = torch.stack(list(both)).sum()
        return {
            "loss": ahead + back + self.settings.divergence_weight * divergence,
            "forward_loss": ahead,
            "backward_loss": back,
            "divergence": divergence,
        }

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Prediction error of each frame, backward in the first half and forward in the second, (B, T)."""
        inputs = self.standardised(segments)
        forward, backward = self.predict(inputs, scenes)
        return reconstruction_error(inputs, torch.cat([backward.frames.flip(1), forward.frames], dim=1))

    def embedding(self, segments: Tensor) -> Tensor:
        """The mean of the forward network's codes, (B, Z), which the scene does not enter."""
        inputs = self.standardised(segments)
        no_scene = torch.zeros(len(inputs), dtype=torch.long, device=inputs.device)
        return self.forward_network.predict(inputs, no_scene, self.later).mean.mean(dim=1)


class ScenePredictionMethod(SegmentMethod):
    """Prediction error of each half of a segment, given the scene."""

    name = "scene-prediction"
    summary = "predicts each half of a segment from the other, given the scene; the score is the prediction error"
    Settings: ClassVar[type[CommonSettings]] = ScenePredictionSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"scene-prediction/agnostic": {"condition": False}}

    def build(self, widths: Widths, scenes: int, settings: ScenePredictionSettings) -> ScenePrediction:
        """Two networks for all the scenes that they are trained on."""
        return ScenePrediction(widths.features, scenes, settings)

    def title(self, settings: ScenePredictionSettings) -> str:
        """Method, and whether it is told the scene."""
        if settings.condition and not settings.by_scene:
            return f"{self.name}, scene-aware (given the scene)"
        return super().title(settings)

    def scene_aware(self, settings: ScenePredictionSettings) -> bool:
        """With the scene as a condition, or one model per scene."""
        return settings.condition or settings.by_scene
