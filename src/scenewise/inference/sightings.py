"""Objects as they are shown to people: where, how novel, and the normal object most like each."""

from typing import NamedTuple

from scenewise.methods.autoencoder.scorer import Scorer
from scenewise.methods.object_memory.scorer import MemoryScorer, NormalExample
from scenewise.methods.scores import ScoredObjects

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture's width and height."""
SHOWN = 0.5
"""Score above which an object is listed and drawn: halfway from ordinary to the scene's rarest."""


class Sighting(NamedTuple):
    """One object in one frame."""

    frame: int
    """The frame that was looked at."""
    box: Box
    score: float
    """1 where a frame of two such objects would be at the 99th percentile of the scene's normal frames."""
    track: int
    normal: NormalExample | None
    """The normal object most like it; None where the scene's normal footage has none."""


def sightings_by_frame(
    objects: ScoredObjects | None, scorer: Scorer, scene: str
) -> tuple[dict[int, list[Sighting]], int]:
    """The sightings of every frame that has any, and every how many-th frame was looked at."""
    found: dict[int, list[Sighting]] = {}
    if objects is None or not isinstance(scorer, MemoryScorer):
        return found, 1
    columns = (column.tolist() for column in objects)
    for frame, (left, top, right, bottom), score, track, alike in zip(*columns, strict=True):
        sighting = Sighting(frame, (left, top, right, bottom), score, track, scorer.normal_example(scene, alike))
        found.setdefault(frame, []).append(sighting)
    return found, scorer.every
