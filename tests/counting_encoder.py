"""An encoder for tests of what goes round it: its features can be computed by hand, and it counts its frames."""

import numpy as np

from scenewise.encoders.encoder import Encoded, Encoder


class CountingEncoder(Encoder):
    """Mean colour, and how often frames were encoded; carries a running sum on request."""

    width = 4
    batch = 7

    def __init__(self, carries_state: bool = False, revision: int = 1) -> None:
        self.carries_state = carries_state
        self.identity = {"kind": "counting", "revision": revision, "state": carries_state}
        self.execution = {"device": "cpu"}
        self.encoded = 0
        self.sum = 0.0

    def reset(self) -> None:
        self.sum = 0.0

    def encode(self, frames: np.ndarray) -> Encoded:
        self.encoded += len(frames)
        colour = frames.mean(axis=(1, 2)) / 255
        running = self.sum + np.cumsum(colour[:, 0])
        self.sum = float(running[-1])
        last = running / 100 if self.carries_state else colour[:, 0]
        features = np.concatenate([colour, last[:, None]], axis=1).astype(np.float32)
        return Encoded(features, np.stack([features, features], axis=1))
