"""What is normal in one scene: a memory bank of its moving objects, and for `fusion` the residual of its frames.

    frame score = object term + weight x frame term        each on the scale of the scene's normal frames

The object term is the mean score of the frame's two highest objects, minus what that many normal objects would reach:
the more objects, the higher their maximum. The frame term is the frame residual. `object-memory` is the first term
alone, `fusion` both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import TRACK_SECONDS, MemoryBank, NormalObjects
from scenewise.methods.object_memory.track_medians import Reach, track_medians
from scenewise.objects.object_table import Objects

HIGHEST = 2
"""Objects whose mean score is the frame's: with one object, a bad crop would decide."""
ORDINARY_SCORE = 1.0
"""Score of an ordinary object: stands in for the second if a frame has one object only."""
SCORE_WITHOUT_BANK = 10.0
"""Score of any moving object in a scene whose normal footage has none."""
CROWD = 32
"""Objects in a frame beyond which more of them change nothing."""
UNCROWDED = 3
"""Objects in a frame up to which the highest count as they are: among more, higher ones are likelier by chance."""
ALL_SCENES = "*"
"""Name of the one model for all scenes, with `--scope pooled`."""


class SceneModel(NamedTuple):
    """What is normal in one scene, or in all of them together."""

    bank: MemoryBank | None
    """None if the normal footage has too few moving objects to compare."""
    residual: FrameResidual | None
    """None for `object-memory`."""
    crowd: NDArray[np.float32]
    """(CROWD,) mean score of the two highest of 1, 2, ... ordinary objects."""


def leave_one_group_out(bank: MemoryBank | None, videos: Sequence[NormalObjects]) -> list[NDArray[np.float32]]:
    """(M,) scores of the normal objects of each video, each by the other folds; 0 for what stands still."""
    moves = [video.moving() for video in videos]
    if bank is None:
        return [np.where(moved, SCORE_WITHOUT_BANK, 0).astype(np.float32) for moved in moves]
    moving_ones = [video.select(moved) for video, moved in zip(videos, moves, strict=True)]
    vectors = np.concatenate([video.vectors(bank) for video in moving_ones])
    raw = bank.leave_one_group_out(vectors, np.concatenate([video.folds for video in moving_ones]))
    scores = [np.zeros(len(moved), np.float32) for moved in moves]
    parts = np.split(raw, np.cumsum([len(video.folds) for video in moving_ones])[:-1])
    for place, (video, part) in enumerate(zip(moving_ones, parts, strict=True)):
        medians = track_medians(part[:, None], video.objects, Reach(TRACK_SECONDS, video.fps))
        scores[place][moves[place]] = medians[:, 0]
    return scores


def fit_crowd(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """`SceneModel.crowd` from the scores (M,) of a scene's normal objects; zeros if none moves.

    The expected k-th largest of n draws is about the quantile 1 - k / (n + 1) (David and Nagaraja, Order Statistics,
    2003, section 4.5).
    """
    moving_ones = scores[scores > 0]
    if not len(moving_ones):
        return np.zeros(CROWD, np.float32)
    there = np.arange(2, CROWD + 1)
    highest = [np.quantile(moving_ones, 1 - place / (there + 1)) for place in range(1, HIGHEST + 1)]
    middle = float(np.median(moving_ones))
    alone = (middle + min(ORDINARY_SCORE, middle)) / 2
    return np.concatenate([[alone], np.mean(highest, axis=0)]).astype(np.float32)


def object_term(
    scores: NDArray[np.float32], objects: Objects, examined: NDArray[np.int64], crowd: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(n,) object term of the frames numbered `examined`, from the `scores` (M,) of `objects`; 0 if none moves."""
    terms = np.zeros(len(examined), np.float32)
    begins, ends = np.searchsorted(objects.frame, examined), np.searchsorted(objects.frame, examined, "right")
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        there = scores[begin:end][scores[begin:end] > 0]
        highest = np.sort(there)[::-1][:HIGHEST]
        if len(highest):
            missing = [min(ORDINARY_SCORE, float(highest[-1]))] * (HIGHEST - len(highest))
            by_number = crowd[min(len(there), CROWD) - 1] - crowd[UNCROWDED - 1]
            terms[place] = np.mean([*highest, *missing]) - by_number
    return terms


def in_every_frame(
    terms: NDArray[np.float32], examined: NDArray[np.int64], frames: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Terms of `frames` from those of the `examined` frames: between two, in proportion."""
    return np.interp(frames, examined, terms).astype(np.float32)
