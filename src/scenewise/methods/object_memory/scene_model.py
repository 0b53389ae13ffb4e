"""What is normal in one scene: a memory bank of its moving objects, and for `fusion` the residual of its frames.

    object score = mean of the terms flow, speed and expected, or the term place if that is higher, as far as the
                   scene's footage has taught it; less for objects that were seen for a moment only
    frame score  = highest object score + weight x frame residual      each on the scale of the scene's normal frames

The first is `object-memory`, both together are `fusion`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.description import TRACK_SECONDS
from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import TERMS, MemoryBank, NormalObjects
from scenewise.methods.object_memory.object_scale import ObjectScale, fit_object_scale
from scenewise.methods.object_memory.track_medians import Reach, sightings, track_medians

ENOUGH_SIGHTINGS = 6
"""Detections of an object, within TRACK_SECONDS either side, from which its score counts in full."""
SCORE_WITHOUT_BANK = 10.0
"""Score of any moving object in a scene whose normal footage has none."""
NOTHING = -1.0
"""Object score of a frame in which nothing moves: less than that of an ordinary object, which is 0."""
TOLERATED = (0.01, 0.05)
"""Shares of left-out objects above 1.0 by their place, up to which that term counts in full, and from which it does not
count at all."""
ALL_SCENES = "*"
"""Name of the one model for all scenes, with `--scope pooled`."""


class SceneModel(NamedTuple):
    """What is normal in one scene, or in all of them together."""

    bank: MemoryBank | None
    """None if the normal footage has too few moving objects to compare."""
    scale: ObjectScale
    """Of the raw scores of the bank's terms."""
    place_weight: float
    """0 to 1: how far the footage has taught where objects go."""
    residual: FrameResidual | None
    """None for `object-memory`."""

    def object_scores(
        self, medians: NDArray[np.float32], boxes: NDArray[np.float32], seen: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """(M,) scores of moving objects, 0 for ordinary ones, from the `medians` (M, 4) of their raw scores along the
        track, their `boxes` (M, 4), and how well they were `seen` (M,), see `sightings`."""
        if self.bank is None:
            return np.full(len(boxes), SCORE_WITHOUT_BANK, np.float32)
        return joined_terms(self.scale.apply(medians, boxes), self.place_weight) * seen


def joined_terms(terms: NDArray[np.float32], place_weight: float) -> NDArray[np.float32]:
    """(M,) object scores from the scaled `terms` (M, 4)."""
    mean = terms[:, :-1].mean(axis=1)
    return np.asarray(np.maximum(mean, place_weight * terms[:, -1]) if place_weight else mean, np.float32)


class ScoredNormal(NamedTuple):
    """What scoring a scene's normal objects by the other folds gives."""

    scale: ObjectScale
    place_weight: float
    scores: list[NDArray[np.float32]]
    """(M,) for each video; NaN for what stands still."""


def leave_one_group_out(bank: MemoryBank | None, videos: Sequence[NormalObjects], every: int) -> ScoredNormal:
    """The scores of the normal objects of each video, each by the other folds, and the scales that they give."""
    moves = [video.moving() for video in videos]
    moving = [video.select(moved) for video, moved in zip(videos, moves, strict=True)]
    medians = [np.zeros((len(video.folds), len(TERMS)), np.float32) for video in moving]
    if bank is not None:
        for place, video in enumerate(moving):
            if len(video.folds):
                raw = bank.left_out(video.described(bank.measures), video.folds)
                medians[place] = track_medians(raw, video.objects, Reach(TRACK_SECONDS, video.fps))
    together = np.concatenate(medians)
    boxes = np.concatenate([video.objects.box for video in moving])
    tracks = np.concatenate(
        [number * 10**6 + video.objects.track.astype(np.int64) for number, video in enumerate(moving)]
    )
    scale = fit_object_scale(together, boxes, tracks)
    by_place = scale.apply(together, boxes)[:, -1]
    weight = 0.0 if bank is None else earned_weight(by_place, np.concatenate([video.folds for video in moving]))
    model = SceneModel(bank, scale, weight, None)
    scores = []
    for video, moved, known in zip(moving, moves, medians, strict=True):
        seen = sightings(video.objects, Reach(TRACK_SECONDS, video.fps), every, ENOUGH_SIGHTINGS)
        scores.append(np.full(len(moved), np.nan, np.float32))
        scores[-1][moved] = model.object_scores(known, video.objects.box, seen)
    return ScoredNormal(scale, weight, scores)


def earned_weight(scores: NDArray[np.float32], folds: NDArray[np.int32]) -> float:
    """0 to 1: how far left-out `scores` (M,) of a term are alike from fold to fold (M,).

    Each fold is held against the 99th percentile of the others. If footage teaches what is normal, about a hundredth of
    its objects lies above. If much more do, the next recording would alarm as well.
    """
    above = []
    for fold in np.unique(folds):
        own = folds == fold
        if own.all():
            return 0.0
        above.append(float((scores[own] > np.quantile(scores[~own], 0.99)).mean()))
    full, none = TOLERATED
    return float(np.clip((none - np.mean(above)) / (none - full), 0, 1)) if above else 0.0


def object_term(
    scores: NDArray[np.float32], frames: NDArray[np.int32], examined: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(n,) object term of the frames numbered `examined`: the highest of the `scores` (M,) of objects in `frames` (M,).

    Scores are NaN for what stands still. NOTHING if nothing moves.
    """
    terms = np.full(len(examined), NOTHING, np.float32)
    moves = np.isfinite(scores) & np.isin(frames, examined)
    np.maximum.at(terms, np.searchsorted(examined, frames[moves]), scores[moves])
    return terms


def in_every_frame(
    terms: NDArray[np.float32], examined: NDArray[np.int64], frames: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Terms of `frames` from those of the `examined` frames: between two, in proportion."""
    return np.interp(frames, examined, terms).astype(np.float32)
