"""Which parts of a camera's recordings are learned from, and which are scored: earlier and later ones, never mixed."""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from scenewise.datasets.manifest import Split

LEARN = 0.7
"""Share of the time to learn from."""
PARTS = 5
"""Parts to learn from, if the footage is long enough: each is left out once to see how normal footage scores."""
SHORTEST = 4.0
"""Seconds of the shortest part that a recording is cut into."""
NEARLY = 0.1
"""The time to learn from may be so much longer or shorter, as a share of all time, to end where a recording ends."""


class Part(NamedTuple):
    """A stretch of one recording."""

    recording: int
    """Its place among the camera's recordings."""
    start: float
    """Seconds from the recording's first frame."""
    stop: float
    split: Split


def plan(seconds: Sequence[float], learn: float = LEARN, learned: int | None = None) -> list[Part]:
    """Parts of recordings that last `seconds` each, in order of time; together they are all recordings.

    The first `learn` of the time is to learn from, up to NEARLY if that spares a cut. Recordings to learn from are cut
    until there are PARTS of them, if each is at least SHORTEST then. `learn` lies between 0 and 1, both excluded;
    `learned`, if given, is the number of recordings to learn from instead, at least 1.
    """
    ends = list(accumulate(seconds))
    border = _border(ends, learn) if learned is None else ends[learned - 1]
    longest = max(border / PARTS, SHORTEST)
    parts: list[Part] = []
    for place, (begin, end) in enumerate(pairwise([0.0, *ends])):
        before = min(max(border - begin, 0.0), end - begin)
        if before > 0:
            count = max(min(math.ceil(before / longest - 1e-6), int(before / SHORTEST)), 1)
            cuts = [before * number / count for number in range(count + 1)]
            parts += [Part(place, start, stop, "train") for start, stop in pairwise(cuts)]
        if before < end - begin:
            parts.append(Part(place, before, end - begin, "test"))
    return parts


def _border(ends: Sequence[float], learn: float) -> float:
    """Seconds from the first recording's start at which learning ends: at the end of a recording if one is near."""
    wanted = learn * ends[-1]
    nearest = min(ends[:-1], key=lambda end: abs(end - wanted), default=wanted)
    return nearest if abs(nearest - wanted) <= NEARLY * ends[-1] else wanted
