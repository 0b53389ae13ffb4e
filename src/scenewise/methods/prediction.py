"""After Liu et al. (CVPR 2018), on features: the last frames of a segment, predicted from those before them.

Scored is the squared error of the predicted frames, of which the paper's PSNR is a decreasing function. What differs:
the paper predicts one frame of pixels from four by a U-Net; here the shared Transformer predicts the features of
`--predicted` frames from the rest of the segment. Its gradient loss compares neighbouring pixels and its flow loss the
flow between pictures, and features have neither; the adversarial loss, which sharpens pictures, is left out too.

`--prototypes` adds dynamic prototypes after MPN (Lv et al., CVPR 2021): each segment is summed up by a few prototypes
of its own latent codes, and the codes are joined with what they read from these. Here the codes are of frames, where
the paper's are of places in a picture; the few-shot adaptation to a scene by meta-learning is left out, and the score
is the prediction error alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from scenewise.config import require_between
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import last_for_all, reconstruction_error
from scenewise.methods.segments.settings import LastFramesSettings
from scenewise.methods.segments.transformer import TransformerModel

TINY = 1e-12


@dataclass(frozen=True)
class PredictionSettings(LastFramesSettings):
    """`scenewise train --method prediction`."""

    prototypes: int = 0
    """Dynamic prototypes a segment (M); 0 predicts without them."""
    prototype_weight: float = 0.1
    """Weight of the prototypes' two losses, if there are prototypes."""
    diversity_weight: float = 0.01
    """Weight of the diversity of prototypes beside their compactness."""
    margin: float = 1.0
    """Distance that prototypes of a segment should have from each other."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 0, 1000, "prototypes")
        require_between(self, 0, 1e6, "prototype_weight", "diversity_weight", "margin")


class Summed(NamedTuple):
    """Latent codes (B, T, Z) in the light of M prototypes a segment."""

    prototypes: Tensor
    """(B, M, Z)."""
    relevance: Tensor
    """(B, T, M): how much of each prototype a code reads; they add up to 1."""


def prototypes_of(codes: Tensor, attention: Tensor) -> Summed:
    """Prototypes of codes (B, T, Z) by `attention` (B, T, M), at least 0 (MPN).

    A prototype is the mean of the segment's codes, weighted by its attention. A code reads prototypes by a softmax of
    their inner products with it.
    """
    shares = attention / (attention.sum(dim=1, keepdim=True) + TINY)
    prototypes = shares.transpose(1, 2) @ codes
    return Summed(prototypes, (codes @ prototypes.transpose(1, 2)).softmax(dim=-1))


def prototype_losses(codes: Tensor, summed: Summed, margin: float) -> tuple[Tensor, Tensor]:
    """Compactness and diversity, scalars >= 0 (after MPN).

    Compactness is the mean distance of a code to its most relevant prototype, diversity the mean over pairs of a
    segment's prototypes of how much nearer than `margin` they are; 0 for a single prototype.
    """
    most = summed.relevance.argmax(dim=-1)
    own = summed.prototypes.gather(1, most[..., None].expand(-1, -1, codes.shape[-1]))
    compact = ((codes - own).square().sum(dim=-1) + TINY).sqrt().mean()
    count = summed.prototypes.shape[1]
    one, other = torch.triu_indices(count, count, offset=1, device=codes.device)
    between = (summed.prototypes[:, one] - summed.prototypes[:, other]).square().sum(dim=-1)
    near = (margin - (between + TINY).sqrt()).clamp(min=0)
    return compact, near.mean() if count > 1 else compact * 0.0


class Prediction(TransformerModel):
    """The shared Transformer, which does not see a segment's last frames and has to give them."""

    def __init__(self, feature_width: int, settings: PredictionSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, settings)
        self.settings = settings
        self.own_errors = settings.predicted
        self.attend = nn.Linear(settings.latent, settings.prototypes) if settings.prototypes else None

    def predict(self, inputs: Tensor) -> tuple[Tensor, Tensor, Summed | None]:
        """The last P frames (B, P, D) of standardised segments (B, T, D) from the others; their codes (B, T, Z); and
        the prototypes, if there are any."""
        seen = inputs.clone()
        seen[:, -self.settings.predicted :] = (
            0  # of standardised features the mean, wherever a frame is to be predicted
        )
        codes = self.codes(seen).float()
        summed, read = None, codes
        if self.attend is not None:
            summed = prototypes_of(codes, self.attend(codes).float().sigmoid())
            read = codes + summed.relevance @ summed.prototypes
        return self.decode(read).float()[:, -self.settings.predicted :], codes, summed

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """The prediction's mean squared error, and the prototypes' losses if there are any."""
        settings, inputs = self.settings, self.standardised(segments)
        predicted, codes, summed = self.predict(inputs)
        error = reconstruction_error(inputs[:, -settings.predicted :], predicted).mean()
        losses = {"loss": error, "prediction_loss": error}
        if summed is not None:
            compact, diverse = prototype_losses(codes, summed, settings.margin)
            losses |= {"compact_loss": compact, "diversity_loss": diverse}
            losses["loss"] = error + settings.prototype_weight * (compact + settings.diversity_weight * diverse)
        return losses

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Prediction error of each predicted frame; their mean for the frames before, (B, T)."""
        inputs = self.standardised(segments)
        predicted, _, _ = self.predict(inputs)
        errors = reconstruction_error(inputs[:, -self.settings.predicted :], predicted)
        return last_for_all(errors, segments.shape[1])

    def embedding(self, segments: Tensor) -> Tensor:
        """The mean of the codes that predict, (B, Z)."""
        return self.predict(self.standardised(segments))[1].mean(dim=1)


class PredictionMethod(SegmentMethod):
    """Prediction error of the next frames."""

    name = "prediction"
    summary = "predicts the next frames from those before; the score is the prediction error"
    Settings: ClassVar[type[CommonSettings]] = PredictionSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "prediction/scene": {"scope": "scene"},
        "prediction/prototypes": {"prototypes": 4},
    }

    def build(self, widths: Widths, scenes: int, settings: PredictionSettings) -> Prediction:
        """One predictor for all the scenes that it is trained on."""
        return Prediction(widths.features, settings)
