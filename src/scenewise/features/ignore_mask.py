"""Ignore masks: parts of a scene's picture that no feature may come from, such as clocks, logos, a private window."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import ConfigError, DataError
from scenewise.formats.pictures import open_picture
from scenewise.names import as_text


class IgnoreMask:
    """Pixels of one scene that are blanked before encoding."""

    def __init__(self, path: Path, flag: str = "--ignore-mask") -> None:
        """`path`: a picture of the scene's aspect, bright (128 and up) in the pixels to ignore.

        Raises ConfigError, which names the `flag`.
        """
        try:
            grey = np.asarray(open_picture(path, "L"))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(
                f"{flag} {path}: expected a picture with bright pixels to ignore, but it cannot be read ({reason})"
            ) from error
        self.path = path
        self.ignored: NDArray[np.bool_] = grey >= 128
        if not self.ignored.any() or self.ignored.all():
            share = "no" if not self.ignored.any() else "every"
            raise ConfigError(f"{flag} {path}: {share} pixel is bright, so it would ignore {share}thing")

    @property
    def digest(self) -> str:
        """SHA-256 of what is ignored, in hex: enters the fingerprint of the scene's videos."""
        shape = np.array(self.ignored.shape, np.int64)
        return hashlib.sha256(shape.tobytes() + np.packbits(self.ignored).tobytes()).hexdigest()

    def has_aspect_of(self, height: int, width: int) -> bool:
        """Whether pictures of `height` and `width` have its aspect, to 2 %."""
        rows, columns = self.ignored.shape
        return bool(abs(rows * width - columns * height) <= 0.02 * rows * width)

    def blank(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """`frames` (N, H, W, 3) with the ignored pixels in black; a mask of another size is fitted by nearest pixel.

        Raises DataError if the mask has another aspect than the frames.
        """
        height, width = frames.shape[1:3]
        rows, columns = self.ignored.shape
        if not self.has_aspect_of(height, width):
            raise DataError(
                f"--ignore-mask {self.path}: {columns}x{rows} pixels for a video of {width}x{height}; "
                "it has to show the same picture"
            )
        at_rows, at_columns = np.arange(height) * rows // height, np.arange(width) * columns // width
        blanked = frames.copy()
        blanked[:, self.ignored[np.ix_(at_rows, at_columns)]] = 0
        return blanked


def masks_of_scenes(paths: Sequence[Path], scenes: set[str]) -> dict[str, IgnoreMask]:
    """{scene: mask}, each file named after its scene, such as walkway.png. Raises ConfigError on any other name."""
    masks: dict[str, IgnoreMask] = {}
    for path in paths:
        scene = as_text(path.stem)
        if scene not in scenes:
            raise ConfigError(
                f"--ignore-mask {path}: expected a file named after a scene ({', '.join(sorted(scenes))}), such as "
                f"{sorted(scenes)[0]}.png"
            )
        if scene in masks:
            raise ConfigError(f"--ignore-mask: two masks for scene {scene}; give one")
        masks[scene] = IgnoreMask(path)
    return masks
