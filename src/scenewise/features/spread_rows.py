"""Rows that stand for parts of a video: R of them, spread evenly over its N frames.

Row r stands for the frames from r N / R to before (r + 1) N / R. So features of clips or segments, such as the 32 of
weakly supervised work, become features of frames, and all else works as it does for frames.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.counted import counted
from scenewise.errors import DataError
from scenewise.features.foreign_features import ForeignFeatures


def rows_of_frames(first: int, stop: int, rows: int, frames: int) -> NDArray[np.int64]:
    """The row (stop - first,) of each frame from `first` to before `stop`; `rows` and `frames` are R and N."""
    return np.arange(first, stop, dtype=np.int64) * rows // frames


def spread(features: ForeignFeatures, frames: int) -> ForeignFeatures:
    """`features` (R, D) as a row a frame (N, D), each repeated for its frames."""
    require_fewer_rows(features.name, features.frames, frames)

    def rows(first: int, stop: int) -> NDArray[Any]:
        places = rows_of_frames(first, stop, features.frames, frames)
        return np.asarray(features.rows(int(places[0]), int(places[-1]) + 1)[places - places[0]])

    return replace(features, frames=frames, rows=rows)


def require_fewer_rows(name: str, rows: int, frames: int) -> None:
    """Raise DataError if there are more rows than frames: some rows would stand for no frame."""
    if rows > frames:
        raise DataError(
            f"{name}: {counted(rows, 'row')} to spread over {counted(frames, 'frame')}; expected no "
            "more rows than frames"
        )
