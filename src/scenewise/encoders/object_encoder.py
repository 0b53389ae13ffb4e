"""What tells how one object looks, whatever encoder the frames go through."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class ObjectEncoder(Protocol):
    """Frozen: crops of objects, everything but the object grey, in; descriptions out.

    A description is a row of parts, each of unit length, so that no part outweighs another for its size. A crop's
    description never depends on the crops beside it.
    """

    width: int
    """D', the width of a description."""
    size: int
    """Height and width in pixels of the crops it takes."""
    identity: dict[str, Any]
    """Plain JSON: all that decides the descriptions. Never a path or a time."""

    def describe(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Descriptions (M, D') of crops (M, size, size, 3) uint8 RGB; M may be 0."""
        ...


GREY = 128
"""Level of every pixel of a crop that is not the object's. The background is the main leak between scenes: it tells
where an object is, not what it is."""


def unit_parts(*parts: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Parts (M, D1), (M, D2), ... side by side, each row of each part of unit length (a row of zeros stays so)."""
    scaled = [part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-6) for part in parts]
    return np.concatenate(scaled, axis=1).astype(np.float32)
