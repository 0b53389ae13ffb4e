"""What a vision tower's files say of its pictures: their size, and that of a patch."""

import math
from typing import Any

from scenewise.encoders.checkpoint import Checkpoint
from scenewise.encoders.preprocess import Size
from scenewise.errors import EncoderError
from scenewise.formats.reasons import in_short

LARGEST_SIDE = 8192
"""Pixels of a picture that is encoded."""


def sizes_of(checkpoint: Checkpoint, config: Any) -> tuple[Size, Size]:
    """Height and width of a patch, and of what the tower is fed with. Raises EncoderError."""
    try:
        patch, size = _pair(config.patch_size), _input_size(config, checkpoint)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise EncoderError(f"{checkpoint.folder}: does not say the size of its pictures ({in_short(error)})") from error
    if not all(0 < small <= large <= LARGEST_SIDE for small, large in zip(patch, size, strict=True)):
        raise EncoderError(
            f"{checkpoint.folder}: its settings ask for pictures of {size[0]}x{size[1]} pixels in patches of "
            f"{patch[0]}x{patch[1]}; expected a patch or more, and sides up to {LARGEST_SIDE}"
        )
    return patch, size


def _input_size(config: Any, checkpoint: Checkpoint) -> Size:
    """Height and width that a tower is fed with."""
    if hasattr(config, "num_patches"):  # SigLIP 2 for any aspect ratio: a square of as many patches
        return _pair(math.isqrt(config.num_patches) * config.patch_size)
    if not checkpoint.model_type.startswith("dino"):
        return _pair(config.image_size)
    # DINO takes any size. Its image processor names the one it is used at; config.json the one it was trained at.
    preprocessing = checkpoint.preprocessing
    cropped = preprocessing.get("crop_size") if preprocessing.get("do_center_crop", True) else None
    size = cropped or preprocessing.get("size") or config.image_size
    if isinstance(size, dict):
        return _pair(size.get("shortest_edge") or (size["height"], size["width"]))
    return _pair(size)


def _pair(value: Any) -> Size:
    """A side, or height and width, as height and width."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))
