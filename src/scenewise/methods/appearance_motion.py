"""After AMMC-Net (Cai et al., AAAI 2021), on features: appearance and motion, each with a memory, made consistent.

Two streams reconstruct a segment: appearance, the features of its frames, and motion. Each reads its latent codes from
a memory of normal patterns. A network per direction tells from what one stream reads what the other should read, and
each decoder gets both: what its own stream read and what the other's says. A loss keeps the two alike. Appearance and
motion that are normal each by itself, but not together, disagree.

What differs: motion is optical flow in the cells of a grid if the features hold it (`extract --flow`), else the
difference of consecutive frames' features; the streams are this program's Transformer and reconstruct their inputs,
where the paper has convolutions over pixels and predicts. So the decoders do not get the codes themselves:
reconstruction would copy them. The consistency loss is relative to the readings' variance, so that it is not made
small by making the readings small. The score adds up the error of each stream and what the readings disagree by
(`--consistency-score 0` leaves that out), each divided by its mean in training.
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
from scenewise.methods.segments.memory import Read, entropy, read_memory
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import SegmentModel, reconstruction_error
from scenewise.methods.segments.motion import Motion
from scenewise.methods.segments.running_mean import RunningMean
from scenewise.methods.segments.settings import TransformerSettings
from scenewise.methods.segments.transformer import TransformerModel

TINY = 1e-12


@dataclass(frozen=True)
class AppearanceMotionSettings(TransformerSettings):
    """`scenewise train --method appearance-motion`."""

    items: int = 200
    """Normal patterns in each stream's memory (N)."""
    shrinkage: float = 1.0
    """Addressing weights below this many times 1/N are cut to zero; 0 cuts none."""
    entropy_weight: float = 2e-4
    """Weight of the entropy of the addressing weights."""
    consistency_weight: float = 1.0
    """Weight of what the readings disagree by, in training."""
    consistency_score: float = 1.0
    """Weight of what the readings disagree by, in the score beside the two errors."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 2, 100_000, "items")
        require_between(self, 0, 100, "shrinkage")
        require_between(self, 0, 1e6, "entropy_weight", "consistency_weight", "consistency_score")
        if self.segment_length < 2:
            raise ConfigError(f"--segment-length {self.segment_length} has no motion; give 2 or more")


class Stream(TransformerModel):
    """One of the two: a memory for its codes, and the way from the other stream's readings to its own."""

    def __init__(self, feature_width: int, settings: AppearanceMotionSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width, settings)
        self.shrinkage = settings.shrinkage
        self.memory = nn.Parameter(torch.randn(settings.items, settings.latent) / settings.latent**0.5)
        self.from_other = nn.Sequential(
            nn.Linear(settings.latent, settings.latent), nn.ReLU(), nn.Linear(settings.latent, settings.latent)
        )
        self.join = nn.Linear(2 * settings.latent, settings.latent)

    def read(self, inputs: Tensor) -> Read:
        """What the codes of standardised segments (B, T, D) read from the memory."""
        return read_memory(self.codes(inputs), self.memory, self.shrinkage)

    def decode_both(self, own: Tensor, told: Tensor) -> Tensor:
        """Standardised segments (B, T, D) from its own readings and those that the other stream tells, (B, T, Z)."""
        return self.decode(self.join(torch.cat([own, told], dim=-1))).float()


class Parts(NamedTuple):
    """What streams read of segments, what they tell each other, and their errors; the appearance is the first."""

    reads: tuple[Read, Read]
    told: tuple[Tensor, Tensor]
    """(B, T, Z) each: the readings as the other stream's tell them."""
    errors: Tensor
    """(B, T, 4): reconstruction error of each stream, and squared distance of its readings and what is told."""


def disagreement(read: Tensor, told: Tensor) -> Tensor:
    """Mean squared distance of readings (..., Z) and what is told of them, over the readings' variance; a scalar >= 0.

    It is 1 if their mean is told, whatever is read; readings that are all small are not less far apart by it.
    """
    variance = (read - read.flatten(0, -2).mean(dim=0)).square().sum(dim=-1).mean()
    return (read - told).square().sum(dim=-1).mean() / (variance + TINY)


class AppearanceMotion(SegmentModel):
    """Two streams that tell each other what they should read."""

    def __init__(self, widths: Widths, settings: AppearanceMotionSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(widths.features)
        self.settings = settings
        self.motion = Motion(widths)
        self.appearance_stream = Stream(self.motion.appearance_width, settings)
        self.motion_stream = Stream(self.motion.width, settings)
        self.usual = RunningMean(4)

    def parts(self, segments: Tensor) -> Parts:
        """The parts of segments (B, T, D) of raw features."""
        streams = self.appearance_stream, self.motion_stream
        inputs = self.motion(self.standardised(segments))
        seen, moved = (stream.read(of) for stream, of in zip(streams, inputs, strict=True))
        told = streams[0].from_other(moved.values).float(), streams[1].from_other(seen.values).float()
        errors, distances = [], []
        for stream, of, read, hint in zip(streams, inputs, (seen, moved), told, strict=True):
            errors.append(reconstruction_error(of, stream.decode_both(read.values, hint)))
            distances.append((read.values - hint).square().sum(dim=-1))
        return Parts((seen, moved), told, torch.stack(errors + distances, dim=-1))

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """Both reconstructions, their disagreement, and the entropy of the addressing weights."""
        settings = self.settings
        reads, told, errors = self.parts(segments)
        means = errors.mean(dim=(0, 1))
        self.usual.take(means)
        apart = disagreement(reads[0].values, told[0]) + disagreement(reads[1].values, told[1])
        spread = entropy(reads[0].weights).mean() + entropy(reads[1].weights).mean()
        error = means[0] + means[1]
        return {
            "loss": error + settings.consistency_weight * apart + settings.entropy_weight * spread,
            "appearance_loss": means[0],
            "motion_loss": means[1],
            "consistency_loss": apart,
            "addressing_entropy": spread,
        }

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """The errors of each frame, each in units of its mean in training, added up, (B, T)."""
        ratios = self.parts(segments).errors / self.usual.mean.clamp(min=TINY)
        apart = ratios[..., 2:].mean(dim=-1)
        return ratios[..., 0] + ratios[..., 1] + self.settings.consistency_score * apart

    def held_out_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """Both reconstruction errors, (B, T): ratios to the mean in training do not fall with it."""
        return self.parts(segments).errors[..., :2].sum(dim=-1)

    def embedding(self, segments: Tensor) -> Tensor:
        """The appearance codes' mean over the frames, (B, Z)."""
        appearance, _ = self.motion(self.standardised(segments))
        return self.appearance_stream.codes(appearance).mean(dim=1)


class AppearanceMotionMethod(SegmentMethod):
    """Reconstruction errors of appearance and motion, and what they disagree by."""

    name = "appearance-motion"
    summary = "reconstructs appearance and motion from a memory each; the score is both errors and their disagreement"
    Settings: ClassVar[type[CommonSettings]] = AppearanceMotionSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "appearance-motion/scene": {"scope": "scene"},
        "appearance-motion/errors": {"consistency_score": 0.0},
    }

    def build(self, widths: Widths, scenes: int, settings: AppearanceMotionSettings) -> AppearanceMotion:
        """Two streams for all the scenes that they are trained on."""
        return AppearanceMotion(widths, settings)
