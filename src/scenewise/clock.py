"""The time of a moment in a video, as people read it."""

import math


def clock(seconds: float) -> str:
    """Seconds from the start, at least 0, as `1:13.2` or `1:01:40.0`.

    Tenths are rounded down, as players of videos do it: whoever goes to the time that is shown sees the moment come,
    and no moment stands after the video's end. A millionth of a tenth makes up for what dividing by a frame rate loses.
    """
    tenths = math.floor(seconds * 10 + 1e-6)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{lead}:{rest // 10:02d}.{rest % 10}"
