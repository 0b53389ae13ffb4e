"""The square of a frame that shows an object with what is around it, for people."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CONTEXT = 1.6
"""Side of the square over the longer side of the object's box."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture's width and height."""


class Square(NamedTuple):
    """A square inside a picture, in pixels."""

    left: int
    top: int
    side: int

    def of(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(side, side, 3) that part of a frame (H, W, 3), not copied."""
        return frame[self.top : self.top + self.side, self.left : self.left + self.side]


def square_around(size: tuple[int, int], box: Box, context: float = CONTEXT, least: float = 0.0) -> Square:
    """The square with `box` in its middle, moved to lie inside a picture of `size`, height and width.

    Its side is `context` times the box's longer side, at least the share `least` of the picture's height, and no more
    than the picture has.
    """
    height, width = size
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    side = min(max(round(context * max(right - left, bottom - top)), round(least * height), 2), height, width)
    x = min(max(round((left + right - side) / 2), 0), width - side)
    y = min(max(round((top + bottom - side) / 2), 0), height - side)
    return Square(x, y, side)
