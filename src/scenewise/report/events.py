"""The events of a test video: what was labelled or done on purpose, and whether it is abnormal in this scene."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event."""

    name: str
    """Its class."""
    first: int
    last: int
    """First and last frame, both included."""
    abnormal: bool
    lane: int
    """Row of the strip above the curves; events that overlap stand in different rows."""
    boxes: tuple[tuple[float, ...], ...] = ()
    """(frame, left, top, right, bottom) of some of its frames, as shares of the picture; empty if not known."""


def events_of(described: Sequence[dict[str, Any]]) -> list[Event]:
    """The events of one video as metrics.json describes them, each in the first row in which it overlaps no other."""
    ends: list[int] = []
    placed = []
    for event in sorted(described, key=lambda event: (event["first_frame"], event["last_frame"])):
        lane = next((lane for lane, end in enumerate(ends) if end < event["first_frame"]), len(ends))
        ends[lane : lane + 1] = [event["last_frame"]]
        boxes = tuple(map(tuple, event.get("boxes", ())))
        placed.append(Event(event["class"], event["first_frame"], event["last_frame"], event["abnormal"], lane, boxes))
    return placed


def normal_ranges(events: Sequence[Event]) -> list[tuple[int, int]]:
    """First and last frame, both included, of the ranges that events which are normal in the scene cover together."""
    ranges: list[tuple[int, int]] = []
    for event in sorted((event for event in events if not event.abnormal), key=lambda event: event.first):
        if ranges and event.first <= ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], max(ranges[-1][1], event.last)
        else:
            ranges.append((event.first, event.last))
    return ranges
