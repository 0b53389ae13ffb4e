"""The most abnormal moments of a video, whether or not its scores reach the threshold."""

from collections.abc import Sequence
from typing import NamedTuple

from scenewise.inference.scored_frames import ScoredFrames, Sighting
from scenewise.video.decode import Frame

MOST = 5
"""Moments of one video."""
APART = 3.0
"""Seconds between two moments, at least: a second picture of the same thing tells nothing new."""
_HELD = 8 * MOST
"""Candidates with and without an object that are held while the video goes on."""


class Moment(NamedTuple):
    """One frame and its picture."""

    score: float
    """On the scene scale."""
    frame: int
    time: float
    picture: Frame
    """Small; if an object is there, of the frame that was examined."""
    sighting: Sighting | None = None
    """The object with the highest score in the frame; None if nothing moves in it."""


class TopMoments:
    """Finds the highest moments of a video as its scores come; holds a bounded number of small pictures.

    The highest frame of every stretch of APART seconds is a candidate, and so is the highest one in which something
    moves.
    """

    def __init__(self) -> None:
        self._best: dict[tuple[bool, int], Moment] = {}

    def add(self, frames: ScoredFrames) -> None:
        """Take the next frames of the video."""
        for place, (score, time) in enumerate(zip(frames.scene_scores.tolist(), frames.times.tolist(), strict=True)):
            highest = max(frames.sightings[place], key=lambda sighting: sighting.score, default=None)
            slot = highest is not None, int(time // APART)
            if slot not in self._best or score > self._best[slot].score:
                self._best[slot] = Moment(score, frames.first + place, time, frames.seen_in(place), highest)
        for moving in (False, True):
            slots = sorted((slot for slot in self._best if slot[0] is moving), key=lambda slot: -self._best[slot].score)
            for slot in slots[_HELD:]:
                del self._best[slot]

    def top(self) -> list[Moment]:
        """At most MOST moments, highest first. Frames in which nothing moves only count if nothing moves anywhere."""
        moving = [moment for moment in self._best.values() if moment.sighting is not None]
        return _apart(moving or list(self._best.values()))


def _apart(moments: Sequence[Moment]) -> list[Moment]:
    chosen: list[Moment] = []
    for moment in sorted(moments, key=lambda moment: (-moment.score, moment.frame)):
        if len(chosen) < MOST and all(abs(moment.time - other.time) >= APART for other in chosen):
            chosen.append(moment)
    return chosen
