"""How long an extraction will take: said after its first two batches, with a faster encoder if it is long."""

import time
from collections.abc import Callable

import numpy as np

from scenewise.clock import duration
from scenewise.counted import counted
from scenewise.progress import note

IN_THE_BOX = "efficientnet-lite0"
WORTH_SAYING, LONG = 60.0, 1800.0
"""Seconds: a shorter extraction needs no forecast; for a longer one a faster encoder is named."""
_TRIED = 32
"""Frames that the faster encoder is tried on."""


class Forecast:
    """Is told of every batch that is encoded, and speaks once."""

    def __init__(
        self,
        encoder: str,
        device: str,
        left: Callable[[], int],
        every: int = 1,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`encoder`: its name; `device`: where it runs, as people call it; `left()`: frames that are not yet done;
        `every`: every how many-th frame is encoded."""
        self._name, self._device, self._left, self._every, self._now = encoder, device, left, every, now
        self._began: float | None = None
        self._frames = 0
        """Frames that were encoded since then."""
        self._spoke = False

    def batch(self, frames: int, size: tuple[int, int]) -> None:
        """`frames` more frames, of this height and width, are done. The first batch also starts up the encoder, and
        does not count; the rate is known once those after it hold a frame that was encoded for all that repeat one."""
        if not frames or self._spoke:  # none: all of them were encoded before
            return
        if self._began is None:
            self._began = self._now()
            return
        self._frames += frames
        if self._frames < self._every:
            return
        self._spoke = True
        rate, left = self._frames / max(self._now() - self._began, 1e-9), self._left()
        seconds = left / rate
        if seconds < WORTH_SAYING:
            return
        faster = self._faster(left, size) if seconds > LONG and self._name not in (IN_THE_BOX, "motion-grid") else ""
        note(
            f"{self._name} on this {self._device}: {counted(round(rate, 1), 'frame')} per second, about "
            f"{duration(seconds)} for {counted(left, 'frame')}{faster}"
        )

    def _faster(self, left: int, size: tuple[int, int]) -> str:
        from scenewise.encoders.efficientnet_lite0 import EfficientNetLite0Encoder

        encoder = EfficientNetLite0Encoder()
        frames = np.random.default_rng(0).integers(0, 256, (_TRIED, *size, 3), np.uint8)
        encoder.encode(frames[:2])
        began = self._now()
        encoder.encode(frames)
        rate = self._every * _TRIED / max(self._now() - began, 1e-9)
        return f"; --encoder {IN_THE_BOX} would do {rate:.3g} per second: about {duration(left / rate)}"


def device_in_words(device: str) -> str:
    """`processor` for the CPU, else the device's own name, such as `cuda:0`."""
    return "processor" if device == "cpu" else device
