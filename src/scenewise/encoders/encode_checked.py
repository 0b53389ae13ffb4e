"""What an encoder gives for a batch of frames, checked before anything is stored or scored."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.errors import EncoderError, VideoError
from scenewise.plug_in import name_of


class Checked(NamedTuple):
    """Features of N frames as they are stored: of the right shape, and finite."""

    features: NDArray[np.float16]
    """(N, D)."""
    regions: NDArray[np.float16] | None
    """(N, R, D')."""


def encode_checked(encoder: Encoder, frames: NDArray[np.uint8], where: str, first: int, every: int = 1) -> Checked:
    """Features of `frames` (N, H, W, 3): every `every`-th frame, from number `first` on, of the video at `where`.

    Raises EncoderError if they have another shape than the encoder promises, VideoError if they are not finite.
    """
    encoded = encoder.encode(frames)
    what = _named(encoder)
    if not isinstance(encoded, Encoded):
        raise EncoderError(f"{what}: expected encode to return scenewise.Encoded, got {type(encoded).__name__}")
    _require_shape(f"{what}: expected features", encoded.features, (len(frames), encoder.width))
    features = _finite(f"{what}: expected finite features", encoded.features, where, first, every)
    if encoded.regions is None:
        return Checked(features, None)
    _require_shape(f"{what}: expected regions", encoded.regions, (len(frames), "places", "width"))
    return Checked(features, _finite(f"{what}: expected finite regions", encoded.regions, where, first, every))


def _require_shape(expected: str, rows: object, shape: tuple[int | str, ...]) -> None:
    """Raise EncoderError unless `rows` is an array of `shape`, in which a name stands for any number."""
    wanted = f"({', '.join(map(str, shape))})"
    if not isinstance(rows, np.ndarray):
        raise EncoderError(f"{expected} {wanted} as a NumPy array, got {type(rows).__name__}; correct its encode")
    fits = all(isinstance(size, str) or size == got for size, got in zip(shape, rows.shape, strict=False))
    if rows.ndim != len(shape) or not fits:
        raise EncoderError(f"{expected} {wanted}, got {rows.shape}; correct its encode, or its width")


def _finite(expected: str, rows: NDArray[np.float32], where: str, first: int, every: int) -> NDArray[np.float16]:
    """`rows` as they are stored. Raises VideoError, naming the video at `where` and the frame, if they overflow."""
    with np.errstate(over="ignore"):
        stored = rows.astype(np.float16)
    finite = np.isfinite(stored).reshape(len(stored), -1).all(axis=1)
    if not finite.all():
        frame = first + every * int(finite.argmin())
        raise VideoError(f"{where}: {expected} of at most 65504, frame {frame} has others; correct its encode")
    return stored


def _named(encoder: Encoder) -> str:
    kind = type(encoder)
    try:
        return (
            f"the encoder {kind.__name__}" if kind.__module__.startswith("scenewise.") else f"--encoder {name_of(kind)}"
        )
    except ValueError:  # a class that cannot be imported by its name
        return f"the encoder {kind.__name__}"
