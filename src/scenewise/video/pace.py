"""The pace of a video: how fast its pictures follow each other, whatever its clock does in between.

Speeds, smoothing and the merging of events need frames per second. The mean rate that a container claims is no
measure: if the clock jumps by an hour, or starts again because two recordings were joined, the mean is wrong for every
frame. The pace is the median interval between pictures, which jumps and restarts hardly move.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from scenewise.counted import counted
from scenewise.video.decode import packets
from scenewise.video.frame_clock import BURST, LEAST_INTERVAL, FrameClock
from scenewise.video.frame_order import Epochs, Time
from scenewise.video.probe import claimed_rate

NOTICEABLE = 0.05
"""If pace and claim differ by no more than this share, the claim is used: it is exact, and times may be rounded."""
_ALIKE = 0.25
"""Intervals that differ from the median by no more than this share are averaged: MKV rounds times to milliseconds."""
_REORDER = 4
"""So many frames at least are taken for sent out of order before the clock is said to go back."""
_BURST_SECONDS, _BURST_REST, _REGULAR = 0.5, 0.55, 0.75
"""Frames come in bursts if the same number takes the same time, up to _BURST_SECONDS, again and again (in the share
_REGULAR of all places), of which more than the share _BURST_REST lies between two of them."""
_UNLIKE, _UNEVEN = 0.5, 0.25
"""Said if more than the share _UNEVEN of the intervals differs from the median by more than the share _UNLIKE."""


class Pace(NamedTuple):
    """How fast the pictures of a video follow each other."""

    fps: float
    faults: tuple[str, ...]
    """What is wrong with its clock, each in a few words; none if there is nothing to say."""


class Stamp(NamedTuple):
    """The times of a packet in ticks, as far as its container gives them."""

    pts: int | None
    """Of presentation."""
    dts: int | None
    """Of decoding."""


def pace_of_index(container: InputContainer, stream: VideoStream, fps: float | None = None) -> Pace | None:
    """The pace of a video file that was just opened, by its index; None if that does not list every frame.

    `fps` is used if neither its times nor its claim can be believed (default 25).
    """
    index = stream.index_entries
    if not stream.frames or len(index) != stream.frames:
        return None
    return pace_of_stamps([Stamp(entry.timestamp, entry.timestamp) for entry in index], container, stream, fps)


def pace_of_packets(container: InputContainer, stream: VideoStream, fps: float | None = None) -> Pace:
    """The pace of a video file that was just opened, by reading it without decoding. `fps`: see `pace_of_index`."""
    shown = (packet for packet in packets(container, stream) if packet.size and not packet.is_discard)
    return pace_of_stamps((Stamp(packet.pts, packet.dts) for packet in shown), container, stream, fps)


def pace_of_stamps(
    stamps: Iterable[Stamp], container: InputContainer, stream: VideoStream, fps: float | None = None
) -> Pace:
    """The pace of a video whose packets have these times, in order of decoding."""
    if container.format.name == "avi":
        return Pace(claimed_rate(stream, fps), ())  # AVI stores a rate and no times
    claimed = claimed_rate(stream, fps)
    unit = stream.time_base or Fraction(1)
    reorder = max(stream.codec_context.has_b_frames, _REORDER)
    times = list(_in_order_of_presentation(stamps, unit, reorder))
    intervals = _intervals(times, unit)
    if not intervals.size:
        rate = claimed
    else:
        median = float(np.median(intervals))
        alike = intervals[np.abs(intervals - median) <= _ALIKE * median]
        mean = float(alike.mean()) if alike.size else median  # which may lie between two kinds of intervals
        measured = unit.denominator / (mean * unit.numerator)
        rate = measured if abs(measured / claimed - 1) > NOTICEABLE else claimed
    clock = FrameClock(unit, rate)
    for time in times:
        clock.seconds(time)
    return Pace(rate, (*clock.faults, *_uneven(intervals, rate)))


def _in_order_of_presentation(stamps: Iterable[Stamp], unit: Fraction, reorder: int) -> Iterator[Time]:
    """The presentation times; each may be sent up to `reorder` frames late. If the clock goes back, so do these."""
    epochs = Epochs(round(1 / unit))
    epoch = 0
    held: list[int] = []
    for pts, dts in stamps:
        if pts is None:
            continue
        before, epoch = epoch, epochs.of(pts if dts is None else dts)
        while held and (epoch != before or len(held) > reorder):
            yield Time(before, heappop(held))
        heappush(held, pts)
    while held:
        yield Time(epoch, heappop(held))


def _intervals(times: Sequence[Time], unit: Fraction) -> NDArray[np.float64]:
    """Ticks between each frame and the next; none where the clock starts again or stands still.

    If frames come in a burst, the time from its first frame to the frame after the burst is shared among them.
    """
    if len(times) < 2:
        return np.empty(0)
    epochs, ticks = np.array(times, np.int64).T
    steps = np.diff(ticks)
    steps = steps[(np.diff(epochs) == 0) & (steps >= 0)]
    ends = np.flatnonzero(steps * float(unit) >= LEAST_INTERVAL)
    counts = np.diff(ends, prepend=-1)
    sums = np.diff(np.concatenate([[0], np.cumsum(steps)[ends]]))
    shared = np.repeat(sums / counts, counts)
    return _spread(np.asarray(shared[shared * float(unit) >= LEAST_INTERVAL], np.float64), float(unit))


def _spread(intervals: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
    """The intervals; if frames come in bursts, as over a network, the time of each is shared among its frames."""
    best, most = intervals, 0.0
    for frames in range(2, min(BURST, len(intervals)) + 1):
        windows = sliding_window_view(intervals, frames)
        sums = windows.sum(axis=1)
        period = float(np.median(sums))
        if period * unit > _BURST_SECONDS:
            break
        regular = float((np.abs(sums - period) <= _ALIKE * period).mean())
        if regular > max(most, _REGULAR) and np.median(windows.max(axis=1)) > _BURST_REST * period:
            best, most = sums / frames, regular
    return best


def _uneven(intervals: NDArray[np.float64], rate: float) -> tuple[str, ...]:
    median = np.median(intervals) if intervals.size else 0.0
    unlike = int((np.abs(intervals - median) > _UNLIKE * median).sum())
    if unlike <= _UNEVEN * intervals.size:
        return ()
    return (
        f"{unlike / intervals.size:.0%} of its frames do not come at its pace of "
        f"{counted(round(rate, 2), 'frame')} per second",
    )
