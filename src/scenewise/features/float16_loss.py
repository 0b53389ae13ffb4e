"""What features made elsewhere lose as float16, the type in which they are stored.

float16 has steps of a two-thousandth of a value, and of 6e-8 below 6e-5. A dimension is lost if rounding adds noise of
more than a tenth of its own variation: features that are tiny, or that vary little about a large mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from scenewise.counted import counted
from scenewise.errors import DataError
from scenewise.progress import note

SMALLEST = float(np.finfo(np.float16).smallest_normal)
"""6.1e-05: below it float16 has fewer digits."""
NOISE = 0.1
"""Most standard deviation of the rounding, as a share of that of the values."""
MANY = 0.5
"""Share of the dimensions from which on features do not survive."""
STILL = 8 * float(np.finfo(np.float32).eps)
"""Variation, as a share of the largest value, that float32 itself may have added."""


@dataclass(frozen=True)
class Rounding:
    """What rounding to float16 does to some frames of one file, or of several: sums over frames, (D,) or ()."""

    frames: int
    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    error_squares: NDArray[np.float64]
    values: int
    """Values that are not 0."""
    zeroed: int
    """Those of them that become 0."""
    small: int
    """Those of them that are below SMALLEST."""
    magnitude: float
    """The sum of all absolute values."""

    @classmethod
    def of(cls, features: NDArray[np.float64]) -> "Rounding":
        """That of `features` (n, D), which are finite and within float16."""
        stored = features.astype(np.float16).astype(np.float64)
        size, present = np.abs(features), features != 0
        return cls(
            frames=len(features),
            total=features.sum(axis=0),
            squares=np.square(features).sum(axis=0),
            error_squares=np.square(stored - features).sum(axis=0),
            values=int(present.sum()),
            zeroed=int((present & (stored == 0)).sum()),
            small=int((present & (size < SMALLEST)).sum()),
            magnitude=float(size.sum()),
        )

    def __add__(self, other: "Rounding") -> "Rounding":
        return Rounding(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def varying(self) -> NDArray[np.bool_]:
        """(D,) whether the dimension varies from frame to frame."""
        return self._deviation > STILL * np.sqrt(self.squares / self.frames)

    @property
    def lost(self) -> NDArray[np.bool_]:
        """(D,) whether it varies and is lost."""
        return self.varying & (np.sqrt(self.error_squares / self.frames) > NOISE * self._deviation)

    @property
    def mostly_lost(self) -> bool:
        """Whether more than MANY of the dimensions that vary are lost, or nothing but zeros is left."""
        return bool(self.lost.sum() > MANY * self.varying.sum() or 0 < self.values == self.zeroed)

    @property
    def mostly_small(self) -> bool:
        """Whether more than MANY of the values are below SMALLEST."""
        return self.small > MANY * self.values

    @property
    def _deviation(self) -> NDArray[np.float64]:
        variance = self.squares / self.frames - np.square(self.total / self.frames)
        return np.sqrt(np.maximum(variance, 0))

    def in_words(self) -> str:
        """The loss, and what to do before the import."""
        parts = []
        if self.lost.any():
            parts.append(f"{self.lost.sum()} of the {self.varying.sum()} dimensions that vary are lost to rounding")
        if self.mostly_small:
            parts.append(f"{self.small / self.values:.0%} of the values are below {SMALLEST:.1e}")
        if self.zeroed > 0.005 * self.values:
            parts.append(f"{self.zeroed / self.values:.0%} of them become 0")
        return f"{', '.join(parts)}; {self._remedy}"

    @property
    def _remedy(self) -> str:
        mean = self.magnitude / max(self.values, 1)
        if mean < 1e-3:
            factor = 10.0 ** -np.floor(np.log10(mean))
            return f"multiply the features of all files by one factor, such as {factor:.0e}"
        return "subtract one mean per dimension from the features of all files, and scale each dimension to about 1"


class Float16Loss:
    """The loss of several files, file by file and together."""

    def __init__(self) -> None:
        self.files = 0
        self.together: Rounding | None = None
        self.spoilt: list[tuple[str, Rounding]] = []
        self.still: list[str] = []

    def add(self, file: str, sample: NDArray[np.float64]) -> None:
        """Count some frames (n, D) of a file; all files have the same D."""
        rounding = Rounding.of(sample)
        self.files += 1
        self.together = rounding if self.together is None else self.together + rounding
        if rounding.mostly_lost:
            self.spoilt.append((file, rounding))
        if len(sample) > 1 and (sample == sample[0]).all():
            self.still.append(file)

    def report(self) -> None:
        """Note what is lost. Raises DataError if most dimensions are, in all files together or in each of them."""
        if self.together is None:
            return
        which = _few([file for file, _ in self.spoilt]) if self.spoilt else counted(self.files, "file")
        text = f"{which}: features do not survive float16, in which they are stored"
        if self.together.mostly_lost:
            raise DataError(f"{text}: {self.together.in_words()}")
        if len(self.spoilt) == self.files:
            raise DataError(f"{text}: {self.spoilt[0][1].in_words()}")
        if self.spoilt:
            note(f"{text}: {self.spoilt[0][1].in_words()}")
        elif self.together.lost.any() or self.together.mostly_small:
            note(f"features lose by float16, in which they are stored: {self.together.in_words()}")
        if self.still:
            note(f"{_few(self.still)}: features are the same in every frame")


def _few(files: Sequence[str]) -> str:
    more = f" and {counted(len(files) - 3, 'more file')}" if len(files) > 3 else ""
    return ", ".join(files[:3]) + more
