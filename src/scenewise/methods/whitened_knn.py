"""Distance of a frame to the nearest normal frames of its scene, after what varies within scenes is evened out.

Directions in which frames of one and the same scene differ a lot, such as how many people pass, say little. So features
are divided by how much they vary within scenes (within-class covariance normalisation, Hatch et al., Interspeech 2006,
with scenes as classes). The covariance is that of all scenes together: one scene alone has too little footage for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.config import require_between
from scenewise.formats.tensors import tensor
from scenewise.methods.frames.frame_method import FrameMethod
from scenewise.methods.frames.normalised import NORMALISER_FORMS, Normalisation, Normaliser, fit_normaliser
from scenewise.methods.frames.settings import OnePassSettings
from scenewise.methods.method import Settings

if TYPE_CHECKING:
    from scenewise.features.store import FeatureStore
    from scenewise.methods.accepting import Accepted, Observation
    from scenewise.methods.method import RunContent

SAMPLE = 2000
"""Frames that the covariance is estimated from at most, evenly spread over all scenes."""
LEAST_VARIANCE = 1e-12
"""Least mean variance of the components: identical frames have none."""


@dataclass(frozen=True)
class WhitenedKnnSettings(OnePassSettings):
    """`scenewise train --method whitened-knn`."""

    neighbours: int = 5
    """Nearest normal frames (k) that the distance is averaged over."""
    components: int = 512
    """Principal components of what varies within scenes, at most."""
    shrinkage: float = 0.5
    """Share of the covariance within scenes that is taken as equal in all directions, 0 to 1."""
    normalise: Normalisation = "l2"
    """Before it: standardise each feature, l2 scales each frame's features to length 1, none leaves them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 1000, "neighbours")
        require_between(self, 1, 100_000, "components")
        require_between(self, 0, 1, "shrinkage")


class WhitenedFrames(NamedTuple):
    """The normal frames of a scene, whitened."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    unit: NDArray[np.bool_]
    """These three: the `Normaliser`."""
    whitening: NDArray[np.float32]
    """(D, m) components, each over the square root of its variance within scenes, shrunk."""
    bank: NDArray[np.float32]
    """(n, m) normal frames."""
    neighbours: NDArray[np.int64]
    """(1,) k."""

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N,) mean distance of frames (N, D) to the k nearest, or to all if there are fewer."""
        from scenewise.methods.object_memory.neighbours import mean_distance, nearest

        return mean_distance(nearest(self.as_rows(features), self.bank, self.neighbours.item()))

    def as_rows(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Frames (N, D) as the bank holds them, (N, m)."""
        return Normaliser(self.mean, self.deviation, self.unit).apply(features) @ self.whitening


class WhitenedKnn(FrameMethod):
    """k nearest normal frames, by what does not vary within scenes."""

    name = "whitened-knn"
    summary = "mean distance of a frame to the nearest normal frames of its scene, whitened by how scenes vary in time"
    Settings: ClassVar[type[Settings]] = WhitenedKnnSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "whitened-knn": {},
        "whitened-knn/pooled": {"scope": "pooled"},
    }
    label = "nearest whitened frames"
    model = WhitenedFrames
    forms = NORMALISER_FORMS | {
        "whitening": tensor("float32", "width", "components"),
        "bank": tensor("float32", "frames", "components"),
        "neighbours": tensor("int64", 1),
    }
    most_frames = 5000

    def learn(self, features: NDArray[np.floating], settings: WhitenedKnnSettings) -> WhitenedFrames:
        """The model of normal frames (n, D) of one scene, whitened by what they show."""
        return _whitener(features, np.zeros(len(features), np.int64), settings).remember(features)

    def learner(self, store: FeatureStore, settings: WhitenedKnnSettings) -> Callable[[NDArray[np.floating]], Any]:
        """The covariance is that of all normal footage, also of what is then scored by the rest of its scene.

        It is that within scenes, or with `--scope pooled`, which knows none, that of all footage about its mean.
        """
        from scenewise.methods.object_memory.appearance import evenly_spread

        videos = store.of("train")
        scene_of = np.repeat([video.scene for video in videos], [video.frames for video in videos])
        rows = evenly_spread(len(scene_of), SAMPLE)
        starts = np.cumsum([0, *(video.frames for video in videos)])
        sample = np.concatenate(
            [
                video.features()[rows[(rows >= first) & (rows < stop)] - first]
                for video, first, stop in zip(videos, starts[:-1], starts[1:], strict=True)
            ]
        )
        classes = scene_of[rows] if settings.scope == "scene" else np.zeros(len(rows), np.int64)
        return _whitener(sample, classes, settings).remember

    def accept(self, run: RunContent, observed: Observation) -> Accepted:
        """The observation's frames become normal ones."""
        from scenewise.methods.frames.accept import accept_frames

        return accept_frames(run, self.models_of(run), observed)


class _Whitener(NamedTuple):
    """What is the same for all scenes."""

    normaliser: Normaliser
    whitening: NDArray[np.float32]
    neighbours: int

    def remember(self, features: NDArray[np.floating]) -> WhitenedFrames:
        """The model of a scene's normal frames (n, D)."""
        bank = self.normaliser.apply(features) @ self.whitening
        return WhitenedFrames(*self.normaliser, self.whitening, bank, np.array([self.neighbours]))


def _whitener(features: NDArray[np.floating], scenes: NDArray[Any], settings: WhitenedKnnSettings) -> _Whitener:
    """Fitted to normal frames (n, D) of `scenes` (n,)."""
    normaliser = fit_normaliser(features, settings.normalise)
    whitening = whitening_within(normaliser.apply(features), scenes, settings.components, settings.shrinkage)
    return _Whitener(normaliser, whitening, settings.neighbours)


def whitening_within(
    features: NDArray[np.float32], classes: NDArray[Any], components: int, shrinkage: float
) -> NDArray[np.float32]:
    """(D, m) the first principal components of `features` (n, D) about the mean of their class (n,), whitened.

    Their variances are shrunk towards their mean: (1 - s) variance + s mean.
    """
    from scenewise.methods.object_memory.frame_residual import principal_components

    within = features.copy()
    for one in np.unique(classes):
        within[classes == one] -= features[classes == one].mean(axis=0)
    most = max(1, min(components, len(features) - 1, features.shape[1]))
    _, directions = principal_components(within, most)
    variance = (within @ directions).var(axis=0, dtype=np.float64)
    mean = max(float(variance.mean()), LEAST_VARIANCE)
    shrunk = (1 - shrinkage) * variance + shrinkage * mean
    return np.asarray(directions / np.sqrt(np.maximum(shrunk, LEAST_VARIANCE)), np.float32)
