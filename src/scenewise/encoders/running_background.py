"""The running background of a video, learned from its frames one after the other, and the foreground against it.

Every pixel's level follows the footage by steps of bounded size, so that it settles near the median of what the pixel
showed, and passing objects hardly move it (Manzanera and Richefeu, "A new motion detection algorithm based on
Sigma-Delta background estimation", Pattern Recognition Letters 28, 2007). The bound shrinks as 1 / frames seen down to
a constant, the classic schedule of stochastic approximation (Robbins and Monro, 1951): the first frame is the first
guess, and whatever stood in it by chance is forgotten about as fast as it was learned. No frame depends on later ones.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

CONSTANTS: dict[str, Any] = {
    # The level moves by `rate` of its distance to the frame, at most by max(step, first_step / frames seen).
    "rate": 0.25,
    "step": 0.1,
    "first_step": 64.0,
    # The usual deviation of a pixel, in the same way; it makes the threshold wide at moving leaves and shaking edges.
    "spread_rate": 0.05,
    "spread_step": 0.05,
    "spread_first_step": 8.0,
    # A pixel starts to be foreground at threshold + spreads x its spread, and wholly is at `softness` levels more.
    "threshold": 10.0,
    "spreads": 4.0,
    "softness": 20.0,
    # Exposure may change by this factor from one frame to the next; it is measured on every n-th row and column.
    "largest_gain": 1.25,
    "gain_stride": 4,
}


class Separated(NamedTuple):
    """One frame against its background."""

    foreground: Plane
    """(H, W), 0 background to 1 foreground, soft between."""
    residual: Plane
    """(H, W, 3), frame minus background in levels (-255 to 255), averaged over 3 x 3 pixels against noise."""
    gain: float
    """How much brighter this frame is exposed than the one before."""


class RunningBackground:
    """The background of one video as of its last frame.

    It is robust to noise, flicker and slight shake (each pixel's threshold follows its usual deviation), to slow change
    of light (the level follows) and to changes of exposure (the level is scaled by the median ratio to the frame).
    In the first frames its steps are wide, and the threshold is wider by as much: an uncertain background flags less,
    not more.
    """

    level: Plane
    """(H, W, 3) RGB, the background as the last frame is exposed; in levels, 0 to 255 and slightly beyond."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the video before."""
        self._seen = 0

    def separate(self, frame: Plane) -> Separated:
        """Compare `frame` (H, W, 3), RGB levels 0 to 255, with the frames before it, then learn from it.

        The first frame after `reset` has no foreground. All frames of a video have one size.
        """
        if self._seen == 0:
            self.level = frame.copy()
            self._spread = np.zeros(frame.shape[:2], np.float32)
        self._seen += 1
        step = max(CONSTANTS["step"], CONSTANTS["first_step"] / self._seen)
        gain = exposure_gain(self.level, frame)
        self.level *= np.float32(gain)

        difference = frame - np.minimum(self.level, 255)
        residual = np.asarray(cv2.blur(difference, (3, 3)), np.float32)
        red, green, blue = cv2.split(np.abs(residual))
        distance = np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)
        threshold = self._spread * CONSTANTS["spreads"] + np.float32(CONSTANTS["threshold"] + step)
        foreground = np.clip((distance - threshold) / np.float32(CONSTANTS["softness"]), 0, 1)

        self.level += bounded(difference, CONSTANTS["rate"], step)
        spread_step = max(CONSTANTS["spread_step"], CONSTANTS["spread_first_step"] / self._seen)
        self._spread += bounded(distance - self._spread, CONSTANTS["spread_rate"], spread_step)
        return Separated(foreground, residual, gain)


def bounded(difference: Plane, rate: float, step: float) -> Plane:
    """`rate` x `difference`, no entry beyond ±`step`."""
    return np.asarray(np.clip(difference * np.float32(rate), -step, step), np.float32)


def exposure_gain(level: Plane, frame: Plane) -> float:
    """How much brighter `frame` is than `level` (H, W, 3): the median ratio, which objects that cover less than half of
    the picture do not change; within `largest_gain` either way."""
    stride: int = CONSTANTS["gain_stride"]
    before = level[::stride, ::stride].sum(axis=2)
    now = frame[::stride, ::stride].sum(axis=2)
    # One level more on both sides keeps black pixels from deciding, and from dividing by zero.
    gain = float(np.median((now + 3) / (before + 3)))
    largest: float = CONSTANTS["largest_gain"]
    return min(max(gain, 1 / largest), largest)
