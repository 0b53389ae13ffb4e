"""After AI-VAD (Reiss and Hoshen, 2022), on objects: velocity and appearance, each as a density of its own.

Every moving object is described by attributes that a person would name. The density of its velocity is a Gaussian
mixture, that of its deep features the mean distance to the k nearest normal ones. Each attribute is put on the scale of
its normal scores, and an object's score is their sum. A frame scores as its most abnormal object.

Other than in the paper, objects are those that stand out from the background instead of a detector's; velocity is that
of their boxes along the track, as a histogram over directions, beside the flow's speed, and no optical flow picture is
stored; deep features are the encoder's instead of CLIP's; there is no human pose; and there is a model for each scene.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.config import SEED_MOST, require_between
from scenewise.errors import DataError
from scenewise.formats.tensors import require_indices, tensor
from scenewise.methods.frames.method import FittedPart, OnePassMethod
from scenewise.methods.frames.mixture import Mixture
from scenewise.methods.frames.object_attributes import Attributes, attributes_of
from scenewise.methods.frames.settings import OnePassSettings
from scenewise.methods.method import RunContent, Settings

if TYPE_CHECKING:
    from scenewise.features.store import FeatureStore, StoredVideo
    from scenewise.methods.scores import Scorer

FEWEST = 10
"""Normal objects of a part from which it can be learned."""
MOST = 10_000
"""Normal objects that deep features are compared with at most, evenly spread."""
LEAST_COVARIANCE = 1e-4
"""Added to the variance of velocities, in (picture heights a second) squared, so that a camera on which all stand still
does not call every step abnormal."""

_NOWHERE = np.empty(0, np.int32), np.empty(0, np.int32), np.empty((0, 4), np.float32)


@dataclass(frozen=True)
class AttributeDensitySettings(OnePassSettings):
    """`scenewise train --method attribute-density`."""

    neighbours: int = 5
    """Nearest normal objects (k) that the distance of deep features is averaged over."""
    gaussians: int = 5
    """Gaussians of the mixture of velocities."""
    velocity_weight: float = 1.0
    """Weight of the velocity's score in the sum."""
    appearance_weight: float = 1.0
    """Weight of the deep features' score in the sum."""
    seed: int = 0
    """Seed of the mixture."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 1000, "neighbours", "gaussians")
        require_between(self, 0, 1e6, "velocity_weight", "appearance_weight")
        require_between(self, 0, SEED_MOST, "seed")


class AttributeDensities(NamedTuple):
    """What velocity and appearance the normal objects of a scene have."""

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    precisions: NDArray[np.float64]
    """These three: the `Mixture` of velocities."""
    appearance: NDArray[np.float16]
    """(n, D') deep features of normal objects."""
    video: NDArray[np.int32]
    """(n,) the training video that each of them was seen in."""
    frame: NDArray[np.int32]
    """(n,)"""
    box: NDArray[np.float32]
    """(n, 4) shares of the picture's width and height."""
    neighbours: NDArray[np.int64]
    """(1,) k."""
    counts: NDArray[np.float64]
    """(2,) weights of velocity and appearance in the sum."""
    scale: NDArray[np.float64]
    """(2, 2) median and 99th percentile of the normal scores of velocity and of appearance, each by objects that the
    model had not seen."""

    def terms(self, objects: Attributes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """(M, 2) negative log-likelihood of the velocity and mean distance of the deep features, of M objects; and (M,)
        the row of the normal object whose deep features are nearest."""
        from scenewise.methods.object_memory.neighbours import mean_distance, nearest

        if not len(objects.velocity):
            return np.empty((0, 2)), np.empty(0, np.int64)
        velocity = -Mixture(self.weights, self.means, self.precisions).log_likelihood(objects.velocity)
        new, known = (np.asarray(one, np.float32) for one in (objects.appearance, self.appearance))
        found = nearest(new, known, self.neighbours.item())
        return np.stack([velocity, mean_distance(found)], axis=1), found.row[:, 0]

    def joined(self, terms: NDArray[np.float64]) -> NDArray[np.float32]:
        """(M,) object scores from `terms` (M, 2): their sum, each with its median at 0 and 99th percentile at 1."""
        return np.asarray(self._weighed(terms).sum(axis=1), np.float32)

    def parts(self, terms: NDArray[np.float64]) -> NDArray[np.float32]:
        """(M, 2) shares of velocity and appearance in the scores of `joined`; 0 where a score is not above 0."""
        weighed = self._weighed(terms)
        raised = np.maximum(weighed, 0) * (weighed.sum(axis=1, keepdims=True) > 0)
        return np.asarray(raised / np.maximum(raised.sum(axis=1, keepdims=True), 1e-12), np.float32)

    def _weighed(self, terms: NDArray[np.float64]) -> NDArray[np.float64]:
        median, q99 = self.scale
        return np.asarray((terms - median) / np.maximum(q99 - median, 1e-6) * self.counts)


class AttributeDensity(OnePassMethod):
    """Velocity and appearance of moving objects, each by its own density."""

    name = "attribute-density"
    summary = "densities of velocity and of deep features of moving objects, added"
    Settings: ClassVar[type[Settings]] = AttributeDensitySettings
    deterministic = False
    needs_objects = True
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "attribute-density": {},
        "attribute-density/pooled": {"scope": "pooled"},
    }
    label = "attribute densities"
    model = AttributeDensities
    forms: ClassVar = {
        "weights": tensor("float64", "gaussians"),
        "means": tensor("float64", "gaussians", "velocity"),
        "precisions": tensor("float64", "gaussians", "velocity", "velocity"),
        "appearance": tensor("float16", "objects", "object width"),
        "video": tensor("int32", "objects"),
        "frame": tensor("int32", "objects"),
        "box": tensor("float32", "objects", 4),
        "neighbours": tensor("int64", 1),
        "counts": tensor("float64", 2),
        "scale": tensor("float64", 2, 2),
    }

    def facts(self, store: FeatureStore, parts: Mapping[str, Sequence[StoredVideo]]) -> dict[str, Any]:
        """The videos that the normal objects are from."""
        return {"videos": {part: [[video.title, video.source] for video in own] for part, own in parts.items()}}

    def fit_part(
        self, videos: Sequence[StoredVideo], store: FeatureStore, settings: AttributeDensitySettings
    ) -> FittedPart:
        """The densities of all moving objects, and each frame's score by those of the other groups of folds."""
        from scenewise.methods.folds import folds_by_scene, track_folds
        from scenewise.methods.frames.leave_out import GROUPS, models_without
        from scenewise.methods.frames.object_scorer import frame_scores

        objects = [video.all_objects() for video in videos]
        folds = [
            track_folds(own.track, own.frame, of_frames)
            for own, of_frames in zip(objects, folds_by_scene([(one.scene, one.frames) for one in videos]), strict=True)
        ]
        found = [attributes_of(own, video.fps) for own, video in zip(objects, videos, strict=True)]
        groups = np.concatenate([own[one.row] for own, one in zip(folds, found, strict=True)]) % GROUPS
        together = Attributes(*(np.concatenate(column) for column in zip(*found, strict=True)))
        if len(groups) < FEWEST:
            raise DataError(
                f"{videos[0].scene}: its training videos show {len(groups)} moving objects, too few to learn from; add "
                "footage, or train with --method frame-knn"
            )
        terms = np.empty((len(groups), 2))
        for group, model in models_without(groups, lambda kept: learn(together.select(kept), settings)):
            terms[groups == group], _ = model.terms(together.select(groups == group))
        scale = np.quantile(terms, [0.5, 0.99], axis=0)
        shown = [own.select(one.row) for own, one in zip(objects, found, strict=True)]
        kept = kept_objects(len(groups))
        model = learn(together, settings)._replace(
            scale=scale,
            video=np.repeat(np.arange(len(shown), dtype=np.int32), [len(own.frame) for own in shown])[kept],
            frame=np.concatenate([own.frame for own in shown])[kept],
            box=np.concatenate([own.box for own in shown])[kept],
        )
        ends = np.cumsum([len(one.row) for one in found])[:-1]
        normal = [
            frame_scores(model.joined(part), own.frame[one.row], np.arange(video.frames), store.objects_every)
            for part, own, one, video in zip(np.split(terms, ends), objects, found, videos, strict=True)
        ]
        return FittedPart(model, normal)

    def scorer(self, models: Mapping[str, AttributeDensities], run: RunContent) -> Scorer:
        """One that gives every frame the score of its most abnormal object, and every moving object as a box."""
        from scenewise.methods.frames.object_scorer import AttributeScorer, require_facts

        require_facts(run.facts, models)
        for part, model in models.items():
            if not (len(model.appearance) and len(model.weights) and (model.weights > 0).all()):
                raise ValueError(f"{part}/appearance: holds nothing")
            require_indices(f"{part}/video", model.video, len(run.facts["videos"][part]))
        return AttributeScorer(models, run.facts["videos"], run.objects_every, run.scenes)


def learn(objects: Attributes, settings: AttributeDensitySettings) -> AttributeDensities:
    """The densities of normal objects, at least one, on no scale yet."""
    from sklearn.mixture import GaussianMixture

    velocity = objects.velocity if len(objects.velocity) > 1 else np.repeat(objects.velocity, 2, axis=0)
    count = max(1, min(settings.gaussians, len(velocity) // 20, len(np.unique(velocity, axis=0))))
    mixture = GaussianMixture(count, reg_covar=LEAST_COVARIANCE, random_state=settings.seed).fit(velocity)
    return AttributeDensities(
        mixture.weights_,
        mixture.means_,
        mixture.precisions_cholesky_,
        objects.appearance[kept_objects(len(objects.appearance))],
        *_NOWHERE,
        np.array([settings.neighbours]),
        np.array([settings.velocity_weight, settings.appearance_weight]),
        np.array([[0.0, 0.0], [1.0, 1.0]]),
    )


def kept_objects(count: int) -> NDArray[np.int64]:
    """The rows of so many normal objects that the deep features of others are compared with."""
    from scenewise.methods.object_memory.appearance import evenly_spread

    return evenly_spread(count, MOST)
