"""The most novel object of an event, while the event is still going on."""

from collections.abc import Sequence

from scenewise.inference.sightings import Sighting
from scenewise.scoring.events import Event


class Foremost:
    """Knows of the open event the most novel sighting, and of the frames after it one sighting each."""

    def __init__(self) -> None:
        self._held: dict[int, Sighting] = {}

    def add(self, first: int, sightings: Sequence[Sequence[Sighting]]) -> None:
        """Take the sightings of the next frames, of which `first` is the first."""
        for frame, seen in enumerate(sightings, first):
            if seen:
                self._held[frame] = max(seen, key=lambda one: one.score)

    def of(self, event: Event) -> Sighting | None:
        """The most novel sighting of `event`, which was not forgotten; None where no object was seen."""
        own = [one for frame, one in self._held.items() if event.first_frame <= frame <= event.last_frame]
        return max(own, key=lambda one: one.score, default=None)

    def forget(self, event: Event | None) -> None:
        """Keep only what the open `event` needs: the best of it so far, and what it may still reach over a dip."""
        if event is None:
            self._held = {}
            return
        best = self.of(event)
        self._held = {frame: one for frame, one in self._held.items() if frame > event.last_frame}
        if best is not None:
            self._held[event.first_frame] = best
