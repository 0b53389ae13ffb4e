"""What the principal components of a scene's normal frames leave of a frame: linear reconstruction, without training.

The frame term of `fusion` is the same residual taken relative to those of the nearest normal frames; here it stands
plain, as the least that an autoencoder has to beat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.config import require_between
from scenewise.formats.tensors import tensor
from scenewise.methods.frames.frame_method import FrameMethod
from scenewise.methods.frames.normalised import NORMALISER_FORMS, Normalisation, Normaliser, fit_normaliser
from scenewise.methods.frames.settings import OnePassSettings
from scenewise.methods.method import Settings


@dataclass(frozen=True)
class FrameResidualSettings(OnePassSettings):
    """`scenewise train --method frame-residual`."""

    components: int = 32
    """Principal components of the normal frames, at most a quarter as many as there are frames."""
    normalise: Normalisation = "l2"
    """Before it: standardise each feature by the scene's normal frames, l2 scales each frame's features to length 1,
    none leaves them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 100_000, "components")


class NormalComponents(NamedTuple):
    """The directions in which a scene's normal frames vary."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    unit: NDArray[np.bool_]
    """These three: the `Normaliser`."""
    centre: NDArray[np.float32]
    """(D,) mean of the normalised frames."""
    components: NDArray[np.float32]
    """(D, c)."""

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N,) length of what the components leave of frames (N, D), at least 0."""
        from scenewise.methods.object_memory.frame_residual import split_off

        normalised = Normaliser(self.mean, self.deviation, self.unit).apply(features)
        return split_off(normalised, self.centre, self.components)[0]


class FrameResidual(FrameMethod):
    """The error of reconstructing a frame by principal components."""

    name = "frame-residual"
    summary = "what the principal components of a scene's normal frames leave of a frame"
    Settings: ClassVar[type[Settings]] = FrameResidualSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "frame-residual": {},
        "frame-residual/pooled": {"scope": "pooled"},
    }
    label = "frame residual"
    model = NormalComponents
    forms = NORMALISER_FORMS | {
        "centre": tensor("float32", "width"),
        "components": tensor("float32", "width", "components"),
    }

    def learn(self, features: NDArray[np.floating], settings: FrameResidualSettings) -> NormalComponents:
        """The principal components of normal frames (n, D)."""
        from scenewise.methods.object_memory.frame_residual import principal_components

        normaliser = fit_normaliser(features, settings.normalise)
        kept = max(1, min(settings.components, len(features) // 4, features.shape[1] - 1))
        return NormalComponents(*normaliser, *principal_components(normaliser.apply(features), kept))
