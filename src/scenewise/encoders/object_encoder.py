"""What encodes how one object appears, for every encoder of frames."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class ObjectEncoder(Protocol):
    """Frozen: crops of objects in, in which everything but the object is grey; appearance features out.

    The features of an object are a row of parts, each of unit length, so that no part outweighs another for its size.
    They never depend on the other crops of a call.
    """

    width: int
    """D', the width of the features."""
    size: int
    """Height and width in pixels of the crops that it takes."""
    distinguishes_classes: bool
    """Whether the features distinguish classes of object, as those of a trained network do, and not shapes alone."""
    identity: dict[str, Any]
    """Plain JSON: all that decides the features. Never a path or a time."""

    def encode(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Appearance features (M, D') of crops (M, size, size, 3) uint8 RGB; M may be 0."""
        ...


GREY = 128
"""Level of every pixel of a crop that is not the object's. The background would be the main leak between scenes: it
tells where an object is, not what it is."""


def unit_parts(*parts: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Parts (M, D1), (M, D2), ... side by side, each row of each part of unit length (a row of zeros stays so)."""
    scaled = [part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-6) for part in parts]
    return np.concatenate(scaled, axis=1).astype(np.float32)
