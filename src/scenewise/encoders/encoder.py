"""What every encoder is to the rest of the program."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Encoded(NamedTuple):
    """Features of N frames."""

    features: NDArray[np.float32]
    """(N, D), one row a frame."""
    regions: NDArray[np.float32] | None
    """(N, R, D'), R places in row-major order, where they were asked for; D' may differ from D."""


class Encoder(Protocol):
    """Frozen: frames (N, H, W, 3) uint8 RGB in, features (N, D) out.

    Features never depend on how the frames of a video are cut into calls. An encoder may carry state from frame to
    frame within one video (`carries_state`); `reset` is called at every video's start.
    """

    width: int
    """D, the feature width."""
    batch: int
    """Frames a call that suit it best."""
    carries_state: bool
    """Whether a frame's features depend on the frames before it."""
    identity: dict[str, Any]
    """Plain JSON: all that decides the features (weights, preprocessing, revision). Never a path or a time."""
    execution: dict[str, Any]
    """Plain JSON: device, precision, library versions; recorded, and only warned about."""

    def reset(self) -> None:
        """Forget the video before."""
        ...

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features of the next N frames (N, H, W, 3) uint8 RGB of the video at hand."""
        ...
