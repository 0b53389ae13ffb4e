"""Which video stream of a file is read if it holds several, and what is said of the others.

A file may hold a cover picture, a preview of one picture, the main and the sub stream of a recorder, or two cameras. In
a transport stream, a recorder may go on under another packet identifier (PID), which FFmpeg takes for another stream.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from scenewise.counted import counted

LATE_STREAM = IndexError
"""PyAV raises it at the end of a file, after all packets, if it holds a stream that was unknown when it was opened."""
_WINDOW = 500
"""Packets of video that are read to see which streams move, in containers that do not count frames."""
_LATE = 2
"""So many packets of a stream that has ended may come behind the first packet of the next one."""

Reopen = Callable[[], AbstractContextManager[InputContainer]]
"""Opens the same file once more."""


def largest_moving(container: InputContainer, reopen: Reopen | None = None) -> VideoStream | None:
    """The largest video stream that holds more than one picture; of equal ones the one a player chooses, or the first.

    Without `reopen`, a stream whose pictures are not counted is taken to move. None if no stream moves.
    """
    moving = [stream for stream in _streams(container) if _area(stream)]
    if reopen and len(moving) > 1 and not all(stream.frames for stream in moving):
        with reopen() as again:
            counts = Counter(islice(_video_packets(again), _WINDOW))
        moving = [stream for stream in moving if counts[stream.index] > 1]
    best = container.streams.best("video")
    return max(moving, key=lambda stream: (_area(stream), stream is best, -stream.index), default=None)


def other_streams(container: InputContainer, chosen: VideoStream, reopen: Reopen) -> tuple[str, ...]:
    """What to say of the moving streams of `container` that are not read; nothing if there are none.

    A stream that begins where `chosen` ends, or ends where it begins, is the same video under another identifier.
    """
    if len(_streams(container)) < 2:
        return ()
    sent: dict[int, list[int]] = {}
    with reopen() as again:
        for place, index in enumerate(_video_packets(again)):
            sent.setdefault(index, []).append(place)
        others = {stream.index: _area(stream) for stream in _streams(again) if stream.index != chosen.index}
    moving = [index for index in others if len(sent.get(index, ())) > 1]
    larger = any(others[index] > _area(chosen) for index in moving)
    read, places = sent.get(chosen.index, []), [sent[index] for index in moving]
    before = sum(len(one) for one in places if _follows(read, one))
    later = sum(len(one) for one in places if _follows(one, read))
    beside = sum(not _follows(read, one) and not _follows(one, read) for one in places)
    told = []
    if beside:
        size = f"{chosen.codec_context.width}x{chosen.codec_context.height}"
        moves = f"moves among its first {_WINDOW} pictures" if larger else "moves"
        told.append(f"it holds {beside + 1} video streams; the largest of them that {moves} is read: {size}")
    if before:
        told.append(
            f"it begins in another stream; the {counted(before, 'frame there is', 'frames there are')} not read: cut it"
        )
    if later:
        told.append(
            f"it goes on in another stream after {counted(len(read), 'frame')}; the "
            f"{counted(later, 'frame there is', 'frames there are')} not read: cut it"
        )
    return tuple(told)


def _follows(later: Sequence[int], earlier: Sequence[int]) -> bool:
    """Whether a stream whose packets have the places `later` begins where the other one ends."""
    return bool(later and earlier) and sum(place > later[0] for place in earlier) <= _LATE


def _streams(container: InputContainer) -> list[VideoStream]:
    """All video streams but covers and those that are known to be a single picture."""
    covers = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    return [stream for stream in container.streams.video if not stream.disposition & covers and stream.frames != 1]


def _area(stream: VideoStream) -> int:
    """Pixels a picture; 0 if the codec or the size is unknown."""
    context = stream.codec_context
    return context.width * context.height if context else 0


def _video_packets(container: InputContainer) -> Iterator[int]:
    """The stream's index of every packet of video, as far as the file can be read."""
    try:
        for packet in container.demux():
            if packet.size and packet.stream.type == "video":
                yield packet.stream.index
    except (av.FFmpegError, LATE_STREAM):
        return
