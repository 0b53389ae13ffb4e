"""The object with the highest score in each event, found as frames arrive."""

from typing import NamedTuple, TypeGuard

from scenewise.inference.scored_frames import ScoredFrames, Sighting
from scenewise.scoring.events import Event
from scenewise.scoring.level import Levels
from scenewise.video.decode import Frame


def is_marked(highest: Sighting | None, levels: Levels) -> TypeGuard[Sighting]:
    """Whether an event has an object that is more than ordinary; else the frame as a whole has raised its score."""
    return highest is not None and levels.of(highest.score) != "ordinary"


class Seen(NamedTuple):
    """A sighting and what it was seen in."""

    sighting: Sighting
    picture: Frame
    """The small picture of its frame."""


class HighestObject:
    """Finds the highest sighting of each event; holds one of the open event, and one a frame after it."""

    def __init__(self) -> None:
        self._held: dict[int, Seen] = {}

    def add(self, frames: ScoredFrames) -> None:
        """Take the next frames of the video."""
        for place, of_frame in enumerate(frames.sightings):
            if of_frame:
                highest = max(of_frame, key=lambda sighting: sighting.score)
                self._held[frames.first + place] = Seen(highest, frames.seen_in(place))

    def of(self, event: Event) -> Seen | None:
        """The highest sighting in `event`, if `forget` kept it; None if it has no object."""
        inside = [seen for frame, seen in self._held.items() if event.first_frame <= frame <= event.last_frame]
        return max(inside, key=lambda seen: seen.sighting.score, default=None)

    def forget(self, event: Event | None) -> None:
        """Keep only what the open `event` needs: its highest sighting so far, and frames that may still join it."""
        if event is None:
            self._held = {}
            return
        highest = self.of(event)
        self._held = {frame: seen for frame, seen in self._held.items() if frame > event.last_frame}
        if highest is not None:
            self._held[event.first_frame] = highest
