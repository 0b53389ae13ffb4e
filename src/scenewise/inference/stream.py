"""One video, decoded, encoded and scored in one pass that holds a few seconds of it at a time."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.encoders import Encoder
from scenewise.errors import VideoError
from scenewise.features.extract_video import Source
from scenewise.inference.sightings import Sighting, sightings_by_frame
from scenewise.methods.autoencoder.scorer import Scorer
from scenewise.methods.scores import Chunk
from scenewise.objects.object_table import Objects
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
    objects: Objects | None = None
    """The objects in them, where they were looked for."""


class ScoredFrames(NamedTuple):
    """n consecutive frames with their scores."""

    first: int
    """Number of the first one, from 0."""
    scores: NDArray[np.float32]
    """(n,) raw anomaly scores, smoothed."""
    times: NDArray[np.float64]
    lost: NDArray[np.bool_]
    pictures: list[Frame]
    sightings: list[list[Sighting]]
    """Of every frame the objects as they were last looked at."""


def encode_frames(
    source: Source, encoder: Encoder, opening: Sequence[EncodedFrames] = ()
) -> Generator[EncodedFrames, None, None]:
    """A video's frames as the feature store would hold them; what is ignored is blanked for features and objects alone.

    `opening` are its first pieces where they were encoded already, with the same mask and no other frames since: they
    are decoded once more, for the objects in them alone. Raises VideoError, and DataError where the mask has another
    aspect than the video.
    """
    if not opening:
        encoder.reset()
    batches = decode(source.path, batch=encoder.batch, fps=source.fps, decode_height=source.decode_height)
    with read_ahead(batches) as ahead:
        for batch, known in zip(ahead, chain(opening, repeat(None)), strict=False):
            frames = batch.frames if source.mask is None else source.mask.blank(batch.frames)
            objects = None if source.object_detector is None else source.object_detector.detect(frames)
            if known is not None:
                yield known._replace(objects=objects)
                continue
            features = encoder.encode(frames).features.astype(np.float16)
            finite = np.isfinite(features).all(axis=1)
            if not finite.all():
                frame = batch.first + int(finite.argmin())
                raise VideoError(f"{source.path}: the encoder's features of frame {frame} are not finite numbers")
            pictures = [small(frame) for frame in batch.frames]
            yield EncodedFrames(features, batch.timestamps, batch.lost, pictures, objects)


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

    def seen() -> Iterator[Chunk]:
        for piece in pieces:
            waiting.extend(zip(piece.times.tolist(), piece.lost.tolist(), piece.pictures, strict=True))
            yield Chunk(piece.features, piece.objects)

    first = 0
    shown: list[Sighting] = []
    for scores, objects in scorer.stream(seen(), fps, scene):
        times, lost, pictures = zip(*(waiting.popleft() for _ in scores), strict=True)
        sightings = []
        found, every = sightings_by_frame(objects, scorer, scene)
        for frame in range(first, first + len(scores)):
            shown = found.get(frame, []) if frame % every == 0 else shown
            sightings.append(shown)
        yield ScoredFrames(first, scores, np.array(times), np.array(lost), list(pictures), sightings)
        first += len(scores)
