"""`extract --flow`: an encoder whose features are followed by optical flow, cell by cell of a grid over the picture.

The flow is that of motion-grid: in each of 6 x 8 cells the speed of what stands out from the background, and its part
to the right, left, down and up. Methods that tell appearance from motion take it as the motion.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.motion_grid import CELLS, MOTION_FEATURES, MOTION_UNITS, MotionGrid
from scenewise.encoders.object_encoder import ObjectEncoder

CHANNELS = ("speed", "right", "left", "down", "up")
"""The channels of motion-grid that are optical flow."""
FLOW_WIDTH = CELLS * len(CHANNELS)
"""Features of flow, the last ones of a frame: cell by cell, each with CHANNELS."""


class WithFlow(Encoder):
    """Another encoder's features, and optical flow behind them."""

    carries_state = True

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self._motion = encoder, MotionGrid()
        self.width, self.batch, self.light = encoder.width + FLOW_WIDTH, encoder.batch, encoder.light
        self.identity: dict[str, Any] = {
            **encoder.identity,
            "flow": {"width": FLOW_WIDTH, "channels": list(CHANNELS), "of": self._motion.identity},
        }
        self.execution: dict[str, Any] = {**self._motion.execution, **encoder.execution}

    def object_encoder(self) -> ObjectEncoder:
        """That of the other encoder."""
        return self.encoder.object_encoder()

    def reset(self) -> None:
        """Forget the video before."""
        self.encoder.reset()
        self._motion.reset()

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features (N, D + FLOW_WIDTH) of the next N frames; a video's first frame has no flow."""
        encoded = self.encoder.encode(frames)
        cells = self._motion.encode(frames).features[:, MOTION_FEATURES].reshape(len(frames), CELLS, -1)
        flow = cells[:, :, [list(MOTION_UNITS).index(name) for name in CHANNELS]].reshape(len(frames), FLOW_WIDTH)
        return Encoded(np.concatenate([encoded.features, flow], axis=1), encoded.regions)
