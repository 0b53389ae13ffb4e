"""One scale in words: ordinary, unusual, alarm."""

from typing import Literal

Level = Literal["ordinary", "unusual", "alarm"]
LEVELS: dict[Level, str] = {
    "ordinary": "as 95 % of the camera's normal footage",
    "unusual": "above 95 % of the camera's normal footage",
    "alarm": "above the camera's threshold",
}
"""What each word means."""
UNUSUAL = 0.95
"""Share of normal scores below which a score is ordinary."""


def level_of(score: float, unusual: float, alarm: float) -> Level:
    """The word for a score on the scene scale.

    `unusual` is the quantile UNUSUAL of the scene's normal scores, `alarm` its threshold.
    """
    if score > alarm:
        return "alarm"
    return "unusual" if score > unusual else "ordinary"
