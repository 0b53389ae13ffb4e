"""One video, decoded, encoded and scored in one pass that holds a few seconds of it at a time."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.encoders import Encoder
from scenewise.errors import VideoError
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.scoring.pieces import Piece
from scenewise.scoring.scorer import Scorer
from scenewise.video.decode import Frame, decode
from scenewise.video.read_ahead import read_ahead

PICTURE_WIDTH = 320
"""Pixels; frames are kept this small until their scores are known."""


class EncodedFrames(NamedTuple):
    """n consecutive frames on their way to a score."""

    features: NDArray[np.float16]
    """(n, D)."""
    times: NDArray[np.float64]
    """(n,) seconds from the video's first frame."""
    lost: NDArray[np.bool_]
    """(n,) True where the frame could not be decoded and repeats another."""
    pictures: list[Frame]
    """n small pictures."""


class ScoredFrames(NamedTuple):
    """n consecutive frames with their scores."""

    first: int
    """Number of the first one, from 0."""
    scores: NDArray[np.float32]
    """(n,) raw anomaly scores, smoothed."""
    times: NDArray[np.float64]
    lost: NDArray[np.bool_]
    pictures: list[Frame]


def encode_frames(
    path: Path, encoder: Encoder, fps: float | None, decode_height: int, mask: IgnoreMask | None
) -> Generator[EncodedFrames, None, None]:
    """A video's frames as the feature store would hold them, with what `mask` ignores blanked for the encoder alone.

    Raises VideoError, and DataError where the mask has another aspect than the video.
    """
    encoder.reset()
    done = 0
    with read_ahead(decode(path, batch=encoder.batch, fps=fps, decode_height=decode_height)) as batches:
        for batch in batches:
            frames = batch.frames if mask is None else mask.blank(batch.frames)
            features = encoder.encode(frames).features.astype(np.float16)
            finite = np.isfinite(features).all(axis=1)
            if not finite.all():
                frame = done + int(finite.argmin())
                raise VideoError(f"{path}: the encoder's features of frame {frame} are not finite numbers")
            done += len(features)
            yield EncodedFrames(features, batch.timestamps, batch.lost, [small(frame) for frame in batch.frames])


def small(frame: Frame) -> Frame:
    """`frame` (H, W, 3), shrunk to at most PICTURE_WIDTH pixels wide."""
    height, width = frame.shape[:2]
    if width <= PICTURE_WIDTH:
        return frame
    size = (PICTURE_WIDTH, max(round(height * PICTURE_WIDTH / width), 1))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def take_first(pieces: Iterator[EncodedFrames], frames: int) -> list[EncodedFrames]:
    """The pieces that hold the video's first `frames` frames, or all of it where it is shorter."""
    taken: list[EncodedFrames] = []
    while sum(len(piece.features) for piece in taken) < frames:
        piece = next(pieces, None)
        if piece is None:
            break
        taken.append(piece)
    return taken


def score_frames(pieces: Iterable[EncodedFrames], scorer: Scorer, fps: float, scene: str) -> Iterator[ScoredFrames]:
    """Scores of a video's frames, in order, as soon as they are known; the same that `evaluate` gives."""
    waiting: deque[tuple[float, bool, Frame]] = deque()

    def seen() -> Iterator[Piece]:
        for piece in pieces:
            waiting.extend(zip(piece.times.tolist(), piece.lost.tolist(), piece.pictures, strict=True))
            yield Piece(piece.features, None)

    first = 0
    for scores, _ in scorer.stream(seen(), fps, scene):
        times, lost, pictures = zip(*(waiting.popleft() for _ in scores), strict=True)
        yield ScoredFrames(first, scores, np.array(times), np.array(lost), list(pictures))
        first += len(scores)
