"""Events: runs of frames above a threshold. Each is shown to people once and counts as one alarm."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Event(NamedTuple):
    """Frames `first_frame` to `last_frame`, both included and both above the threshold."""

    first_frame: int
    last_frame: int
    peak_frame: int
    peak_score: float


class EventFinder:
    """Finds the events of one video whose scores come in parts; it holds no more than the open event.

    Frames above `threshold` belong to one event if at most `gap` frames in a row between them are not above it, so that
    an incident is one event even if its score dips (runs declustering, Coles 2001, section 5.3.2).
    """

    def __init__(self, threshold: float, gap: int) -> None:
        self.threshold, self.gap = threshold, gap
        self.open: Event | None = None
        self._frames = 0

    def add(self, scores: NDArray[np.float32]) -> list[Event]:
        """Take the scores (n,) of the next frames; returns the events that ended."""
        above = np.flatnonzero(scores > self.threshold)
        over: list[Event] = []
        for run in np.split(above, np.flatnonzero(np.diff(above) > self.gap + 1) + 1):
            if len(run):
                peak = run[scores[run].argmax()]
                first, last, highest = (int(index) + self._frames for index in (run[0], run[-1], peak))
                over += self._take(Event(first, last, highest, float(scores[peak])))
        self._frames += len(scores)
        if self.open and self._frames - self.open.last_frame > self.gap + 1:
            over += self.finish()
        return over

    def finish(self) -> list[Event]:
        """The event that is open when the video ends, if there is one."""
        over = [self.open] if self.open else []
        self.open = None
        return over

    def _take(self, event: Event) -> list[Event]:
        """Join `event` to the open event, or open it; returns the event that ended by that."""
        if self.open and event.first_frame - self.open.last_frame <= self.gap + 1:
            higher = max(self.open, event, key=lambda part: (part.peak_score, -part.peak_frame))
            self.open = Event(self.open.first_frame, event.last_frame, higher.peak_frame, higher.peak_score)
            return []
        over = self.finish()
        self.open = event
        return over


def find_events(scores: NDArray[np.float32], threshold: float, gap: int) -> list[Event]:
    """The events of one video with scores (N,)."""
    finder = EventFinder(threshold, gap)
    return [*finder.add(scores), *finder.finish()]
