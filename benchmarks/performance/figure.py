"""One figure: ours and plain code, measured in turn in one run, so that both meet the same machine."""

import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

ROUNDS = 3


@dataclass(frozen=True)
class Figure:
    """What was measured, in words and numbers."""

    what: str
    plain: str
    """What the plain code does; or what else ours is compared with."""
    value: float
    unit: str
    """Of `value`: "times", "frames a second" ..."""
    goal: str = ""
    """What it should be, such as "at least 2.5"."""
    reached: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Spent:
    """Seconds of a call: the clock's and the processor's, of all threads of this process and its children."""

    clock: float
    processor: float


def spent(call: Callable[[], object]) -> Spent:
    """What one call takes; garbage of the call before is collected first."""
    gc.collect()
    clock, processor = time.perf_counter(), _processor()
    call()
    return Spent(time.perf_counter() - clock, _processor() - processor)


def in_turn(calls: Sequence[Callable[[], object]], rounds: int = ROUNDS, warm: bool = True) -> list[Spent]:
    """Medians of what each of `calls` takes, called in turn `rounds` times, after once to warm up."""
    if warm:
        for call in calls:
            call()
    times: list[list[Spent]] = [[] for _ in calls]
    for _ in range(rounds):
        for place, call in enumerate(calls):
            times[place].append(spent(call))
    return [Spent(median(one.clock for one in of), median(one.processor for one in of)) for of in times]


def times(ratio: float, what: str, plain: str, least: float | None = None, note: str = "") -> Figure:
    """A figure that is a ratio; `least` is its goal."""
    goal = "" if least is None else f"at least {least:g}"
    return Figure(what, plain, ratio, "times", goal, None if least is None else ratio >= least, note)


def _processor() -> float:
    clocks = os.times()
    return float(clocks.user + clocks.system + clocks.children_user + clocks.children_system)
