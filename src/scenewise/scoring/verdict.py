"""What a scene's normal footage is enough for: to rank moments, or to raise so and so many alarms a day."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenewise.clock import duration
from scenewise.scoring.threshold import HOURS_A_DAY, NormalScores

ALARM_HOURS = 3.0
"""Hours of normal footage from which on an alarm budget makes sense. Held-out footage of that length shows one of eight
alarms a day; with less, even a threshold for an alarm an hour is a guess."""
RAREST = 1.0
"""On the scene scale: the 99th percentile of normal scores."""


@dataclass(frozen=True)
class FootageVerdict:
    """What the normal footage of one scene is enough for."""

    seconds: float
    """Of normal footage."""
    parts: int
    """Videos, or parts of them, of which each was scored by what the others taught."""
    most_unlike: float | None
    """The largest share of one part's frames above the 99th percentile of all parts; None of a single part."""

    @property
    def enough_for_alarms(self) -> bool:
        """Whether a threshold can be chosen by a number of alarms a day; else scores only rank."""
        return self.seconds >= ALARM_HOURS * 3600

    @property
    def fewest_alarms_a_day(self) -> int | None:
        """The fewest alarms a day that the footage shows at least one of; None if it is too short for alarms."""
        return math.ceil(HOURS_A_DAY * 3600 / self.seconds - 1e-9) if self.enough_for_alarms else None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "seconds": round(self.seconds, 1),
            "parts": self.parts,
            "most_unlike": self.most_unlike,
            "enough_for": "alarms" if self.enough_for_alarms else "ranking",
            "fewest_alarms_a_day": self.fewest_alarms_a_day,
        }

    def in_words(self) -> str:
        """One line, without the name of the scene."""
        length = f"{duration(self.seconds)} of normal footage"
        if self.enough_for_alarms:
            said = f"{length}, enough for alarms at about {self.fewest_alarms_a_day} a day and more"
        else:
            said = f"{length}, enough to rank moments; an alarm budget needs about {ALARM_HOURS:.0f} hours"
        if self.most_unlike is None:
            return f"{said}; one part only, so nobody knows how much normal footage varies: add another recording"
        if self.most_unlike > 0.1:
            said += (
                f"; one part differs from the others: {100 * self.most_unlike:.0f} % of its frames score as high "
                "as the highest 1 % of all"
            )
        return said


def footage_verdict(normal: Sequence[NormalScores]) -> FootageVerdict:
    """The verdict on a scene's normal footage, at least one part of which holds a frame.

    `normal`: scores of each part, on the scene scale and smoothed, by a method that was fitted without it.
    """
    parts = [part for part in normal if len(part.scores)]
    seconds = sum(len(part.scores) / part.fps for part in parts)
    shares = [float(np.mean(part.scores > RAREST)) for part in parts]
    return FootageVerdict(seconds, len(parts), max(shares) if len(parts) > 1 else None)


def in_short(verdicts: Mapping[str, FootageVerdict]) -> list[str]:
    """Sentences on all scenes: those whose footage is too short for alarms, with its length, in one."""
    short = [f"{scene} ({duration(one.seconds)})" for scene, one in verdicts.items() if not one.enough_for_alarms]
    if not short:
        return []
    return [
        f"There is little normal footage of {', '.join(short)}. Scores put moments in order there, and nobody knows "
        f"how many false alarms to expect: an alarm budget needs about {ALARM_HOURS:.0f} hours of normal footage of "
        "each camera, and tells how many alarms a day to expect."
    ]
