"""What is normal in one scene: a memory bank of its moving objects, and for `fusion` the residual of its frames.

    object score = weighted mean of the terms flow, speed and expected, or the term place if that is higher; drawn
                   towards 0, that of an ordinary object, if it was seen for a moment only
    frame score  = highest object score + weight x frame residual      each on the scale of the scene's normal frames

The first is `object-memory`, both together are `fusion`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.description import TRACK_SECONDS, Description
from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import TERMS, MemoryBank, NormalObjects
from scenewise.methods.object_memory.object_scale import ObjectScale, fit_object_scale
from scenewise.methods.object_memory.term_weights import frame_level, term_weights
from scenewise.methods.object_memory.track_medians import Reach, sightings, track_medians

ENOUGH_SIGHTINGS = 6
"""Detections of an object, within TRACK_SECONDS either side, from which its score counts in full."""
SCORE_WITHOUT_BANK = 10.0
"""Score of any moving object in a scene whose normal footage has none."""
NOTHING = -1.0
"""Object score of a frame in which nothing moves: less than that of an ordinary object, which is 0."""
PARTS = ("appearance", "speed", "place", "direction")
"""What may have raised an object's score."""
ALL_SCENES = "*"
"""Name of the one model for all scenes, with `--scope pooled`."""


class SceneModel(NamedTuple):
    """What is normal in one scene, or in all of them together."""

    bank: MemoryBank | None
    """None if the normal footage has too few moving objects to compare."""
    scale: ObjectScale
    """Of the raw scores of the bank's terms."""
    weights: NDArray[np.float32]
    """(4,) 0 to 1, how much each term counts; see term_weights.py."""
    residual: FrameResidual | None
    """None for `object-memory`."""

    def object_scores(
        self, medians: NDArray[np.float32], boxes: NDArray[np.float32], seen: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """(M,) scores of moving objects, 0 for ordinary ones, from the `medians` (M, 4) of their raw scores along the
        track, their `boxes` (M, 4), and how well they were `seen` (M,), see `sightings`."""
        if self.bank is None:
            return np.full(len(boxes), SCORE_WITHOUT_BANK, np.float32)
        return joined_terms(self.scale.apply(medians, boxes), self.weights) * seen

    def parts(
        self, medians: NDArray[np.float32], shares: NDArray[np.float32], boxes: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """(M, 4) shares of PARTS in the scores of `object_scores`; `shares` (M, 3) as in `BankScores`.

        Each adds up to 1. A term below that of ordinary objects has raised nothing and gets no share. All are 0 for an
        object that no term raised, and without a bank.
        """
        parts = np.zeros((len(boxes), len(PARTS)), np.float32)
        if self.bank is None or not len(boxes):
            return parts
        terms = self.scale.apply(medians, boxes)
        raised = np.maximum(terms, 0) * self.weights
        by_flow, by_speed, by_direction = shares.T
        parts[:, 0] = raised[:, 0] * (1 - by_flow) + raised[:, 1] * (1 - by_speed)
        parts[:, 1] = raised[:, 0] * by_flow + raised[:, 1] * by_speed + raised[:, 2]
        by_place = joined_terms(terms, self.weights) > mean_term(terms, self.weights)
        parts[by_place] = 0
        parts[by_place, 2] = (1 - by_direction)[by_place]
        parts[by_place, 3] = by_direction[by_place]
        parts[joined_terms(terms, self.weights) <= 0] = 0
        return np.asarray(parts / np.maximum(parts.sum(axis=1, keepdims=True), 1e-12), np.float32)


def joined_terms(terms: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(M,) object scores from the scaled `terms` (M, 4) and their `weights` (4,).

    Place joins by the maximum: wherever else an object is ordinary, it may be where nobody goes.
    """
    mean = mean_term(terms, weights)
    return np.asarray(np.maximum(mean, weights[-1] * terms[:, -1]) if weights[-1] else mean, np.float32)


def mean_term(terms: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(M,) the weighted mean of all scaled `terms` (M, 4) but place."""
    return np.asarray(terms[:, :-1] @ weights[:-1] / weights[:-1].sum(), np.float32)


class ScoredNormal(NamedTuple):
    """What scoring a scene's normal objects by the other folds gives."""

    scale: ObjectScale
    weights: NDArray[np.float32]
    """(4,)."""
    scores: list[NDArray[np.float32]]
    """(M,) for each video; NaN for what stands still."""


def leave_one_group_out(
    bank: MemoryBank | None, videos: Sequence[NormalObjects], folds: Sequence[NDArray[np.int32]], every: int
) -> ScoredNormal:
    """The scores of the normal objects of each video, each by the other folds, and the scales that they give.

    `folds` (N,) are those of each video's frames, of which every `every`-th was examined.
    """
    moves = [video.moving() for video in videos]
    moving = [video.select(moved) for video, moved in zip(videos, moves, strict=True)]
    raw = np.zeros((sum(len(video.folds) for video in moving), len(TERMS)), np.float32)
    if bank is not None and len(raw):
        described = [video.described(bank.measures) for video in moving]
        together = Description(*map(np.concatenate, zip(*described, strict=True)))
        raw = bank.left_out(together, np.concatenate([video.folds for video in moving]))
    parts = np.split(raw, np.cumsum([len(video.folds) for video in moving])[:-1])
    medians = [
        track_medians(part, video.objects, Reach(TRACK_SECONDS, video.fps))
        for part, video in zip(parts, moving, strict=True)
    ]
    boxes = [video.objects.box for video in moving]
    tracks = [number * 10**6 + video.objects.track.astype(np.int64) for number, video in enumerate(moving)]
    scale = fit_object_scale(np.concatenate(medians), np.concatenate(boxes), np.concatenate(tracks))
    seen = [sightings(video.objects, Reach(TRACK_SECONDS, video.fps), every, ENOUGH_SIGHTINGS) for video in moving]
    examined = [np.arange(0, len(own), every) for own in folds]
    by_place = [
        object_term(scale.apply(known, box)[:, -1] * often, video.objects.frame, at)
        for known, box, often, video, at in zip(medians, boxes, seen, moving, examined, strict=True)
    ]
    scale = scale.raised(TERMS.index("place"), frame_level(np.concatenate(by_place)))
    of_frames = np.concatenate([own[at] for own, at in zip(folds, examined, strict=True)])
    seconds = sum(len(own) / video.fps for own, video in zip(folds, videos, strict=True))
    weights = term_weights(seconds, np.concatenate(by_place), of_frames)
    model = SceneModel(bank, scale, weights, None)
    scores = []
    for moved, known, box, often in zip(moves, medians, boxes, seen, strict=True):
        scores.append(np.full(len(moved), np.nan, np.float32))
        scores[-1][moved] = model.object_scores(known, box, often)
    return ScoredNormal(scale, weights, scores)


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
