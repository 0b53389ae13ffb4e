"""Methods that score each frame by its features alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from scenewise.methods.frames.method import FittedPart, OnePassMethod

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from scenewise.features.store import FeatureStore, StoredVideo
    from scenewise.methods.method import RunContent
    from scenewise.methods.scores import Scorer


class FrameMethod(OnePassMethod):
    """`learn` a model from normal frames; the model's `score` gives new frames their scores."""

    most_frames: ClassVar[int] = 10_000
    """Frames of each scene that a model is learned from at most, evenly spread over all its footage."""

    @abstractmethod
    def learn(self, features: NDArray[np.floating], settings: Any) -> Any:
        """The model of normal frames (n, D), n at least 1: a NamedTuple of arrays with `score`, (N, D) to (N,)."""

    def learner(self, store: FeatureStore, settings: Any) -> Callable[[NDArray[np.floating]], Any]:
        """What makes a model of normal frames (n, D): `learn`, unless a method has to see the whole store first."""
        return partial(self.learn, settings=settings)

    def fit_part(self, videos: Sequence[StoredVideo], store: FeatureStore, settings: Any) -> FittedPart:
        """The model of all frames, and each frame's score by a model of the other groups of folds."""
        import numpy as np

        from scenewise.methods.folds import folds_by_scene
        from scenewise.methods.frames.leave_out import groups_of, models_without
        from scenewise.methods.object_memory.appearance import evenly_spread

        groups = np.concatenate(groups_of(folds_by_scene([(video.scene, video.frames) for video in videos])))
        features = np.concatenate([video.features() for video in videos])
        scenes = len({video.scene for video in videos})
        rows = evenly_spread(len(features), self.most_frames * scenes)
        sample = features[rows]
        scores = np.empty(len(features), np.float32)
        learn = self.learner(store, settings)
        unseen = ~np.isin(groups, groups[rows])  # a group of a few frames may have none in the sample
        for group, model in models_without(groups[rows], lambda kept: learn(sample[kept])):
            own = (groups == group) | unseen
            scores[own] = model.score(features[own])
            unseen[:] = False
        ends = np.cumsum([video.frames for video in videos])[:-1]
        return FittedPart(learn(sample), np.split(scores, ends))

    def scorer(self, models: Mapping[str, Any], run: RunContent) -> Scorer:
        """One that gives every frame the score of its features."""
        from scenewise.methods.frames.scorer import FrameScorer

        return FrameScorer(models)
