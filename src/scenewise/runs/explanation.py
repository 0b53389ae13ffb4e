"""Why an object has its score, for people: which part spoke, and in which other scene it would be normal."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.scores import Scorer, scores_elsewhere
from scenewise.scoring.calibration import SceneScale

ORDINARY = 0.5
"""On a scene's scale: an object that scores less there is normal. Halfway between usual objects and the rarest."""
WHOLE_FRAME = "the frame as a whole"
"""What raised the score of a frame in which no object is marked."""

Parts = tuple[tuple[str, float], ...]
"""(name, share) of what a score is made of; the shares add up to 1. Empty if nothing is known of it."""


class Elsewhere(NamedTuple):
    """The scene in which an object would be normal."""

    scene: str
    score: float
    """Its score there, on that scene's scale; below ORDINARY."""


def parts_in_words(parts: Parts) -> str:
    """`mostly speed (72 %)`, or the two largest if none is more than half; empty without parts."""
    ranked = sorted(parts, key=lambda part: -part[1])
    if not ranked or ranked[0][1] <= 0:
        return ""
    name, share = ranked[0]
    if share > 0.5 or len(ranked) == 1:
        return f"mostly {name} ({100 * share:.0f} %)"
    return " and ".join(f"{name} ({100 * share:.0f} %)" for name, share in ranked[:2])


def elsewhere_in_words(elsewhere: Elsewhere | None) -> str:
    """`normal in cycleway (0.20)`; empty if it would be normal in no other scene."""
    return "" if elsewhere is None else f"normal in {elsewhere.scene} ({max(elsewhere.score, 0.0):.2f})"


def normal_elsewhere(
    scorer: Scorer,
    described: NDArray[np.float16] | None,
    boxes: NDArray[np.float32],
    scene: str,
    scales: Mapping[str, SceneScale],
) -> list[Elsewhere | None]:
    """For each of n objects of `scene` the other scene in which it scores lowest, if it is ORDINARY there.

    `described` and `boxes` are theirs in ScoredObjects; `scales` {scene: its scale}.
    """
    found: list[Elsewhere | None] = [None] * len(boxes)
    for other, raw in scores_elsewhere(scorer, described, boxes, scene).items():
        for row, score in enumerate(scales[other].apply(raw).tolist()):
            lowest = found[row]
            if score < (ORDINARY if lowest is None else lowest.score):
                found[row] = Elsewhere(other, score)
    return found
