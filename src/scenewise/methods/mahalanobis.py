"""Mahalanobis distance of a frame's features to the normal frames, in their first principal components."""

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

LEAST_VARIANCE = 1e-12
"""Least mean variance of the components: identical frames have none."""


@dataclass(frozen=True)
class MahalanobisSettings(OnePassSettings):
    """`scenewise train --method mahalanobis`."""

    components: int = 256
    """Principal components that the distance is measured in, at most."""
    shrinkage: float = 0.1
    """Share of the covariance that is taken as equal in all directions, 0 to 1."""
    normalise: Normalisation = "l2"
    """Before it: standardise each feature, l2 scales each frame's features to length 1, none leaves them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 100_000, "components")
        require_between(self, 0, 1, "shrinkage")


class NormalCovariance(NamedTuple):
    """How a scene's normal frames vary."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    unit: NDArray[np.bool_]
    """These three: the `Normaliser`."""
    centre: NDArray[np.float32]
    """(D,) mean of the normalised frames."""
    whitening: NDArray[np.float32]
    """(D, m) components, each over the square root of its variance, shrunk."""

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N,) Mahalanobis distance of frames (N, D), at least 0; about sqrt(m) for normal ones."""
        normalised = Normaliser(self.mean, self.deviation, self.unit).apply(features)
        return np.asarray(np.linalg.norm((normalised - self.centre) @ self.whitening, axis=1), np.float32)


class Mahalanobis(FrameMethod):
    """Distance to the normal mean, in units of how normal frames vary."""

    name = "mahalanobis"
    summary = "Mahalanobis distance of a frame to the normal frames of its scene"
    Settings: ClassVar[type[Settings]] = MahalanobisSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "mahalanobis": {},
        "mahalanobis/pooled": {"scope": "pooled"},
    }
    label = "Mahalanobis distance"
    model = NormalCovariance
    forms = NORMALISER_FORMS | {
        "centre": tensor("float32", "width"),
        "whitening": tensor("float32", "width", "components"),
    }

    def learn(self, features: NDArray[np.floating], settings: MahalanobisSettings) -> NormalCovariance:
        """Principal components; in them the covariance is diagonal, and is shrunk towards its mean."""
        from scenewise.methods.object_memory.frame_residual import principal_components

        normaliser = fit_normaliser(features, settings.normalise)
        normalised = normaliser.apply(features)
        most = max(1, min(settings.components, len(features) - 1, features.shape[1]))
        centre, components = principal_components(normalised, most)
        variance = ((normalised - centre) @ components).var(axis=0, dtype=np.float64)
        if variance.max() < LEAST_VARIANCE:  # all normal frames are alike: whatever differs is far away
            width = features.shape[1]
            return NormalCovariance(*normaliser, centre, np.eye(width, dtype=np.float32) / LEAST_VARIANCE**0.5)
        mean = max(float(variance.mean()), LEAST_VARIANCE)
        shrunk = (1 - settings.shrinkage) * np.maximum(variance, LEAST_VARIANCE) + settings.shrinkage * mean
        return NormalCovariance(*normaliser, centre, (components / np.sqrt(shrunk)).astype(np.float32))
