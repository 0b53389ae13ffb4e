"""ONNX without its library: a message is a row of (field, value), a value an int, bytes or text."""

import numpy as np
from numpy.typing import NDArray

Field = tuple[int, int | bytes | str]


def message(*fields: Field) -> bytes:
    written = b""
    for field, value in fields:
        if isinstance(value, int):
            written += varint(field << 3) + varint(value)
        else:
            content = value.encode() if isinstance(value, str) else value
            written += varint(field << 3 | 2) + varint(len(content)) + content
    return written


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def external(location: str) -> list[Field]:
    """Fields of a tensor whose values are the file at `location`."""
    return [(13, message((1, "location"), (2, location))), (14, 1)]


def small_encoder(weights: NDArray[np.float32], location: str | None = None) -> bytes:
    """A convolution by `weights` (D, 3, h, w) of pictures of 16 x 24, and its means; the weights lie in `location`."""
    ints = [
        message((1, name), *[(8, value) for value in values], (20, 7))
        for name, values in (("strides", [2, 2]), ("pads", [1] * 4))
    ]
    values: list[Field] = [(9, weights.tobytes())] if location is None else external(location)
    nodes = [
        message((1, "x"), (1, "w"), (2, "y"), (4, "Conv"), (5, ints[0]), (5, ints[1])),
        message((1, "y"), (2, "z"), (4, "Relu")),
        message((1, "z"), (2, "p"), (4, "GlobalAveragePool")),
        message((1, "p"), (2, "f"), (4, "Flatten")),
    ]
    return onnx(
        *[(1, node) for node in nodes],
        (2, "encoder"),
        (5, message(*[(1, side) for side in weights.shape], (2, 1), (8, "w"), *values)),
        (11, _shaped("x", ["batch", 3, 16, 24])),
        (12, _shaped("f", ["batch", len(weights)])),
    )


def onnx(*graph: Field) -> bytes:
    """A model with the fields of its `graph`."""
    return message((1, 8), (7, message(*graph)), (8, message((2, 17))))


def _shaped(name: str, shape: list[int | str]) -> bytes:
    sides = [message((1, message((1, side) if isinstance(side, int) else (2, side)))) for side in shape]
    return message((1, name), (2, message((1, message((1, 1), (2, b"".join(sides)))))))
