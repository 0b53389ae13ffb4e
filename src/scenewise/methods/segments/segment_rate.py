"""One rate for all cameras: with --segment-fps, T frames mean the same time at 10 frames per second and at 30.

Of a video at `fps`, pick k is frame floor(k fps / segment_fps); every frame takes the score of the last pick at or
before it. Videos slower than `segment_fps` repeat frames.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def picked_frames(frames: int, fps: float, segment_fps: float | None) -> NDArray[np.int64]:
    """Frames (M,) of a video of `frames` frames that segments are made of; all of them if `segment_fps` is None."""
    if segment_fps is None:
        return np.arange(frames, dtype=np.int64)
    picks = _picks(0, int(np.ceil(frames * segment_fps / fps)) + 1, fps, segment_fps)
    return picks[picks < frames]


def frames_needed(segment_length: int, fps: float, segment_fps: float | None) -> int:
    """Frames a video must have to hold one segment of `segment_length` picks."""
    return (
        segment_length
        if segment_fps is None
        else int(_picks(segment_length - 1, segment_length, fps, segment_fps)[0]) + 1
    )


class Thinning:
    """Picks frames out of a stream, and spreads the scores of the picks over all of its frames again."""

    def __init__(self, fps: float, segment_fps: float) -> None:
        self.fps, self.segment_fps = fps, segment_fps
        self.seen = 0
        self.picked = 0

    def thin(self, chunks: Iterable[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        """The picked rows of `chunks` (n, D)."""
        for chunk in chunks:
            until = int(np.ceil((self.seen + len(chunk)) * self.segment_fps / self.fps)) + 1
            picks = _picks(self.picked, until, self.fps, self.segment_fps)
            picks = picks[picks < self.seen + len(chunk)]
            rows = chunk[picks - self.seen]
            self.seen += len(chunk)
            self.picked += len(picks)
            yield rows

    def spread(self, pieces: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Scores of all frames seen, from `pieces` of the picks' scores, in order."""
        first, given = 0, 0
        last: np.float32 | None = None
        for piece in pieces:
            if len(piece) == 0:
                continue
            # How far a pick reaches is known by the next one, so the last one of each piece waits.
            held = piece if last is None else np.concatenate([[last], piece])
            starts = _picks(first, first + len(held), self.fps, self.segment_fps)
            spread = np.repeat(held[:-1], np.diff(starts)).astype(np.float32)
            first += len(held) - 1
            given += len(spread)
            last = piece[-1]
            yield spread
        if last is not None:
            yield np.full(self.seen - given, last, np.float32)


def _picks(first: int, stop: int, fps: float, segment_fps: float) -> NDArray[np.int64]:
    # The small addend keeps 3 x (10 / 30) from falling to frame 0 by rounding.
    picks: NDArray[np.int64] = np.floor(np.arange(first, stop) * (fps / segment_fps) + 1e-9).astype(np.int64)
    return picks
