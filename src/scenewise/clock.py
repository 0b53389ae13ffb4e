"""The time of a moment in a video, as people read it."""

import math


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
