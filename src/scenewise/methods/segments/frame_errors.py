"""Errors of frames from overlapping windows, of a whole video or as its features arrive."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scenewise.methods.segments.windows import cut_windows, window_starts

SegmentErrors = Callable[[NDArray[np.floating]], NDArray[np.float32]]
"""Segments (B, T, D) to the error of each of their frames, (B, T)."""


def frame_errors(
    chunks: Iterable[NDArray[np.floating]],
    segment_errors: SegmentErrors,
    *,
    segment_length: int,
    stride: int,
    aggregate: Literal["mean", "segment-max"] = "mean",
) -> NDArray[np.float32]:
    """Errors (N,) of a video's N frames, whose features come in `chunks` (n, D), in order.

    Windows of `segment_length` frames start every `stride` frames, and one ends at the last frame. A frame's error is
    the mean over the windows that hold it, of the frame's error (`mean`) or of the window's largest (`segment-max`, the
    published form at stride 16). No frame is dropped.
    """
    pieces = list(stream_frame_errors(chunks, segment_errors, segment_length, stride, aggregate))
    return np.concatenate(pieces) if pieces else np.empty(0, np.float32)


def stream_frame_errors(
    chunks: Iterable[NDArray[np.floating]],
    segment_errors: SegmentErrors,
    segment_length: int,
    stride: int,
    aggregate: Literal["mean", "segment-max"] = "mean",
    look_ahead: int | None = None,
) -> Iterator[NDArray[np.float32]]:
    """`frame_errors`, piece by piece as features arrive: holds no more than a chunk and a window at a time.

    A frame's error is given out when `segment_length` frames after it are seen, so that all its windows have ended. If
    `look_ahead` is less, the error is given out after `look_ahead` frames, from the windows that have ended by then. If
    none has, the frame waits for the first to end: `stride` - 1 frames at most, but for the video's start. The window
    that ends at the last frame counts for the frames that are not yet given out then.
    """
    wait = segment_length if look_ahead is None else min(look_ahead, segment_length)
    in_time = np.arange(segment_length) >= segment_length - 1 - wait
    rows: NDArray[np.floating] | None = None  # from frame `begin` on
    total, count = np.empty(0), np.empty(0)  # from frame `given` on: errors added up, and how many
    begin = seen = given = done = 0  # `done`: windows added up
    for chunk in chunks:
        if len(chunk) == 0:
            continue
        rows = chunk if rows is None else np.concatenate([rows, chunk])
        seen += len(chunk)
        total, count = (np.concatenate([held, np.zeros(len(chunk))]) for held in (total, count))
        starts = np.arange(done * stride, seen - segment_length + 1, stride, dtype=np.int64)
        if len(starts):
            errors = segment_errors(cut_windows(rows, starts - begin, segment_length))
            _add(total, count, errors, starts - given, aggregate, in_time)
            done += len(starts)
        known = (done - 1) * stride + segment_length if done else 0
        ready = min(seen - wait, known) - given
        if ready > 0:
            yield (total[:ready] / count[:ready]).astype(np.float32)
            total, count, given = total[ready:], count[ready:], given + ready
        keep = max(seen - segment_length, 0)  # the video may end here, and its last window with it
        rows, begin = rows[keep - begin :], keep
    if rows is None:
        return
    last = window_starts(seen, segment_length, stride)[-1:]
    if done == 0 or last[0] != (done - 1) * stride:
        errors = segment_errors(cut_windows(rows, last - begin, segment_length))
        _add(total, count, errors, last - given, aggregate, in_time)
    yield (total / count).astype(np.float32)


def _add(
    total: NDArray[np.float64],
    count: NDArray[np.float64],
    errors: NDArray[np.float32],
    starts: NDArray[np.int64],
    aggregate: str,
    in_time: NDArray[np.bool_],
) -> None:
    """Add errors (B, T) of windows that begin at rows `starts` (B,) of `total` and `count`, which may lie outside.

    They count for the frames of the window that are `in_time` (T,), and for those that have no error yet.
    """
    if aggregate == "segment-max":
        errors = np.broadcast_to(errors.max(axis=1, keepdims=True), errors.shape)
    for start, of_window in zip(starts.tolist(), errors, strict=True):
        # Before row 0 lie frames that are given out; beyond the end lie only repeats of the last frame.
        first, stop = max(start, 0), min(start + len(of_window), len(total))
        counts = in_time[first - start : stop - start] | (count[first:stop] == 0)
        total[first:stop] += np.where(counts, of_window[first - start : stop - start], 0)
        count[first:stop] += counts
