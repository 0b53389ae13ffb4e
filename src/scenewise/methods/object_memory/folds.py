"""Stretches of normal footage, each of which is compared with the others alone: leave one out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEAST = 5
"""Stretches a scene is cut into at the least: videos where there are so many, else parts of them."""
MOST = 20
"""Stretches a scene is cut into at the most: neighbouring videos are then one fold."""


def frame_groups(lengths: Sequence[int]) -> list[NDArray[np.int32]]:
    """Which fold each frame is from, (N,) for each of a scene's videos of so many frames.

    Whole videos where there are at least LEAST, since what two halves of a video share (light, weather, who is there)
    makes them nearest_row; else each video is cut into equal parts.
    """
    if len(lengths) >= LEAST:
        folds = min(len(lengths), MOST)
        return [np.full(length, number * folds // len(lengths), np.int32) for number, length in enumerate(lengths)]
    parts = -(-LEAST // max(len(lengths), 1))
    groups, begun = [], 0
    for length in lengths:
        groups.append((begun + np.arange(length) * parts // max(length, 1)).astype(np.int32))
        begun += parts
    return groups


def track_groups(tracks: NDArray[np.int32], frames: NDArray[np.int32], groups: NDArray[np.int32]) -> NDArray[np.int32]:
    """Which fold each object is from, (M,): that in which its track begins, so that no track lies in two.

    `tracks` and `frames` (M,) of one video's objects, ordered by frame; `groups` (N,) of its frames.
    """
    _, first, own = np.unique(tracks, return_index=True, return_inverse=True)
    return groups[frames[first]][own] if len(tracks) else np.empty(0, np.int32)
