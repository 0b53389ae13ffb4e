"""The autoencoders as methods: one model for all scenes under three objectives, one per scene, and variational."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from scenewise.errors import ConfigError
from scenewise.methods.autoencoder.settings import AutoencoderSettings, VariationalSettings
from scenewise.methods.method import RunContent, SegmentScores
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.method import SegmentMethod, Widths

if TYPE_CHECKING:
    from scenewise.methods.autoencoder.model import Autoencoder

SCORES = {"reconstruction": "", "latent": ", by latent codes", "both": ", by error and latent codes"}
OBJECTIVES = {
    "reconstruction": "scene-agnostic (reconstruction)",
    "contrastive": "scene-aware (+ contrastive)",
    "contrastive+classification": "scene-aware (+ contrastive + classification)",
}


class AutoencoderMethod(SegmentMethod):
    """Reconstruction error of a Transformer autoencoder over segments of frames."""

    name = "autoencoder"
    summary = "reconstructs segments of frames; the score is the reconstruction error"
    Settings: ClassVar[type[CommonSettings]] = AutoencoderSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "reconstruction": {"objective": "reconstruction"},
        "reconstruction/scene": {"objective": "reconstruction", "scope": "scene"},
        "contrastive": {"objective": "contrastive"},
        "contrastive+classification": {"objective": "contrastive+classification"},
        "reconstruction/both": {"objective": "reconstruction", "score": "both"},
        "contrastive/both": {"objective": "contrastive", "contrastive_weight": 0.05, "score": "both"},
    }

    def build(self, widths: Widths, scenes: int, settings: AutoencoderSettings) -> Autoencoder:
        """The plain or the variational model, as the settings are."""
        from scenewise.methods.autoencoder.variational import build_model

        return build_model(widths.features, scenes, settings)

    def title(self, settings: AutoencoderSettings) -> str:
        """Method, and what training tells the scenes apart by."""
        score = SCORES[settings.score]
        if settings.by_scene:
            return f"{self.name}, scene-aware (one a scene, {settings.objective}{score})"
        if settings.objective == "reconstruction" and score:
            return f"{self.name}, scene-aware (reconstruction{score})"
        return f"{self.name}, {OBJECTIVES[str(settings.objective)].removesuffix(')')}{score})"

    def called(self, settings: AutoencoderSettings) -> str:
        """The objective, which tells the autoencoders of a benchmark apart."""
        return str(settings.objective)

    def scene_aware(self, settings: AutoencoderSettings) -> bool:
        """With one model per scene, a loss that contrasts scenes, or normal codes of each scene."""
        return settings.by_scene or settings.contrasts or settings.score != "reconstruction"

    def with_checkpoints(self, settings: AutoencoderSettings) -> Any | None:
        """Published code scores by the reconstruction error alone."""
        return super().with_checkpoints(settings) if settings.score == "reconstruction" else None

    def checkpoints(self, run: RunContent, device: str) -> Sequence[SegmentScores]:
        """The run's weights and the kept ones. Raises ConfigError unless they score by the reconstruction error."""
        if run.settings.score != "reconstruction":
            raise ConfigError(
                f"--protocol published scores by the reconstruction error, and the run was trained with --score "
                f"{run.settings.score}; use --protocol strict"
            )
        return super().checkpoints(run, device)

    def require_scenes(self, settings: AutoencoderSettings, scenes: Sequence[str]) -> None:
        """Raise ConfigError if there is nothing to contrast."""
        if len(scenes) == 1 and settings.contrasts:
            raise ConfigError(
                f"--objective {settings.objective} contrasts scenes with each other, and there is only one "
                f"({scenes[0]}); use --objective reconstruction"
            )


class VariationalMethod(AutoencoderMethod):
    """The same with a normal distribution for every latent code (Kingma and Welling, ICLR 2014)."""

    name = "variational"
    summary = "the autoencoder with a distribution in place of each latent code"
    Settings: ClassVar[type[CommonSettings]] = VariationalSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"variational": {"objective": "contrastive"}}
