"""Mean distance of a frame's features to the nearest normal frames: the plain baseline of every memory."""

from __future__ import annotations

from collections.abc import Mapping
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
    from scenewise.methods.accepting import Accepted, Observation
    from scenewise.methods.method import RunContent


@dataclass(frozen=True)
class FrameKnnSettings(OnePassSettings):
    """`scenewise train --method frame-knn`."""

    neighbours: int = 5
    """Nearest normal frames (k) that the distance is averaged over."""
    normalise: Normalisation = "l2"
    """Before distances are measured: standardise each feature by the scene's normal frames, l2 scales each frame's
    features to length 1, none leaves them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 1000, "neighbours")


class NearestFrames(NamedTuple):
    """The normal frames of a scene."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    unit: NDArray[np.bool_]
    """These three: the `Normaliser`."""
    bank: NDArray[np.float32]
    """(n, D) normal frames, normalised."""
    neighbours: NDArray[np.int64]
    """(1,) k."""

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N,) mean distance of frames (N, D) to the k nearest, or to all if there are fewer."""
        from scenewise.methods.object_memory.neighbours import mean_distance, nearest

        return mean_distance(nearest(self.as_rows(features), self.bank, self.neighbours.item()))

    def as_rows(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Frames (N, D) as the bank holds them."""
        return Normaliser(self.mean, self.deviation, self.unit).apply(features)


class FrameKnn(FrameMethod):
    """k nearest normal frames."""

    name = "frame-knn"
    summary = "mean distance of a frame to the nearest normal frames of its scene"
    Settings: ClassVar[type[Settings]] = FrameKnnSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"frame-knn": {}, "frame-knn/pooled": {"scope": "pooled"}}
    label = "nearest frames"
    model = NearestFrames
    forms = NORMALISER_FORMS | {"bank": tensor("float32", "frames", "width"), "neighbours": tensor("int64", 1)}
    most_frames = 5000

    def learn(self, features: NDArray[np.floating], settings: FrameKnnSettings) -> NearestFrames:
        """All of the frames, normalised."""
        normaliser = fit_normaliser(features, settings.normalise)
        return NearestFrames(*normaliser, normaliser.apply(features), np.array([settings.neighbours]))

    def accept(self, run: RunContent, observed: Observation) -> Accepted:
        """The observation's frames become normal ones."""
        from scenewise.methods.frames.accept import accept_frames

        return accept_frames(run, self.models_of(run), observed)
