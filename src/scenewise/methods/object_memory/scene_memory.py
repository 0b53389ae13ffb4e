"""What is normal in one scene, remembered: its moving objects, and where asked for its frames.

    frame score = object term + weight x frame term        each on the scale of the scene's normal frames

The object term is the mean score of the frame's two most novel objects, less what a crowd of ordinary ones has more.
The frame term is the residual of the whole frame, relative to what is left of normal frames like it; so a frame that
holds something rare and allowed, as such frames of the training footage do, is no more novel for it. `object-memory` is
the first term alone, `fusion` both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.appearance import AppearanceMap
from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import Normal, ObjectMemory, along_tracks, moving
from scenewise.objects.object_table import Objects

HIGHEST = 2
"""Objects whose mean score is the frame's: one is at the mercy of a single bad cut-out."""
ORDINARY = 1.0
"""Novelty of an ordinary object: it stands in where a frame has one object only."""
NEVER_SEEN = 10.0
"""Novelty of any object in a scene whose normal footage has none."""
CROWD = 32
"""Objects in a frame, from which on more of them change nothing."""
A_FEW = 3
"""Objects in a frame, whose most novel ones count as they are: with more there are likelier novel ones among them."""
POOLED = "*"
"""Name of the one memory of all scenes, where they are not told apart."""


class SceneMemory(NamedTuple):
    """One scene, or all of them where scenes are not to be told apart."""

    objects: ObjectMemory | None
    """None where the normal footage has too few objects to compare."""
    residual: FrameResidual | None
    """None for `object-memory`."""
    crowd: NDArray[np.float32]
    """(CROWD,) mean score of the two most novel of 1, 2, ... ordinary objects."""

    def object_scores(
        self, objects: Objects, appearance: AppearanceMap, fps: float
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """(M,) score of a video's `objects`, and the remembered object most like each (-1 where there is none).

        What stands still has no score and is like nothing.
        """
        moves = moving(objects, fps)
        score, nearest_row = np.zeros(len(objects), np.float32), np.full(len(objects), -1, np.int64)
        if self.objects is None:
            score[moves] = NEVER_SEEN
            return score, nearest_row
        own = objects.select(moves)
        new, nearest_row[moves] = self.objects.score(self.objects.vectors(appearance.of(own.features), own, fps))
        score[moves] = along_tracks(new[:, None], own, fps)[:, 0]
        return score, nearest_row

    def leave_one_out_scores(self, videos: Sequence[Normal]) -> list[NDArray[np.float32]]:
        """(M,) score of the objects of each of the `videos` that were remembered, by what the other groups left."""
        moves = [moving(video.objects, video.fps) for video in videos]
        if self.objects is None:
            return [np.where(moved, NEVER_SEEN, 0).astype(np.float32) for moved in moves]
        own = [video.only(moved) for video, moved in zip(videos, moves, strict=True)]
        vectors = np.concatenate([self.objects.vectors(video.appearance, video.objects, video.fps) for video in own])
        new = self.objects.left_out(vectors, np.concatenate([video.groups for video in own]))
        score = [np.zeros(len(moved), np.float32) for moved in moves]
        parts = np.split(new, np.cumsum([len(video.groups) for video in own])[:-1])
        for place, (video, part) in enumerate(zip(own, parts, strict=True)):
            score[place][moves[place]] = along_tracks(part[:, None], video.objects, video.fps)[:, 0]
        return score


def learn_crowd(score: NDArray[np.float32]) -> NDArray[np.float32]:
    """`SceneMemory.crowd` from the score (M,) of a scene's normal objects; zeros where none moves.

    The expected k-th largest of n draws is about the quantile 1 - k / (n + 1) (David and Nagaraja, Order Statistics,
    2003, section 4.5).
    """
    moving_ones = score[score > 0]
    if not len(moving_ones):
        return np.zeros(CROWD, np.float32)
    there = np.arange(2, CROWD + 1)
    highest = [np.quantile(moving_ones, 1 - place / (there + 1)) for place in range(1, HIGHEST + 1)]
    middle = float(np.median(moving_ones))
    alone = (middle + min(ORDINARY, middle)) / 2
    return np.concatenate([[alone], np.mean(highest, axis=0)]).astype(np.float32)


def frame_scores(
    score: NDArray[np.float32], objects: Objects, looked_at: NDArray[np.int64], crowd: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(n,) of the frames numbered `looked_at`, from the `score` (M,) of the `objects` in them; 0 where none moves.

    Less what so many ordinary objects, by `crowd`, have more than A_FEW: else a busy moment would look novel.
    """
    scores = np.zeros(len(looked_at), np.float32)
    begins, ends = np.searchsorted(objects.frame, looked_at), np.searchsorted(objects.frame, looked_at, "right")
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        there = score[begin:end][score[begin:end] > 0]
        highest = np.sort(there)[::-1][:HIGHEST]
        if len(highest):
            missing = [min(ORDINARY, float(highest[-1]))] * (HIGHEST - len(highest))
            usual = crowd[min(len(there), CROWD) - 1] - crowd[A_FEW - 1]
            scores[place] = np.mean([*highest, *missing]) - usual
    return scores


def every_frame(
    scores: NDArray[np.float32], looked_at: NDArray[np.int64], frames: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Scores of `frames` from those of the frames `looked_at`: between two, in proportion."""
    return np.interp(frames, looked_at, scores).astype(np.float32)
