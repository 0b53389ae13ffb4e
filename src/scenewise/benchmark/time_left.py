"""How long the rest of several runs will take, by those that are finished."""

import threading
import time
from collections.abc import Callable, Mapping
from statistics import fmean


class TimeLeft:
    """Is told when runs begin and end, from any thread."""

    def __init__(self, kinds: Mapping[str, str], at_once: int, now: Callable[[], float] = time.monotonic) -> None:
        """`kinds`: {run: its kind}; runs of one kind take about as long as each other, such as a method's seeds."""
        self._kinds, self._at_once, self._now = kinds, at_once, now
        self._waiting = [*kinds]
        self._began: dict[str, float] = {}
        self._took: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def begin(self, run: str) -> None:
        """It begins now."""
        with self._lock:
            self._waiting.remove(run)
            self._began[run] = self._now()

    def finish(self, run: str) -> None:
        """It has ended now."""
        with self._lock:
            self._took.setdefault(self._kinds[run], []).append(self._now() - self._began.pop(run))

    def drop(self, run: str) -> None:
        """It will not be made, or not to its end."""
        with self._lock:
            if run in self._waiting:
                self._waiting.remove(run)
            self._began.pop(run, None)

    def seconds(self) -> float | None:
        """Until all have ended, if each takes as long as those of its kind did, or as those of all kinds.

        None if none has ended yet.
        """
        with self._lock:
            if not self._took:
                return None
            means = {kind: fmean(took) for kind, took in self._took.items()}
            usual = fmean(means.values())
            left = [means.get(self._kinds[run], usual) for run in self._waiting]
            for run, began in self._began.items():
                left.append(max(means.get(self._kinds[run], usual) - (self._now() - began), 0.0))
            return max(sum(left) / self._at_once, max(left, default=0.0))
