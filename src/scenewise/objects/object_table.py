"""The objects of one video, or of a part of it, as a table: one array per column."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Objects:
    """M objects, ordered by frame."""

    frame: NDArray[np.int32]
    """(M,) number of the frame, from the video's start."""
    box: NDArray[np.float32]
    """(M, 4) left, top, right, bottom as shares of the picture's width and height."""
    area: NDArray[np.float32]
    """(M,) share of the picture that its pixels cover."""
    speed: NDArray[np.float32]
    """(M, 3) mean, 90th percentile and median over its pixels, in picture heights a second; NaN in a video's first
    frame, which has no earlier one."""
    centre: NDArray[np.float32]
    """(M, 2) middle of its box, right and down from the picture's corner, in picture heights."""
    track: NDArray[np.int32]
    """(M,) number of its track, unique within the video."""
    features: NDArray[np.float16]
    """(M, D') its appearance features."""

    def __len__(self) -> int:
        return len(self.frame)

    def select(self, rows: NDArray[Any] | slice) -> "Objects":
        """Those of `rows`."""
        return Objects(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})

    def between(self, first: int, stop: int) -> "Objects":
        """Those of frames `first` up to, not including, `stop`."""
        begin, end = np.searchsorted(self.frame, [first, stop])
        return self.select(slice(int(begin), int(end)))

    def as_tensors(self) -> dict[str, NDArray[Any]]:
        """As a block of the feature store holds them."""
        return {f"objects.{column.name}": getattr(self, column.name) for column in fields(self)}

    @classmethod
    def from_tensors(cls, tensors: dict[str, NDArray[Any]]) -> "Objects | None":
        """What `as_tensors` gave; None if `tensors` hold no objects."""
        if "objects.frame" not in tensors:
            return None
        return cls(**{column.name: tensors[f"objects.{column.name}"] for column in fields(cls)})


def no_objects(width: int) -> Objects:
    """No objects, with appearance features `width` wide."""
    return Objects(
        np.empty(0, np.int32),
        np.empty((0, 4), np.float32),
        np.empty(0, np.float32),
        np.empty((0, 3), np.float32),
        np.empty((0, 2), np.float32),
        np.empty(0, np.int32),
        np.empty((0, width), np.float16),
    )


def joined(parts: Sequence[Objects]) -> Objects:
    """All of `parts`, at least one, in their order."""
    return Objects(
        **{column.name: np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Objects)}
    )
