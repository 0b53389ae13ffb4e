"""Runs of frames above a threshold: what is shown to people as one event, and counted as one alarm."""

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
    """Finds events in one video whose scores come in pieces; knows no more of it than the event that is open.

    Frames above `threshold` belong to one event as long as no more than `gap` frames in a row between them are not:
    one thing that happens is one event, though its score dips (runs declustering, Coles 2001, section 5.3.2).
    """

    def __init__(self, threshold: float, gap: int) -> None:
        self.threshold, self.gap = threshold, gap
        self.open: Event | None = None
        self._frames = 0

    def add(self, scores: NDArray[np.float32]) -> list[Event]:
        """Take the next frames' scores (n,); returns the events that are over."""
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
        """The event that is open where the video ends, if there is one."""
        over = [self.open] if self.open else []
        self.open = None
        return over

    def _take(self, event: Event) -> list[Event]:
        """Join `event` to the open one, or open it; returns the one that is over by that."""
        if self.open and event.first_frame - self.open.last_frame <= self.gap + 1:
            higher = max(self.open, event, key=lambda one: (one.peak_score, -one.peak_frame))
            self.open = Event(self.open.first_frame, event.last_frame, higher.peak_frame, higher.peak_score)
            return []
        over = self.finish()
        self.open = event
        return over


def find_events(scores: NDArray[np.float32], threshold: float, gap: int) -> list[Event]:
    """The events of one video with scores (N,)."""
    finder = EventFinder(threshold, gap)
    return [*finder.add(scores), *finder.finish()]
