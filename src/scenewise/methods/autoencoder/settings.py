"""The settings of the autoencoders: `scenewise train --method autoencoder` and `--method variational`."""

from dataclasses import dataclass
from typing import Literal

from scenewise.config import require_between
from scenewise.errors import ConfigError
from scenewise.methods.segments.settings import TransformerSettings

Objective = Literal["reconstruction", "contrastive", "contrastive+classification"]

Score = Literal["reconstruction", "latent", "both"]


@dataclass(frozen=True)
class AutoencoderSettings(TransformerSettings):
    """`scenewise train --method autoencoder`."""

    objective: Objective | None = None
    """What training minimises: reconstruction is scene-agnostic, contrastive adds the supervised contrastive loss over
    scenes, contrastive+classification also a scene classifier; by default contrastive, or reconstruction with
    scope scene."""
    score: Score = "reconstruction"
    """What frames are scored by: their reconstruction error; latent, the distance of their latent codes to the nearest
    normal ones of their scene; or both, each on the scale of held-out normal frames, added."""
    reconstruction_weight: float = 2.0
    """Weight of the mean squared reconstruction error."""
    contrastive_weight: float = 1.0
    """Weight of the supervised contrastive loss."""
    classification_weight: float = 0.05
    """Weight of the scene classifier's cross-entropy."""
    temperature: float = 0.07
    """Temperature of the supervised contrastive loss."""

    @property
    def contrasts(self) -> bool:
        """Whether training contrasts scenes with each other."""
        return self.objective != "reconstruction"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective is None:
            object.__setattr__(self, "objective", "reconstruction" if self.by_scene else "contrastive")
        require_between(self, 0, 1e6, "reconstruction_weight", "contrastive_weight", "classification_weight")
        require_between(self, 1e-4, 1e4, "temperature")
        if self.contrasts:
            self._require_contrast()
        if self.keep_checkpoints and self.score != "reconstruction":
            raise ConfigError(
                f"--keep-checkpoints is for --protocol published, which scores by the reconstruction error, and "
                f"--score is {self.score}; leave one of them out"
            )

    def _require_contrast(self) -> None:
        """Khosla et al. 2020, eq. 2: an anchor needs another segment of its scene to be near to, and segments of other
        scenes to be far from; without the one or the other the loss is the same whatever the model does."""
        if self.by_scene:
            raise ConfigError(
                f"--scope scene trains a model for each scene alone, which leaves --objective {self.objective} nothing "
                "to contrast; give --objective reconstruction, or --scope pooled"
            )
        for name, what in (
            ("segments_per_scene", "with one segment of each scene in a batch none has another of its scene"),
            ("scenes_per_batch", "with one scene in a batch there is no other to tell it from"),
        ):
            if getattr(self, name) < 2:
                raise ConfigError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} leaves --objective {self.objective} nothing to "
                    f"contrast: {what}; give 2 or more, or --objective reconstruction"
                )


@dataclass(frozen=True)
class VariationalSettings(AutoencoderSettings):
    """`scenewise train --method variational`."""

    divergence_weight: float = 1e-3
    """Weight of the divergence from a unit normal. With a reconstruction weight of 2, 0.001 makes the loss the evidence
    lower bound of 768 standardised features of which a fifth of the variance is noise."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 0, 1e6, "divergence_weight")
