"""Frames of a source, encoded as `extract` would encode them for the feature store, in one pass.

source ── blocks of frames ──┬─ held until the scene is known ──┬─ features, objects ── scorer
                             └─ recognise.py: which scene? ─────┘
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.encoders import VideoEncoder
from scenewise.encoders.encode_checked import Checked
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.objects.detector import ObjectDetector
from scenewise.objects.object_table import Objects
from scenewise.video.decode import Frame, FrameBlock

PICTURE_WIDTH = 320
"""Pixels; frames are kept this small until their scores are known."""
HELD_BYTES = 1 << 30
"""Bytes of frames that are held until their scene is known: 128 frames of 1440p, or fewer larger ones."""


class EncodedFrames(NamedTuple):
    """n consecutive frames on their way to a score."""

    features: NDArray[np.float16]
    """(n, D)."""
    times: NDArray[np.float64]
    """(n,) seconds from the video's first frame."""
    lost: NDArray[np.bool_]
    """(n,) True if the frame could not be decoded and repeats another."""
    pictures: list[Frame]
    """n small pictures."""
    objects: Objects | None = None
    """The objects in them; None if the method scores no objects."""
    regions: NDArray[np.float16] | None = None
    """(n, R, D'); None if the encoder gives none."""


def hold(blocks: Iterator[FrameBlock], frames: int) -> list[FrameBlock]:
    """The first blocks of a video, until they hold `frames` frames or HELD_BYTES."""
    held: list[FrameBlock] = []
    count = size = 0
    while count < frames and size < HELD_BYTES and (block := next(blocks, None)) is not None:
        held.append(block)
        count += len(block.frames)
        size += block.frames.nbytes
    return held


def encode_block(block: FrameBlock, where: str, encoder: VideoEncoder, mask: IgnoreMask | None) -> Checked:
    """Features (n, D), and regions if the encoder gives them, of the next frames of the video at `where`.

    What `mask` ignores is blanked first.
    Raises EncoderError and VideoError as `VideoEncoder.encode` does, DataError if the mask has another aspect ratio
    than the video.
    """
    frames = block.frames if mask is None else mask.blank(block.frames)
    return encoder.encode(frames, where, block.first)


def encode_frames(
    blocks: Iterator[FrameBlock],
    where: str,
    encoder: VideoEncoder,
    mask: IgnoreMask | None,
    detector: ObjectDetector | None,
    held: list[tuple[FrameBlock, Checked]],
) -> Iterator[EncodedFrames]:
    """All frames of the video at `where`: the blocks `held`, which are encoded already, and then `blocks`.

    What `mask` ignores is blanked for features and objects, but not in the small pictures. Raises as `encode_block`
    does.
    """
    waiting = deque(held)
    held.clear()
    while waiting:
        block, encoded = waiting.popleft()
        yield _encoded(block, encoded, mask, detector)
    for block in blocks:
        yield _encoded(block, encode_block(block, where, encoder, mask), mask, detector)


def _encoded(
    block: FrameBlock, encoded: Checked, mask: IgnoreMask | None, detector: ObjectDetector | None
) -> EncodedFrames:
    objects = None
    if detector is not None:
        objects = detector.detect(block.frames if mask is None else mask.blank(block.frames))
    pictures = [small(frame) for frame in block.frames]
    return EncodedFrames(encoded.features, block.timestamps, block.lost, pictures, objects, encoded.regions)


def small(frame: Frame) -> Frame:
    """`frame` (H, W, 3), shrunk to at most PICTURE_WIDTH pixels wide."""
    height, width = frame.shape[:2]
    if width <= PICTURE_WIDTH:
        return frame
    size = (PICTURE_WIDTH, max(round(height * PICTURE_WIDTH / width), 1))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
