"""How much each term of an object's score counts: as far as the scene's footage teaches what the term asks for.

Whether an object of this appearance and this speed is known takes seconds of footage to learn. How fast such objects go
takes minutes, and so does where they go: eight clips of ten seconds do not show all ways across a square. With little
footage the score is the plainer one.
"""

import numpy as np
from numpy.typing import NDArray

HALF_SECONDS = 120.0
"""Seconds of footage at which the terms `expected` and `place` count half."""
FRAMES_ABOVE = 0.02
"""Share of a left-out fold's frames above the level of the others, beyond which the fold would have alarmed."""
MOST_FOLDS_ABOVE = 0.5
"""Share of such folds from which the term `place` does not count at all."""


def term_weights(seconds: float, by_place: NDArray[np.float32], folds: NDArray[np.int32]) -> NDArray[np.float32]:
    """(4,) weights, 0 to 1, of the terms flow, speed, expected and place, from `seconds` of normal footage.

    `by_place` (n,) are the highest left-out scores by place alone of normal frames, of the folds `folds` (n,).
    """
    learned = seconds / (seconds + HALF_SECONDS)
    return np.array([1, 1, learned, learned * _earned(by_place, folds)], np.float32)


def _earned(by_place: NDArray[np.float32], folds: NDArray[np.int32]) -> float:
    """0 to 1: falls with the share of folds that would have alarmed by place alone, had they been new footage."""
    numbers = np.unique(folds)
    if len(numbers) < 2:
        return 0.0
    alarmed = [
        (by_place[folds == fold] > frame_level(by_place[folds != fold])).mean() > FRAMES_ABOVE for fold in numbers
    ]
    return max(0.0, 1 - float(np.mean(alarmed)) / MOST_FOLDS_ABOVE)


def frame_level(by_place: NDArray[np.float32]) -> float:
    """The 99th percentile of normal frames' highest scores by place, at least 1.

    1 is the 99th percentile of objects; where twenty walk at a time, every fifth frame has one above it.
    """
    return max(float(np.quantile(by_place, 0.99)), 1.0) if len(by_place) else 1.0
