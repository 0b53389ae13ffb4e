"""Features of one video made by another program, in a file that is open and checked but not yet read.

Arrays are (N, D), a row a frame; or (N, C, D) with C crops of each picture, of which the mean or one is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.config.import_features import MEAN, Crops
from scenewise.counted import counted
from scenewise.errors import DataError

WIDEST = 65_536
"""Most numbers a frame."""
MOST_CROPS = 16
"""Crops of one picture: ten are usual. An array of more has its axes in another order."""
MOST_EXPANDED = 100
"""Most bytes of features for each stored byte. Features hardly compress; gzip packs zeros about 1000 to 1."""

WINDOWS, SAMPLE = 8, 512
"""Parts of a file, evenly spread, and rows in them that a sample is made of."""
MOST_SAMPLED = 1 << 22
"""Most numbers in a sample."""

Rows = Callable[[int, int], NDArray[Any]]


@dataclass(frozen=True)
class ForeignFeatures:
    """The rows (N, D) of one file."""

    name: str
    """The file, and the array in it, for people."""
    frames: int
    """N, the rows: one a frame, unless they are to be spread over more."""
    width: int
    rows: Rows
    """rows(first, stop): rows `first` to before `stop`, (stop - first, D), in the file's type."""
    crops: int | None = None
    """C, of an array (N, C, D)."""

    def read(self, first: int, stop: int) -> NDArray[np.float16]:
        """Features (n, D) of frames `first` to before `stop`.

        Raises DataError, naming the file and the frame, if they cannot be read, are not finite, or exceed 65504, the
        largest float16.
        """
        return self._checked(first, self._read(first, stop))

    def sample(self) -> NDArray[np.float64]:
        """Features (n, D) of up to SAMPLE frames spread over the file, unrounded. Raises DataError as `read` does."""
        wanted = min(SAMPLE, max(MOST_SAMPLED // self.width, WINDOWS), self.frames)
        length = -(-wanted // WINDOWS)
        starts = sorted({int(start) for start in np.linspace(0, max(self.frames - length, 0), WINDOWS)})
        parts = []
        for start in starts:
            rows = self._read(start, start + length)
            self._checked(start, rows)
            parts.append(rows.astype(np.float64))
        return np.concatenate(parts)

    def _read(self, first: int, stop: int) -> NDArray[Any]:
        try:
            return self.rows(first, min(stop, self.frames))
        except ValueError as error:
            raise DataError(f"{self.name}: frames from {first} on cannot be read ({error}); copy it again") from error

    def _checked(self, first: int, rows: NDArray[Any]) -> NDArray[np.float16]:
        """`rows`, of the frames from `first` on, as float16."""
        with np.errstate(over="ignore"):
            features = rows.astype(np.float16)
        if not np.isfinite(features).all():
            frame = int(np.isfinite(features).all(axis=1).argmin())
            value = rows[frame][~np.isfinite(features[frame])][0]
            reason = "beyond 65504, the largest float16; scale them" if np.isfinite(value) else "no finite number"
            raise DataError(f"{self.name}: features of frame {first + frame} hold {value}, {reason}")
        return features


def of_array(name: str, shape: tuple[int, ...], rows: Rows, crops: Crops = MEAN) -> ForeignFeatures:
    """The features of an array of `shape` (N, D) or (N, C, D), whose rows `rows` reads; `crops`: which to take.

    Raises DataError, which begins with `name`, if it has another shape, or no such crop.
    """
    if len(shape) not in (2, 3):
        raise DataError(
            f"{name}: expected an array (N, D), a row per frame, or (N, C, D), with crops, got shape {shape}"
        )
    frames, width = shape[0], shape[-1]
    if not frames or not 0 < width <= WIDEST:
        raise DataError(f"{name}: expected at least one frame of 1 to {WIDEST} numbers, got shape {shape}")
    if len(shape) == 2:
        if crops != MEAN:
            raise DataError(f"{name}: --crops {crops} takes one of several crops, and it has none, being {shape}")
        return ForeignFeatures(name, frames, width, rows)
    count = shape[1]
    if not 0 < count <= MOST_CROPS:
        raise DataError(
            f"{name}: expected 1 to {MOST_CROPS} crops in the middle of (N, C, D), got shape {shape}; if its axes are "
            "in another order, save it with numpy.transpose"
        )
    if crops != MEAN and crops >= count:
        raise DataError(f"{name}: --crops {crops}: it has {counted(count, 'crop')}, numbered from 0 to {count - 1}")
    return ForeignFeatures(name, frames, width, lambda first, stop: _taken(rows(first, stop), crops), count)


def _taken(rows: NDArray[Any], crops: Crops) -> NDArray[Any]:
    """Of rows (n, C, D) the mean over the crops, or one crop: (n, D)."""
    if crops == MEAN:
        with np.errstate(invalid="ignore"):  # infinities of both signs; what is not finite is refused afterwards
            return np.asarray(rows.mean(axis=1, dtype=np.float64))
    return rows[:, crops]


def require_numbers(which: str, dtype: np.dtype[Any]) -> None:
    """Raise DataError, which begins with `which`, unless `dtype` is of real numbers."""
    if dtype.kind not in "fiu":
        raise DataError(f"{which}: expected numbers, got values of type {dtype}")
