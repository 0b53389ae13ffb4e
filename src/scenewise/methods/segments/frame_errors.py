"""One score for every frame of a video."""

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
    the mean over the windows that hold it, of its own error (`mean`) or of the window's largest (`segment-max`, the
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

    With `look_ahead` a frame's error is the mean over those of its windows that end at most so many frames after it
    (or over the first that ends at all), however the features are cut into chunks.
    """
    needed = frames_ahead(segment_length, stride)
    if look_ahead is not None and look_ahead >= needed:
        look_ahead = None
    rows: NDArray[np.floating] | None = None
    done = 0  # windows whose errors are added up, counted from the first row held
    given = 0  # frames given out already, counted likewise
    if look_ahead is not None:
        chunks = _in_pieces(chunks, segment_length, stride)
    for chunk in chunks:
        if len(chunk) == 0:
            continue
        if rows is None:
            rows, total, count = chunk, np.zeros(len(chunk)), np.zeros(len(chunk))
        else:
            rows = np.concatenate([rows, chunk])
            total = np.concatenate([total, np.zeros(len(chunk))])
            count = np.concatenate([count, np.zeros(len(chunk))])
        if len(rows) < segment_length:
            continue
        starts = np.arange(done * stride, len(rows) - segment_length + 1, stride, dtype=np.int64)
        if len(starts) == 0:
            continue
        _add(total, count, segment_errors(cut_windows(rows, starts, segment_length)), starts, aggregate)
        done += len(starts)
        # The window that ends at the last frame may begin right behind the last window's first row: keep from there.
        final = ready = (done - 1) * stride
        if look_ahead is not None:
            next_end = done * stride + segment_length - 1
            ready = max(final, given, min(next_end - look_ahead, final + segment_length))
        if ready > given:
            yield (total[given:ready] / count[given:ready]).astype(np.float32)
        given = ready
        if final > 0:
            rows, total, count, done, given = rows[final:], total[final:], count[final:], 1, given - final
    if rows is None:
        return
    last = window_starts(len(rows), segment_length, stride)[-1:]
    if done == 0 or last[0] != (done - 1) * stride:
        _add(total, count, segment_errors(cut_windows(rows, last, segment_length)), last, aggregate)
    yield (total[given:] / count[given:]).astype(np.float32)


def frames_ahead(segment_length: int, stride: int) -> int:
    """Frames after a frame until its error is known: the last window that holds it may begin a stride later."""
    return segment_length - 1 + stride


def _in_pieces(chunks: Iterable[NDArray[np.floating]], first: int, length: int) -> Iterator[NDArray[np.floating]]:
    """The rows of `chunks` in a piece of `first` rows and then pieces of `length`, the last one shorter."""
    waiting: NDArray[np.floating] | None = None
    needed = first
    for chunk in chunks:
        waiting = chunk if waiting is None else np.concatenate([waiting, chunk])
        while len(waiting) >= needed:
            yield waiting[:needed]
            waiting, needed = waiting[needed:], length
    if waiting is not None and len(waiting):
        yield waiting


def _add(
    total: NDArray[np.float64],
    count: NDArray[np.float64],
    errors: NDArray[np.float32],
    starts: NDArray[np.int64],
    aggregate: str,
) -> None:
    if aggregate == "segment-max":
        errors = np.broadcast_to(errors.max(axis=1, keepdims=True), errors.shape)
    for start, own in zip(starts, errors, strict=True):
        here = slice(start, min(start + len(own), len(total)))  # beyond the end lie only repeats of the last frame
        total[here] += own[: here.stop - here.start]
        count[here] += 1
