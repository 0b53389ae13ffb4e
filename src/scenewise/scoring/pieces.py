"""What goes into a scorer, and what comes out."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.features.store import Block
from scenewise.objects.columns import Objects


class Piece(NamedTuple):
    """n consecutive frames of a video."""

    features: NDArray[np.floating]
    """(n, D)."""
    objects: Objects | None
    """The objects in them; None where none were looked for."""


def piece_of(block: Block) -> Piece:
    """A block of the feature store, as scorers take it."""
    return Piece(block.features, block.objects)


class ScoredObjects(NamedTuple):
    """M objects, ordered by frame."""

    frame: NDArray[np.int32]
    """(M,) from the video's start."""
    box: NDArray[np.float32]
    """(M, 4) left, top, right, bottom as shares of the picture's width and height."""
    score: NDArray[np.float32]
    """(M,) 1 where a frame of two such objects would be at the 99th percentile of the scene's normal frames."""
    track: NDArray[np.int32]
    """(M,)."""
    alike: NDArray[np.int64]
    """(M,) row of the remembered normal object most like each; -1 where there is none."""

    def select(self, rows: slice) -> "ScoredObjects":
        """Those of `rows`."""
        return ScoredObjects(self.frame[rows], self.box[rows], self.score[rows], self.track[rows], self.alike[rows])

    @classmethod
    def joined(cls, parts: Sequence["ScoredObjects"]) -> "ScoredObjects":
        """All of `parts` in their order."""
        none = cls(
            np.empty(0, np.int32),
            np.empty((0, 4), np.float32),
            np.empty(0, np.float32),
            np.empty(0, np.int32),
            np.empty(0, np.int64),
        )
        columns = zip(none, *parts, strict=True)
        return cls(*(np.concatenate(column) for column in columns))


class Scored(NamedTuple):
    """n consecutive frames of a video with their scores."""

    scores: NDArray[np.float32]
    """(n,) raw, smoothed inside the video, not yet on the scene's scale."""
    objects: ScoredObjects | None
    """The objects in them, for methods that look at objects."""
