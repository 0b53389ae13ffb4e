"""Which frames a damaged video owes, and where they belong.

Every packet owes a frame. What the decoder gives is in order of presentation; the packets that failed, or gave nothing
because what they refer to is gone, are put in their places by their own presentation time. A gap in the times owes
nothing: variable-rate video has gaps. An intact file loses nothing, by these exceptions:

- packets without a time that give nothing belong to the one before (H.264 fields in TS);
- so does the packet after an interlaced frame's, if it gives nothing (its second field);
- a packet that fails at the very time of a frame held only parameters;
- pictures sent after the first frame and shown before it refer to footage cut away; no player shows them.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

REORDER = 17
"""Packets after which a frame that is still out never comes: H.264 (A.3.1) and HEVC (A.4.2) hold at most 16 back."""


class Time(NamedTuple):
    """A presentation time, comparable across a stream whose clock starts anew."""

    epoch: int
    """How often the decoding times fell back before, as where two recordings were joined."""
    pts: int


@dataclass
class Slot(Generic[T]):
    """One frame of the video, in order of presentation."""

    frame: T | None
    """None where it is lost."""
    time: Time | None


@dataclass
class _Owed:
    time: Time | None
    failed: bool = False
    optional: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a lost frame if it gives nothing."""
        return self.failed or (self.time is not None and not self.optional)


@dataclass
class _Arrived(Slot[T]):
    number: int


class FrameOrder(Generic[T]):
    """Keeps account of packets and frames; holds back at most the frames of the last REORDER packets."""

    def __init__(self) -> None:
        self._sent = 0
        self._epoch = 0
        self._last_dts: int | None = None
        self._owed: dict[int, _Owed] = {}
        self._arrived: deque[_Arrived[T]] = deque()
        self._last_time: Time | None = None
        self._shown = False
        self.failures = 0
        """Packets that failed so far."""
        self.arrivals = 0
        """Good frames that came out so far."""

    def send(self, pts: int | None, dts: int | None, *, owes: bool = True) -> int:
        """Note a packet, in order of decoding, with the times its container gives; returns its number."""
        number, self._sent = self._sent, self._sent + 1
        if dts is not None:
            self._epoch += self._last_dts is not None and dts < self._last_dts
            self._last_dts = dts
        if owes:
            self._owed[number] = _Owed(None if pts is None else Time(self._epoch, pts))
        old = self._owed.get(number - REORDER)
        if old is not None and not old.counts:
            del self._owed[number - REORDER]
        return number

    def fail(self, number: int) -> None:
        """The decoder refused this packet."""
        owed = self._owed.get(number)
        if owed is None:
            return
        self.failures += 1
        owed.failed = True
        if owed.time is None:  # no other place is known than the one it came at
            self.receive(number, None)

    def receive(self, number: int | None, frame: T | None, *, fields: bool = False) -> None:
        """A frame came out of the packet of this number (None: unknown); frame None where it is flagged corrupt.

        With `fields` its second field may lie in the next packet. A second frame of one packet, or one that was given
        up, is dropped: its place is taken.
        """
        number = min(self._owed, default=None) if number is None else number
        if number is None or (owed := self._owed.pop(number, None)) is None:
            return
        if fields and number + 1 in self._owed:
            self._owed[number + 1].optional = True
        self.arrivals += frame is not None
        self._arrived.append(_Arrived(frame, owed.time, number))

    def ready(self, *, final: bool = False) -> Iterator[Slot[T]]:
        """The frames whose place is certain by now; with `final`, after the last packet, all."""
        oldest = self._sent if final else self._sent - REORDER
        while self._arrived:
            head = self._arrived[0]
            earlier = [] if head.time is None else self._owed_before(head.time)
            if any(number >= oldest and not self._owed[number].failed for _, number in earlier):
                return
            for time, number in earlier:
                owed = self._owed.pop(number)
                if self._shown or owed.failed or number < head.number:
                    yield from self._lost(time)
            self._arrived.popleft()
            self._take_earliest_time(head)
            self._last_time = head.time
            self._shown |= head.frame is not None
            yield head
        if final:
            for time, _ in self._owed_before(Time(self._epoch + 1, 0)):
                yield from self._lost(time)
            self._owed.clear()

    def _owed_before(self, limit: Time) -> list[tuple[Time, int]]:
        owed = ((owed.time, number) for number, owed in self._owed.items() if owed.counts)
        return sorted((time, number) for time, number in owed if time is not None and time < limit)

    def _lost(self, time: Time) -> Iterator[Slot[T]]:
        if time != self._last_time:
            self._last_time = time
            yield Slot(None, time)

    def _take_earliest_time(self, head: Slot[T]) -> None:
        # AVI keeps no presentation times and the demuxer guesses them, wrongly for H.264 with B-frames: where they
        # contradict the decoder's order, its order holds and the same times are handed out in it.
        if head.time is None:
            return
        for slot in self._arrived:
            if slot.time is not None and slot.time < head.time:
                slot.time, head.time = head.time, slot.time
