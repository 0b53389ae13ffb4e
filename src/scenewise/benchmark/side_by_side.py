"""Runs of a benchmark side by side on several cores: each in its own process with one thread, so that results are the
same however many run at once."""

import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from scenewise.device import pick_device

T = TypeVar("T")


def runs_at_once(jobs: int | None, device: str) -> int:
    """`jobs`; if None, as many as there are cores, or one if the models run on a GPU, whose memory they would share."""
    if jobs is not None:
        return jobs
    return (os.cpu_count() or 1) if pick_device(device).type == "cpu" else 1


class Children:
    """The processes that run now, to end them all together."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def add(self, child: subprocess.Popen[str]) -> None:
        """One more. It is ended at once if the others were."""
        with self._lock:
            self._running.add(child)
            if self._ended:
                child.terminate()

    def remove(self, child: subprocess.Popen[str]) -> None:
        """It has ended by itself."""
        with self._lock:
            self._running.discard(child)

    def end(self) -> None:
        """End all, and those that are added later. What they had finished stays, and their runs can go on."""
        with self._lock:
            self._ended = True
            for child in self._running:
                child.terminate()


def side_by_side(items: Sequence[T], at_once: int, make: Callable[[T, Children], None]) -> None:
    """Call `make` for each of `items`, `at_once` of them together, in their order.

    If one raises, those that run are ended, no other one is begun, and the error is raised.
    """
    children = Children()
    with ThreadPoolExecutor(at_once) as pool:
        futures: set[Future[None]] = {pool.submit(make, item, children) for item in items}
        try:
            while futures:
                done, futures = wait(futures, return_when=FIRST_COMPLETED)
                for one in done:
                    one.result()
        except BaseException:
            for future in futures:
                future.cancel()
            children.end()
            raise
