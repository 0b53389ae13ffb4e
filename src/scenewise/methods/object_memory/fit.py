"""Fitting: one pass over the normal footage, no steps.

Every normal frame is scored by the other folds of footage (leave-one-group-out), so that all footage is both learned
from and calibrated on, and nothing is scored by itself.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.features.store import StoredVideo
from scenewise.methods.folds import folds_by_scene, track_folds
from scenewise.methods.object_memory.appearance import AppearanceMap, fit_appearance
from scenewise.methods.object_memory.frame_residual import fit_frame_residual
from scenewise.methods.object_memory.memory_bank import LARGEST, NormalObjects, fit_memory_bank
from scenewise.methods.object_memory.scene_model import (
    SceneModel,
    in_every_frame,
    leave_one_group_out,
    object_term,
)

FEWEST = 50
"""Objects from which an appearance map can be fitted."""


class FittedPart(NamedTuple):
    """The model of a scene, or of all scenes, and the terms of its normal videos, (N,) each, by leave-one-group-out."""

    model: SceneModel
    object_terms: list[NDArray[np.float32]]
    frame_terms: list[NDArray[np.float32]]
    """Zeros for `object-memory`."""


def fit_appearance_of(videos: Sequence[StoredVideo]) -> AppearanceMap:
    """The appearance map of all training videos. Raises DataError if they hold hardly any object."""
    features, tracks, begun = [], [], 0
    for video in videos:
        objects = video.all_objects()
        rows = slice(None, None, max(1, len(objects) * len(videos) // (10 * LARGEST)))
        features.append(objects.features[rows])
        tracks.append(objects.track[rows].astype(np.int64) + begun)
        begun += int(objects.track.max(initial=-1)) + 1
    found = sum(map(len, features))
    if found < FEWEST:
        raise DataError(
            f"the training videos show {found} moving objects in all, too few to learn from; add footage, or train "
            "with --method autoencoder"
        )
    return fit_appearance(np.concatenate(features), np.concatenate(tracks))


def fit_part(videos: Sequence[StoredVideo], appearance: AppearanceMap, every: int, *, with_frames: bool) -> FittedPart:
    """What is normal in `videos`, in which every `every`-th frame was examined for objects."""
    folds = folds_by_scene([(video.scene, video.frames) for video in videos])
    normal = []
    for video, own_folds in zip(videos, folds, strict=True):
        objects = video.all_objects()
        of_tracks = track_folds(objects.track, objects.frame, own_folds)
        normal.append(NormalObjects(objects, appearance.embed(objects.features), of_tracks, video.fps))
    bank = fit_memory_bank(normal)
    left_out = leave_one_group_out(bank, normal, folds, every)
    object_terms = []
    for video, normal_objects, scores in zip(videos, normal, left_out.scores, strict=True):
        examined = np.arange(0, video.frames, every)
        terms = object_term(scores, normal_objects.objects.frame, examined)
        object_terms.append(in_every_frame(terms, examined, np.arange(video.frames)))
    model = SceneModel(bank, left_out.scale, left_out.weights, None)
    if not with_frames:
        return FittedPart(model, object_terms, [np.zeros(video.frames, np.float32) for video in videos])
    residual, frame_terms = fit_frame_residual([video.features() for video in videos], folds)
    return FittedPart(model._replace(residual=residual), object_terms, frame_terms)
