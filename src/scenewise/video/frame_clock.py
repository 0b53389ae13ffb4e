"""Container times to seconds from the first frame, whatever the clock that stamped them did.

The seconds follow the container's times as far as these can be believed. If the clock jumps ahead, starts again (two
recordings were joined) or stands still, the next frame comes one interval after the last, and the seconds go on from
there.
"""

from collections.abc import Callable
from fractions import Fraction

from scenewise.clock import clock
from scenewise.counted import counted
from scenewise.video.frame_order import Time
from scenewise.video.probe import MOST_FPS

JUMP, JUMP_INTERVALS = 10.0, 10
"""The clock jumps between two frames that lie more than JUMP seconds and more than JUMP_INTERVALS intervals apart."""
LEAST_INTERVAL = 1 / MOST_FPS
"""Seconds. Frames that follow each other faster came in a burst, or the clock stands still."""
BURST = 16
"""So many frames may come in a burst; if more come, the clock stands still."""
_BEHIND = 2
"""By so many intervals a frame's stated time may lie before the time of the frame before."""


class FrameClock:
    """Gives each frame of a video, in order of presentation, its time in seconds; never decreasing."""

    def __init__(self, unit: Fraction, fps: float, now: Callable[[], float] | None = None) -> None:
        """`unit`: seconds a tick of the container; `fps`: the pace, for frames whose time is missing or not believed.

        With `now`, which gives the seconds since a stream was opened, such a frame has the time of its arrival if that
        is later.
        """
        self._unit, self._interval, self._now = float(unit), 1 / fps, now
        self._limit = max(JUMP, JUMP_INTERVALS * self._interval)
        self._begin: Time | None = None
        self._origin = 0.0
        self._before = 0
        self._last: float | None = None
        self._frames = 0
        self._jumps: list[tuple[int, float]] = []
        self._restarts: list[int] = []
        self._burst = 0
        self._stills: dict[int, int] = {}

    @property
    def faults(self) -> tuple[str, ...]:
        """What the clock did wrong so far, a few words for each kind."""
        kinds = [
            [f"jumps ahead by {clock(seconds)} near frame {frame}" for frame, seconds in self._jumps],
            [f"starts again near frame {frame}" for frame in self._restarts],
            [
                f"stands still for {counted(frames, 'frame')} near frame {first}"
                for first, frames in self._stills.items()
            ],
        ]
        return tuple(
            f"its clock {told[0]}{_more(told)}; the times of its frames go on at their pace" for told in kinds if told
        )

    def seconds(self, time: Time | None) -> float:
        """The next frame's time, from the container's time of it; None if the container has none."""
        self._last = self._next(time)
        self._frames += 1
        return self._last

    def _next(self, time: Time | None) -> float:
        expected = 0.0 if self._last is None else self._last + self._interval
        if self._now is not None and (self._last is not None or time is None):
            expected = max(expected, self._now())
        if time is None:
            return expected
        if self._last is None or self._begin is None:
            return self._go_on(time, expected)
        step = (time.pts - self._before) * self._unit
        stated = self._origin + (time.pts - self._begin.pts) * self._unit
        behind = stated < self._last - _BEHIND * self._interval
        self._before = time.pts
        if time.epoch != self._begin.epoch or (behind and step < 0):
            self._restarts.append(self._frames)
            return self._go_on(time, expected)
        if stated - self._last > self._limit:
            self._jumps.append((self._frames, stated - self._last - self._interval))
            return self._go_on(time, expected)
        self._burst = self._burst + 1 if 0 <= step < LEAST_INTERVAL else 0
        if self._burst > BURST:
            self._stills[self._frames - self._burst + 1] = self._burst
            late = self._burst if self._burst == BURST + 1 else 1  # the frames before this one were taken for a burst
            return self._last + late * self._interval
        return self._go_on(time, expected) if behind else max(stated, self._last)

    def _go_on(self, time: Time, seconds: float) -> float:
        """From now on the container's `time` means `seconds`."""
        self._begin, self._before, self._origin, self._burst = time, time.pts, seconds, 0
        return seconds


def _more(told: list[str]) -> str:
    return f" (and {len(told) - 1} times more)" if len(told) > 1 else ""
