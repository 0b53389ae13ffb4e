"""After OG-Net, "Old is Gold" (Zaheer et al., CVPR 2020), on features: reconstructions told good from poor.

Stage one trains an autoencoder G, which removes noise, against a discriminator. An older copy of G is kept from early
in this stage. Stage two leaves G as it is and turns the discriminator: normal features and their reconstructions are
good; those of the older copy are poor, and so is G's reconstruction of the mean of two of these, a pseudo-anomaly. The
score is the discriminator's of the reconstruction.

What differs: G is this program's Transformer of segments and the discriminator a small network of one frame's features,
where the paper has convolutions over pixels; the score is the discriminator's logit instead of its probability, which
orders frames alike and does not saturate; and the weights are those of the last step.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from scenewise.config import require_between
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.method import SegmentMethod, Widths
from scenewise.methods.segments.model import SegmentModel, reconstruction_error
from scenewise.methods.segments.settings import TransformerSettings
from scenewise.methods.segments.transformer import TransformerModel


@dataclass(frozen=True)
class AdversarialSettings(TransformerSettings):
    """`scenewise train --method adversarial`."""

    tuning_steps: int = 75
    """Last steps, in which the discriminator learns good and poor reconstructions; at most half of all steps."""
    old: float = 0.1
    """When the older copy is taken, as a share of the steps before the last ones."""
    noise: float = 0.2
    """Deviation of the noise that the autoencoder removes, in deviations of the features."""
    adversarial_weight: float = 0.2
    """Weight of the adversarial loss beside the reconstruction error, in stage one."""
    real_share: float = 0.1
    """Share of features among the good, beside their reconstructions."""
    old_share: float = 0.001
    """Share of the older copy's reconstructions among the poor, beside pseudo-anomalies."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 1e9, "tuning_steps")
        require_between(self, 0, 1, "old", "real_share", "old_share")
        require_between(self, 0, 1e6, "noise", "adversarial_weight")

    @property
    def first_steps(self) -> int:
        """Steps of stage one."""
        return self.steps - min(self.tuning_steps, self.steps // 2)

    @property
    def old_step(self) -> int:
        """Steps after which the older copy is taken, at least one."""
        return max(1, round(self.old * self.first_steps))


class Adversarial(SegmentModel):
    """An autoencoder, its older copy, and a discriminator: logits above 0 for poor reconstructions."""

    def __init__(self, feature_width: int, settings: AdversarialSettings) -> None:
        """Raises ConfigError if the width is no number or no multiple of the heads."""
        super().__init__(feature_width)
        self.settings = settings
        self.autoencoder = TransformerModel(feature_width, settings)
        self.older = copy.deepcopy(self.autoencoder).requires_grad_(False)
        width = self.autoencoder.project_in.out_features
        self.discriminator = nn.Sequential(
            nn.Linear(feature_width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )

    def losses(self, segments: Tensor, scenes: Tensor, step: int) -> dict[str, Tensor]:
        """Those of the stage that `step` is in."""
        inputs = self.standardised(segments)
        return self.first_stage(inputs) if step < self.settings.first_steps else self.second_stage(inputs)

    def first_stage(self, inputs: Tensor) -> dict[str, Tensor]:
        """Stage one: the autoencoder learns from the first two terms, the discriminator from the third alone."""
        outputs = self.autoencoder.reconstruct(inputs + self.settings.noise * torch.randn_like(inputs))
        error = reconstruction_error(inputs, outputs).mean()
        judge = {name: weight.detach() for name, weight in self.discriminator.named_parameters()}
        fooling = _good(functional_call(self.discriminator, judge, (outputs,)))
        telling = _good(self.discriminator(inputs)) + _poor(self.discriminator(outputs.detach()))
        return {
            "loss": error + self.settings.adversarial_weight * fooling + telling,
            "reconstruction_loss": error,
            "adversarial_loss": fooling,
            "discriminator_loss": telling,
        }

    def second_stage(self, inputs: Tensor) -> dict[str, Tensor]:
        """Stage two: the discriminator alone learns, good from poor."""
        settings = self.settings
        self.eval()  # the reconstructions are those that will be scored, without dropout
        with torch.no_grad():
            good, old, pseudo = self.reconstructions(inputs)
        real, good_loss, old_loss, pseudo_loss = (
            _good(self.discriminator(inputs)),
            _good(self.discriminator(good)),
            _poor(self.discriminator(old)),
            _poor(self.discriminator(pseudo)),
        )
        right = settings.real_share * real + (1 - settings.real_share) * good_loss
        wrong = settings.old_share * old_loss + (1 - settings.old_share) * pseudo_loss
        return {"loss": right + wrong, "good_loss": right, "poor_loss": wrong}

    def reconstructions(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, T, D) each: G(x), the older copy's O(x), and G of the mean of O(x) and another O(x') of the batch."""
        old = self.older.reconstruct(inputs)
        others = old[torch.randperm(len(old), device=old.device)]
        return self.autoencoder.reconstruct(inputs), old, self.autoencoder.reconstruct((old + others) / 2)

    def after_step(self, segments: Tensor, scenes: Tensor, step: int) -> None:
        """Take the older copy when its time has come."""
        if step + 1 == self.settings.old_step:
            self.older.load_state_dict(self.autoencoder.state_dict())

    def may_be_kept(self, step: int) -> bool:
        """The last alone: before, the discriminator judges something else, or has hardly begun."""
        return step == self.settings.steps

    def frame_errors(self, segments: Tensor, scenes: Tensor) -> Tensor:
        """The discriminator's logit of each reconstructed frame, (B, T)."""
        logits: Tensor = self.discriminator(self.autoencoder.reconstruct(self.standardised(segments)))
        return logits.float().squeeze(-1)

    def embedding(self, segments: Tensor) -> Tensor:
        """The latent codes' mean over the frames, (B, Z)."""
        return self.autoencoder.codes(self.standardised(segments)).mean(dim=1)


def _good(logits: Tensor) -> Tensor:
    """-log(1 - D): the discriminator should say "good"."""
    return functional.softplus(logits.float()).mean()


def _poor(logits: Tensor) -> Tensor:
    """-log D: the discriminator should say "poor"."""
    return functional.softplus(-logits.float()).mean()


class AdversarialMethod(SegmentMethod):
    """The score of a discriminator of reconstructions."""

    name = "adversarial"
    summary = "tells good reconstructions from those of an older copy; the score is the discriminator's"
    Settings: ClassVar[type[CommonSettings]] = AdversarialSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"adversarial/scene": {"scope": "scene"}}

    def build(self, widths: Widths, scenes: int, settings: AdversarialSettings) -> Adversarial:
        """One autoencoder and one discriminator for all the scenes that they are trained on."""
        return Adversarial(widths.features, settings)
