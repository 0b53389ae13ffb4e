"""An encoder at work on a video: every frame, or every n-th one, is encoded; those between repeat the one before.

every = 3     frame  0  1  2  3  4  5  6 ...
               row  a  a  a  b  b  b  c ...
"""

import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.encode_checked import Checked, encode_checked
from scenewise.encoders.encoder import Encoder

READ_BYTES = 512 << 20
"""Bytes of the frames of a block, at most, if most of them are not encoded; blocks of `batch` frames may have more."""


class VideoEncoder:
    """Features of the frames of one video after another. The frames come in order, in any cut.

    The encoder sees the frames 0, `every`, 2 `every`, ... alone: for one that carries state, a video of fewer frames.
    """

    def __init__(self, encoder: Encoder, every: int = 1) -> None:
        self.encoder, self.every = encoder, every
        self._latest: Checked | None = None
        """The row of the last frame that was encoded."""

    @property
    def carries_state(self) -> bool:
        """Whether the features of a frame depend on those before it."""
        return self.encoder.carries_state or self.every > 1

    def reset(self) -> None:
        """Forget the video before; called at every video's start."""
        self._latest = None
        self.encoder.reset()

    def frames_a_block(self, size: tuple[int, int]) -> int:
        """How many frames of `size` (height, width) to read at once: so many that the encoder gets its batch of them,
        unless they have more than READ_BYTES."""
        fitting = READ_BYTES // max(3 * size[0] * size[1], 1)
        return max(self.encoder.batch, min(self.encoder.batch * self.every, fitting))

    def needed_from(self, frame: int) -> int:
        """The first frame that has to be encoded, of a video that is encoded from `frame` on after a `reset`."""
        return 0 if self.encoder.carries_state else frame - frame % self.every

    def encode(self, frames: NDArray[np.uint8], where: str, first: int) -> Checked:
        """Features of the next `frames` (N, H, W, 3), N at least 1, from number `first` on, of the video at `where`.

        Raises EncoderError and VideoError as `encode_checked` does.
        """
        skipped = -first % self.every  # frames before the first one that is encoded: they repeat the latest row
        rows = [] if self._latest is None else [self._latest]
        if skipped < len(frames):
            chosen = np.ascontiguousarray(frames[skipped :: self.every])
            rows.append(encode_checked(self.encoder, chosen, where, first + skipped, self.every))
        features, regions = _joined(rows)
        # Counted from the end: with or without the latest row, the last row is that of the last frame.
        numbers = (first + np.arange(len(frames))) // self.every
        place = numbers - numbers[-1] - 1
        self._latest = Checked(features[-1:], None if regions is None else regions[-1:])
        return Checked(features[place], None if regions is None else regions[place])


def _joined(rows: list[Checked]) -> Checked:
    regions = [one.regions for one in rows if one.regions is not None]
    return Checked(np.concatenate([one.features for one in rows]), np.concatenate(regions) if regions else None)
