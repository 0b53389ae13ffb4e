"""What can be read from an image encoder's graph: its input picture, its features, and its spatial maps.

OpenVINO brings every format to the same operations: convolutions and pools hold channels in axis 1, whatever the
model's layout, and a quantised tensor comes from a FakeQuantize with its real range beside the integer one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as operations

from scenewise.encoders.preprocess import Size
from scenewise.errors import ConfigError, EncoderError

DEFAULT_SIDE = 224
"""Pixels a side if a model leaves it open: what most image encoders were trained at."""
MAP_MAKERS = {"Convolution", "GroupConvolution", "MaxPool", "AvgPool"}
REARRANGING = {"Convert", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Result"}
ATTENTION = {"Softmax", "ScaledDotProductAttention"}


class Picture(NamedTuple):
    """A model's input."""

    layout: str
    """NCHW or NHWC."""
    size: Size
    levels: bool
    """Whether it takes levels, uint8, and normalises them itself."""
    open: bool
    """Whether the model leaves its size open."""


class Place(NamedTuple):
    """A tensor among a model's outputs, and how its numbers are read."""

    output: int
    channels: int
    """Axis of the channels."""
    scale: float = 1.0
    zero: float = 0.0

    def read(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """One picture's values (C, R) in an output tensor (1, ...), dequantised; R is 1 for features without places."""
        values: NDArray[np.float32] = np.moveaxis(tensor[0], self.channels - 1, 0).reshape(
            tensor.shape[self.channels], -1
        )
        return values * np.float32(self.scale) + np.float32(self.zero)


class Map(NamedTuple):
    """A spatial map of one picture: a tensor inside a model that has places."""

    tensor: Any
    channels: int
    """Axis of the channels, 1 or 3."""
    size: Size
    """Rows and columns of places."""


def fix_picture(model: ov.Model, file: Path) -> Picture:
    """The input of `model`, which is reshaped to exactly one picture. Raises EncoderError if it takes no picture."""
    shapes = [str(entry.partial_shape) for entry in model.inputs]
    if len(shapes) == 1 and model.input(0).partial_shape.rank == 4:
        shape = model.input(0).partial_shape
        for layout in ("NCHW", "NHWC"):
            height, width, channels = (shape[layout.index(axis)] for axis in "HWC")
            if channels.is_static and channels.get_length() != 3:
                continue
            size = tuple(DEFAULT_SIDE if side.is_dynamic else side.get_length() for side in (height, width))
            whole = {"N": 1, "C": 3, "H": size[0], "W": size[1]}
            try:
                model.reshape([whole[axis] for axis in layout])
            except RuntimeError:  # its operations do not fit this layout
                continue
            is_open = bool(height.is_dynamic or width.is_dynamic)
            return Picture(layout, (size[0], size[1]), _takes_levels(model, file), is_open)
    raise EncoderError(
        f"{file}: expected an image encoder with one input, a picture of 3 channels (N x 3 x H x W or N x H x W x 3), "
        f"got {' and '.join(shapes) or 'none'}"
    )


def _takes_levels(model: ov.Model, file: Path) -> bool:
    kind = model.input(0).element_type
    if kind != ov.Type.u8 and not kind.is_real():
        raise EncoderError(f"{file}: expected uint8 or float input, got {kind.to_string()}; export the model with one")
    return bool(kind == ov.Type.u8)


def find_features(model: ov.Model, picture: Picture, file: Path) -> Place:
    """The first output with two axes, features as they are; else the first with four, a map to average.

    Raises EncoderError if there is neither.
    """
    ranks = [entry.partial_shape.rank.get_length() for entry in model.outputs]
    if 2 in ranks:
        return Place(ranks.index(2), 1, *_scale_and_zero(model.output(ranks.index(2)), file))
    if 4 in ranks:
        output = ranks.index(4)
        axis = channel_axes(model).get(_source(model.output(output).node).get_name(), picture.layout.index("C"))
        return Place(output, axis, *_scale_and_zero(model.output(output), file))
    shapes = " and ".join(str(entry.partial_shape) for entry in model.outputs)
    raise EncoderError(f"{file}: expected features (N, D) or a map (N, D, H, W) as output, got {shapes}")


def add_regions(model: ov.Model, features: Place, grid: tuple[int, int], file: Path) -> Place:
    """The last map on the way to the features, averaged over `grid`, as one more output.

    Raises EncoderError if there is none, ConfigError if it has fewer rows or columns than the grid.
    """
    try:
        last = next(maps_before(model, features))
    except StopIteration:
        raise EncoderError(
            f"{file}: holds no spatial feature map that --regions could be read from; leave --regions out"
        ) from None
    rows, columns = last.size
    if grid[0] > rows or grid[1] > columns:
        raise ConfigError(
            f"--regions {grid[0]}x{grid[1]}: the last map of {file.name} has {rows}x{columns} places, and the grid can "
            "have no more rows or columns"
        )
    model.add_outputs([pooled(last, grid)])
    return Place(len(model.outputs) - 1, 1)


def maps_before(model: ov.Model, features: Place) -> Iterator[Map]:
    """The tensors on the way to the features that still have places, last first."""
    axes = channel_axes(model)
    upstream = {model.output(features.output).node.get_name()}
    for node in reversed(model.get_ordered_ops()):
        name, kind = node.get_name(), node.get_type_name()
        if name not in upstream or not node.outputs():
            continue
        upstream.update(value.get_node().get_name() for value in node.input_values())
        shape = node.output(0).partial_shape
        if shape.is_dynamic:
            continue
        if kind in ATTENTION and len(shape) > 2:
            return  # a vision transformer's maps end before its first attention: they hold single patches
        if name in axes and kind != "Result" and node.output(0).element_type.is_real():
            rows, columns = (side for place, side in enumerate(shape.to_shape()) if place not in (0, axes[name]))
            if min(rows, columns) > 1:
                yield Map(node.output(0), axes[name], (rows, columns))


def pooled(one: Map, grid: tuple[int, int]) -> Any:
    """A tensor (1, C, *grid): a map averaged over a grid of rows and columns, as one more operation of its graph."""
    channels_first = one.tensor
    if one.channels == 3:
        channels_first = operations.transpose(one.tensor, operations.constant([0, 3, 1, 2])).output(0)
    return operations.adaptive_avg_pool(channels_first, operations.constant(list(grid))).output(0)


def channel_axes(model: ov.Model) -> dict[str, int]:
    """{operation: axis of its channels} for every spatial map, followed from convolutions and pools onwards."""
    axes: dict[str, int] = {}
    for node in model.get_ordered_ops():
        name, kind = node.get_name(), node.get_type_name()
        if not node.outputs() or node.output(0).partial_shape.rank != 4:
            continue
        known = [
            axes[value.get_node().get_name()] for value in node.input_values() if value.get_node().get_name() in axes
        ]
        if kind in MAP_MAKERS:
            axes[name] = 1
        elif known and kind == "Transpose" and node.input_value(1).get_node().get_type_name() == "Constant":
            axes[name] = list(_constant(node, 1)).index(known[0])
        elif known and kind not in ("Transpose", "Reshape"):  # which may tear places apart, as attention and windows do
            axes[name] = known[0]
    return axes


def _scale_and_zero(output: Any, file: Path) -> tuple[float, float]:
    """What turns an output's numbers into real ones: real = number * scale + zero."""
    if output.element_type.is_real():
        return 1.0, 0.0
    node = output.node
    while node.get_type_name() in REARRANGING:
        node = _source(node)
    if node.get_type_name() != "FakeQuantize":
        raise EncoderError(
            f"{file}: its output is {output.element_type.to_string()} without a scale; export it as float"
        )
    low, high, first, last = (float(_constant(node, place).item()) for place in (1, 2, 3, 4))
    scale = (high - low) / (last - first)
    return scale, low - first * scale


def _source(node: Any) -> Any:
    return node.input_value(0).get_node()


def _constant(node: Any, place: int) -> NDArray[Any]:
    return np.asarray(node.input_value(place).get_node().get_data())
