"""Finds the lost frames of a damaged video, and their places among the good ones.

Every packet owes a frame. The decoder gives good frames in order of presentation. A packet that failed, or that gave
nothing because the frames it refers to are lost, owes a lost frame at its presentation time. A gap in the times owes
nothing: variable-rate video has gaps. These exceptions make sure that an intact file loses nothing:

- a packet without a time that gives nothing belongs to the packet before it (H.264 fields in TS);
- a packet after that of an interlaced frame belongs to it, if it gives nothing (its second field);
- a packet that fails at exactly the time of a frame held only parameters;
- pictures that are sent after the first frame and shown before it, if nothing has failed, refer to footage that was cut
  away; no player shows them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

REORDER = 17
"""After so many frames no earlier frame comes any more: H.264 (A.3.1) and HEVC (A.4.2) hold back at most 16."""


class Time(NamedTuple):
    """A presentation time that stays comparable when the clock of the stream starts again."""

    epoch: int
    """How often the clock started again before, as it does between two joined recordings."""
    pts: int


_NO_TIME = Time(-1, 0)
"""Before all times: a frame without a time is shown in the order of arrival."""


class Epochs:
    """Counts how often the clock of a stream started again, from its decoding times."""

    def __init__(self, second: int) -> None:
        """`second`: time units in a second. If decoding times go back by more, the clock started again.

        MKV stores no decoding times, and those that the demuxer makes up go back by a few frames.
        """
        self._second = second
        self._epoch = 0
        self._last: int | None = None

    def of(self, dts: int | None) -> int:
        """The epoch of the next packet."""
        if dts is not None:
            self._epoch += self._last is not None and dts < self._last - self._second
            self._last = dts
        return self._epoch


@dataclass(eq=False)
class Slot(Generic[T]):
    """One frame of the video, in order of presentation."""

    frame: T | None
    """None if it is lost."""
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


@dataclass(eq=False)
class _Arrived(Slot[T]):
    number: int


class FrameOrder(Generic[T]):
    """Matches packets and frames; holds back at most REORDER frames, and none while nothing fails.

    `times_stored` says whether the container stores presentation times. AVI does not, and the demuxer guesses them
    wrongly for H.264 with B-frames. If times are guesses, or prove wrong while nothing has failed, frames are given in
    the decoder's order, and the same times are assigned in that order. Otherwise frames are ordered by their times: if
    a key frame is lost, the decoder is not reset there and mixes up the frames around it.

    `second` is the number of time units in a second, for `Epochs`.
    """

    def __init__(self, *, times_stored: bool = True, second: int = 1) -> None:
        self._by_time = times_stored
        self._sent = 0
        self._epochs = Epochs(second)
        self._owed: dict[int, _Owed] = {}
        self._arrived: list[_Arrived[T]] = []
        self._latest: Time | None = None
        self._shown: Time | None = None
        self._started = False
        self._sound = True
        self.failures = 0
        """Packets that failed so far."""
        self.arrivals = 0
        """Good frames that came out so far."""

    def send(self, pts: int | None, dts: int | None, *, owes: bool = True) -> int:
        """Register a packet, in order of decoding, with the times that its container gives; returns its number."""
        number, self._sent = self._sent, self._sent + 1
        epoch = self._epochs.of(dts)
        if owes:
            self._owed[number] = _Owed(None if pts is None else Time(epoch, pts))
        old = self._owed.get(number - 4 * REORDER)
        if old is not None and not old.counts:
            del self._owed[number - 4 * REORDER]
        return number

    def fail(self, number: int | None) -> None:
        """Report that the decoder refused this packet, or that its frame is worthless."""
        if number is None or (owed := self._owed.get(number)) is None:
            return
        self.failures += 1
        self._sound = False
        owed.failed = True
        if owed.time is None:  # its only known place is that of its arrival
            self.receive(number, None)

    def receive(self, number: int | None, frame: T | None, *, fields: bool = False) -> None:
        """Report a frame from the packet of this number (None: unknown); `frame` is None if it is flagged corrupt.

        With `fields` its second field may be in the next packet. A second frame of one packet, or the frame of a packet
        that was given up, is dropped: its place is taken.
        """
        number = min(self._owed, default=None) if number is None else number
        if number is None or (owed := self._owed.pop(number, None)) is None:
            return
        if fields and number + 1 in self._owed:
            self._owed[number + 1].optional = True
        self._sound &= frame is not None
        if owed.time is not None:
            if self._latest is not None and owed.time < self._latest and self._sound:
                self._by_time = False
            self._latest = max(owed.time, self._latest or owed.time)
        self.arrivals += frame is not None
        self._arrived.append(_Arrived(frame, owed.time, number))

    def ready(self, *, final: bool = False) -> Iterator[Slot[T]]:
        """The frames whose place is certain by now; with `final`, after the last packet, all frames."""
        while self._arrived:
            head = min(self._arrived, key=lambda slot: slot.time or _NO_TIME)
            earlier = self._owed_before(head.time or _NO_TIME)
            certain = final or len(self._arrived) > REORDER
            if not certain and any(not self._owed[number].failed for _, number in earlier):
                return
            for time, number in earlier:
                del self._owed[number]
                if self._started or not self._sound or number < head.number:
                    yield from self._lost(time)
            yield self._show(head)
        if final:
            for time, _ in self._owed_before(Time(self._epochs.of(None) + 1, 0)):
                yield from self._lost(time)
            self._owed.clear()

    def _owed_before(self, limit: Time) -> list[tuple[Time, int]]:
        owed = ((owed.time, number) for number, owed in self._owed.items() if owed.counts)
        return sorted((time, number) for time, number in owed if time is not None and time < limit)

    def _lost(self, time: Time) -> Iterator[Slot[T]]:
        if time != self._shown or not self._by_time:  # a repeated time has no meaning if times are guessed
            self._shown = time
            yield Slot(None, time)

    def _show(self, head: _Arrived[T]) -> Slot[T]:
        if not self._by_time:
            first = self._arrived[0]
            first.time, head.time = head.time, first.time
            head = first
        self._arrived.remove(head)
        self._shown = head.time
        self._started |= head.frame is not None
        return head
