"""One scale in words: ordinary, unusual, alarm."""

from typing import Literal, NamedTuple

Level = Literal["ordinary", "unusual", "alarm"]
LEVELS: dict[Level, str] = {
    "ordinary": "scores like 95 % of the camera's normal footage",
    "unusual": "scores above 95 % of the camera's normal footage",
    "alarm": "scores above the camera's alarm line",
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


class Levels(NamedTuple):
    """From where on the scores of one scene are unusual, and from where on they are alarms; on the scene scale."""

    unusual: float
    alarm: float

    def of(self, score: float) -> Level:
        """The word for a score."""
        return level_of(score, *self)

    def in_words(self, score: float) -> str:
        """`1.92 (alarm)`. Below 0 lies half of all normal footage: nothing to tell apart there, so 0 is the least."""
        exact = shown(score) == shown(self.alarm) and score > self.alarm  # 1.003 above 1.00, which two decimals hide
        return f"{f'{score:.3f}' if exact else shown(score)} ({self.of(score)})"


def shown(score: float) -> str:
    """A score as people see it: two decimals, none of them when it is large, and nothing below 0."""
    return f"{max(score, 0.0):.{2 if score < 100 else 0}f}"
