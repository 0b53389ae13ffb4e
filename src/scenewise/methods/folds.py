"""Folds of normal footage for leave-one-group-out: footage is scored by what the other folds teach, never by itself."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEWEST_FOLDS = 5
"""Folds that a scene is cut into at least: videos if there are so many, else parts of them."""
MOST_FOLDS = 20
"""Folds that a scene is cut into at most: neighbouring videos then share a fold."""


def frame_folds(lengths: Sequence[int]) -> list[NDArray[np.int32]]:
    """The fold of each frame, (N,) for each of a scene's videos of so many frames.

    Whole videos if there are at least FEWEST_FOLDS, since two halves of a video share light, weather and people;
    otherwise each video is cut into equal parts.
    """
    if len(lengths) >= FEWEST_FOLDS:
        folds = min(len(lengths), MOST_FOLDS)
        return [np.full(length, number * folds // len(lengths), np.int32) for number, length in enumerate(lengths)]
    parts = -(-FEWEST_FOLDS // max(len(lengths), 1))
    found, begun = [], 0
    for length in lengths:
        found.append((begun + np.arange(length) * parts // max(length, 1)).astype(np.int32))
        begun += parts
    return found


def folds_by_scene(videos: Sequence[tuple[str, int]]) -> list[NDArray[np.int32]]:
    """The fold of each frame, (N,) for each of `videos` {scene, frames}: every scene is cut by itself.

    Fold n of one scene has the number of fold n of another, so that whatever is left out is a part of every scene, and
    the rest still shows all of them.
    """
    found: dict[int, NDArray[np.int32]] = {}
    for scene in dict.fromkeys(scene for scene, _ in videos):
        places = [place for place, (own, _) in enumerate(videos) if own == scene]
        found |= zip(places, frame_folds([videos[place][1] for place in places]), strict=True)
    return [found[place] for place in range(len(videos))]


def track_folds(tracks: NDArray[np.int32], frames: NDArray[np.int32], folds: NDArray[np.int32]) -> NDArray[np.int32]:
    """The fold of each object, (M,): that in which its track begins, so that no track lies in two.

    `tracks` and `frames` (M,) of one video's objects, ordered by frame; `folds` (N,) of its frames.
    """
    _, first, track_of = np.unique(tracks, return_index=True, return_inverse=True)
    return folds[frames[first]][track_of] if len(tracks) else np.empty(0, np.int32)
