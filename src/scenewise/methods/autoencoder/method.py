"""The autoencoders as methods: one model for all scenes under three objectives, one per scene, and variational."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from scenewise.errors import ConfigError
from scenewise.methods.autoencoder.settings import AutoencoderSettings, VariationalSettings
from scenewise.methods.method import Settings as CommonSettings
from scenewise.methods.segments.method import SegmentMethod

if TYPE_CHECKING:
    from scenewise.methods.autoencoder.model import Autoencoder

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
    }

    def build(self, feature_width: int, scenes: int, settings: AutoencoderSettings) -> Autoencoder:
        """The plain or the variational model, as the settings are."""
        from scenewise.methods.autoencoder.variational import build_model

        return build_model(feature_width, scenes, settings)

    def title(self, settings: AutoencoderSettings) -> str:
        """Method, and what training tells the scenes apart by."""
        if settings.by_scene:
            return f"{self.name}, scene-aware (one a scene, {settings.objective})"
        return f"{self.name}, {OBJECTIVES[str(settings.objective)]}"

    def called(self, settings: AutoencoderSettings) -> str:
        """The objective, which tells the autoencoders of a benchmark apart."""
        return str(settings.objective)

    def scene_aware(self, settings: AutoencoderSettings) -> bool:
        """With one model per scene, or a loss that contrasts scenes."""
        return settings.by_scene or settings.contrasts

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
