"""A score curve of any length in a bounded number of columns, for pictures of it."""

import numpy as np
from numpy.typing import NDArray

COLUMNS = 1000
"""Columns of the curve: at least half as many for a long video, and fewer than twice as many."""


class Outline:
    """A score curve of any length in a bounded number of columns: the lowest and the highest score of each.

    Columns are joined in pairs when there are too many.
    """

    def __init__(self) -> None:
        self.stride = 1
        """Frames a column."""
        self._columns: list[tuple[float, float, float]] = []
        self._waiting: list[tuple[float, float]] = []

    def add(self, times: NDArray[np.float64], scores: NDArray[np.float32]) -> None:
        """Take the next frames: their times in seconds and their scores, (n,) each."""
        for frame in zip(times.tolist(), scores.tolist(), strict=True):
            self._waiting.append(frame)
            if len(self._waiting) == self.stride:
                self._columns.append(_column(self._waiting))
                self._waiting = []
                if len(self._columns) == 2 * COLUMNS:
                    self._halve()

    def _halve(self) -> None:
        pairs = zip(self._columns[::2], self._columns[1::2], strict=True)
        self._columns = [(early[0], min(early[1], late[1]), max(early[2], late[2])) for early, late in pairs]
        self.stride *= 2

    def columns(self) -> NDArray[np.float64]:
        """(C, 3), C below 2 x COLUMNS: time of the column's first frame, lowest and highest score."""
        rest = [_column(self._waiting)] if self._waiting else []
        return np.array([*self._columns, *rest], np.float64).reshape(-1, 3)


def _column(frames: list[tuple[float, float]]) -> tuple[float, float, float]:
    scores = [score for _, score in frames]
    return frames[0][0], min(scores), max(scores)
