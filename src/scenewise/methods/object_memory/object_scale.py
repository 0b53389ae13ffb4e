"""The scale of objects' raw scores: 0 is the median and 1 the 99th percentile of normal objects alike in edge and size.

Objects that the picture's edge cuts off, and small ones, are seen badly: their scores are higher without any meaning.
On one scale for all, they would set the threshold of the others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.object_memory.track_velocity import cut_off

SIZES = 4
"""Groups of equally many objects by size."""
CELLS = 2 * SIZES
"""Groups by size, of objects that touch the picture's edge and of others."""
TRUSTED = 20
"""Tracks of a cell at which its own figures count as much as those of all objects."""
LEAST_SPREAD = 0.05
"""Least distance between median and 99th percentile, in medians of the scores, or in scores: they are about 1
for ordinary objects. Footage without any spread would make every difference look infinite."""


class ObjectScale(NamedTuple):
    """Median and spread of each term's scores, cell by cell."""

    sizes: NDArray[np.float32]
    """(SIZES - 1,) sizes between the groups: square roots of the boxes' share of the picture."""
    median: NDArray[np.float32]
    """(CELLS, T) of T terms."""
    spread: NDArray[np.float32]
    """(CELLS, T) from the median to the 99th percentile, above 0."""

    def apply(self, scores: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """(M, T) scores on the scale, of raw `scores` (M, T) of objects in `boxes` (M, 4)."""
        cells = _cells(boxes, self.sizes)
        return np.asarray((scores - self.median[cells]) / self.spread[cells], np.float32)

    def raised(self, term: int, level: float) -> "ObjectScale":
        """The scale on which scores of `term` are 1 where they are `level`, above 0, on this one."""
        spread = self.spread.copy()
        spread[:, term] *= level
        return self._replace(spread=spread)


def fit_object_scale(scores: NDArray[np.float32], boxes: NDArray[np.float32], tracks: NDArray[np.int64]) -> ObjectScale:
    """The scale of a scene from left-out `scores` (M, T), `boxes` (M, 4) and tracks (M,) of its normal objects.

    A cell's figures are shrunk towards those of all objects by the number of tracks g behind them: they count
    g / (g + TRUSTED), since the detections of one track are hardly more than one sample.
    """
    terms = scores.shape[1]
    if not len(scores):
        return ObjectScale(
            np.zeros(SIZES - 1, np.float32), np.zeros((CELLS, terms), np.float32), np.ones((CELLS, terms), np.float32)
        )
    sizes = np.quantile(_size(boxes), np.arange(1, SIZES) / SIZES).astype(np.float32)
    cells = _cells(boxes, sizes)
    overall = np.quantile(scores, [0.5, 0.99], axis=0)
    figures = np.empty((CELLS, 2, terms))
    for cell in range(CELLS):
        inside = cells == cell
        seen = len(np.unique(tracks[inside]))
        own = np.quantile(scores[inside], [0.5, 0.99], axis=0) if seen else overall
        figures[cell] = overall + (own - overall) * seen / (seen + TRUSTED)
    least = LEAST_SPREAD * np.maximum(np.abs(overall[0]), 1)
    median, q99 = figures[:, 0], figures[:, 1]
    return ObjectScale(sizes, median.astype(np.float32), np.maximum(q99 - median, least).astype(np.float32))


def _cells(boxes: NDArray[np.float32], sizes: NDArray[np.float32]) -> NDArray[np.int64]:
    """(M,) cell of each box (M, 4)."""
    touches = np.concatenate(cut_off(boxes), axis=1).any(axis=1)
    return np.asarray(SIZES * touches + np.searchsorted(sizes, _size(boxes)))


def _size(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.sqrt((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])), np.float32)
