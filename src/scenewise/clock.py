"""The time of a moment in a video, and lengths of time, as people read them."""

import math
from collections.abc import Iterator


def clock(seconds: float) -> str:
    """Seconds from the start, at least 0, as `1:13.2` or `1:01:40.0`.

    Tenths are rounded down, as video players do: the time is never after the moment, nor after the video's end. A
    millionth of a tenth is added first, against rounding errors of the division by a frame rate.
    """
    tenths = math.floor(seconds * 10 + 1e-6)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{lead}:{rest // 10:02d}.{rest % 10}"


def whole_seconds(seconds: int) -> str:
    """Whole seconds from the start, as `1:13` or `1:01:40`."""
    return clock(seconds).removesuffix(".0")


STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
"""Seconds between the ticks of an axis of time."""


def ticks(length: float, most: int = 7) -> Iterator[tuple[int, str]]:
    """(second, its label) of an axis of `length` seconds: whole seconds, minutes or hours, about `most` of them."""
    step = next((step for step in STEPS if length / step <= most), STEPS[-1])
    for second in range(0, int(length) + 1, step):
        yield second, whole_seconds(second)


def times(start: float, end: float, most: int = 7) -> list[tuple[float, str]]:
    """(second, its label) of an axis from `start` to `end` in seconds: round times, about `most` of them."""
    step = next((step for step in (0.1, 0.2, 0.5, *STEPS) if (end - start) / step <= most), STEPS[-1])
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return [(number * step, clock(number * step).removesuffix(".0")) for number in range(first, last + 1)]


def duration(seconds: float) -> str:
    """A length of time in the unit that fits it: `0.3 s`, `21 s`, `12 min`, `3.5 hours`, `2.1 days`."""
    if seconds < 99.5:
        return f"{_short(seconds)} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{_short(seconds / 3600)} hours"
    return f"{_short(seconds / 86_400)} days"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 9.95 or f"{number:.1f}".endswith(".0") else f"{number:.1f}"
