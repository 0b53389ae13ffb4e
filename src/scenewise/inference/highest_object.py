"""The object with the highest score in each event, found as frames arrive."""

from collections.abc import Sequence
from typing import TypeGuard

from scenewise.inference.scored_frames import Sighting
from scenewise.scoring.events import Event
from scenewise.scoring.level import Levels


def is_marked(highest: Sighting | None, levels: Levels) -> TypeGuard[Sighting]:
    """Whether an event has an object that is more than ordinary; else the frame as a whole has raised its score."""
    return highest is not None and levels.of(highest.score) != "ordinary"


class HighestObject:
    """Finds the highest sighting of each event; holds one of the open event, and one a frame after it."""

    def __init__(self) -> None:
        self._held: dict[int, Sighting] = {}

    def add(self, first: int, sightings: Sequence[Sequence[Sighting]]) -> None:
        """Take the sightings of the next frames, the first of which is frame `first`."""
        for frame, of_frame in enumerate(sightings, first):
            if of_frame:
                self._held[frame] = max(of_frame, key=lambda sighting: sighting.score)

    def of(self, event: Event) -> Sighting | None:
        """The highest sighting in `event`, if `forget` kept it; None if it has no object."""
        inside = [s for frame, s in self._held.items() if event.first_frame <= frame <= event.last_frame]
        return max(inside, key=lambda sighting: sighting.score, default=None)

    def forget(self, event: Event | None) -> None:
        """Keep only what the open `event` needs: its highest sighting so far, and frames that may still join it."""
        if event is None:
            self._held = {}
            return
        highest = self.of(event)
        self._held = {frame: sighting for frame, sighting in self._held.items() if frame > event.last_frame}
        if highest is not None:
            self._held[event.first_frame] = highest
