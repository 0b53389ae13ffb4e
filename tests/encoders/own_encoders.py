"""Encoders of a user's own, some of them wrong."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.encoders import Encoded, Encoder
from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder


class MeanColour(Encoder):
    """As small as an encoder can be."""

    width = 3
    identity: dict[str, Any] = {"kind": "mean-colour"}  # noqa: RUF012

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        return Encoded(frames.mean(axis=(1, 2), dtype=np.float32), None)


class Small(ShapeObjectEncoder):
    """An object encoder of one's own."""

    distinguishes_classes = True


class WithObjects(MeanColour):
    def object_encoder(self) -> Small:
        return Small()


class WithHalfAnObjectEncoder(MeanColour):
    def object_encoder(self) -> Any:
        return MeanColour()


class NeedsArguments(MeanColour):
    def __init__(self, levels: int) -> None:
        self.width = levels


class Broken(MeanColour):
    def __init__(self) -> None:
        raise ValueError("the weights\nare gone")


class WithoutWidth(MeanColour):
    width = None  # type: ignore[assignment]


class WithoutKind(MeanColour):
    identity: dict[str, Any] = {"revision": 1}  # noqa: RUF012


class WithAnArray(MeanColour):
    identity: dict[str, Any] = {"kind": "k", "weights": np.zeros(3)}  # noqa: RUF012


class WithoutEncode(Encoder):
    width = 3
    identity: dict[str, Any] = {"kind": "k"}  # noqa: RUF012


class LosesARow(MeanColour):
    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        return Encoded(super().encode(frames).features[1:], None)


class GivesNaN(MeanColour):
    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        return Encoded(np.full((len(frames), 3), np.nan, np.float32), None)


class NoEncoder:
    """Not derived from Encoder."""


def function() -> None:
    """No class at all."""
