"""Windows: which frames make a segment."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def window_starts(frames: int, length: int, stride: int) -> NDArray[np.int64]:
    """First frames of windows of `length` frames, `stride` apart, that together cover all `frames` of a video.

    Where the stride leaves a tail, one more window ends at the last frame. A video shorter than `length` has the one
    window that starts at 0 (its missing frames repeat the last one); a video without frames has none.
    """
    if frames <= 0:
        return np.empty(0, np.int64)
    last = max(frames - length, 0)
    starts = np.arange(0, last + 1, stride, dtype=np.int64)
    return starts if starts[-1] == last else np.append(starts, last)


def every_start(frames: int, length: int) -> NDArray[np.int64]:
    """First frames of all windows of `length` frames that lie in a video of `frames`: for training."""
    return np.arange(frames - length + 1, dtype=np.int64)


def cut_windows(features: NDArray[Any], starts: NDArray[np.int64], length: int) -> NDArray[Any]:
    """Windows (B, T, D) of `features` (N, D) at `starts` (B,); frames beyond the last repeat it."""
    rows = np.minimum(starts[:, None] + np.arange(length), len(features) - 1)
    windows: NDArray[Any] = features[rows]
    return windows
