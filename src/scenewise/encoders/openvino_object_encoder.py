"""Appearance features of objects from any image encoder that OpenVINO reads: its maps halfway through and at its end.

    crops ── [ levels to the input it wants ── model ─┬─ last map twice as fine ── upper half, lower half
                                                      └─ last spatial map ──────── all of it ] ── each of unit length

What stands in brackets is compiled into one; the rest of the model is never run. Maps halfway through a network tell
parts of an object, such as wheels under a body; maps at its end show the class of an object.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as operations

from scenewise.config import Colour, EncoderPrecision
from scenewise.encoders.object_encoder import unit_parts
from scenewise.encoders.openvino_graph import Map, Picture, Place, find_features, fix_picture, maps_before, pooled
from scenewise.encoders.openvino_model import (
    ReadModel,
    Triple,
    check_normalisation,
    compile_levels,
    pick_precision,
    read_model,
)
from scenewise.encoders.preprocess import Size, fit_frames

SIZE = 96
"""Pixels a side of a crop, if the model can be reshaped to it: as much as a surveillance camera shows of a person,
at a fifth of the cost of 224."""
HALVES, WHOLE = (2, 1), (1, 1)
"""Grids of rows and columns that maps are averaged over; halves share the middle one of an odd number of rows."""


class OpenVinoObjectEncoder:
    """The model in `file` as an object encoder, on the CPU; `mean`, `std` and `colour` as for OpenVinoEncoder.

    The maps are the last one before the model's features and the last one before it that has twice its rows and columns
    at the model's input size; if none is twice as fine, the two halves of the last map are all. For a model without
    maps, such as a transformer, its features are taken. A model that cannot be reshaped gets crops at its input size.

    Raises EncoderError if the file is no image encoder, ConfigError if settings are missing or do not fit it.
    """

    distinguishes_classes = True

    def __init__(
        self,
        file: Path,
        *,
        mean: Triple | None = None,
        std: Triple | None = None,
        colour: Colour | None = None,
        precision: EncoderPrecision = "auto",
        kind: str = "openvino",
        read: ReadModel = read_model,
    ) -> None:
        core = ov.Core()
        model, files = read(file)
        picture = fix_picture(model, file)
        check_normalisation(file, picture, mean, std, colour)
        features = find_features(model, picture, file)
        maps = list(maps_before(model, features))
        model, self._places = _up_to_maps(model, maps) if maps else _up_to_features(model, features)
        self._picture = _at_crop_size(model, picture) if maps else picture
        compiled, shown = compile_levels(
            core,
            model,
            file,
            self._picture,
            mean=mean,
            std=std,
            colour=colour,
            precision=pick_precision(precision),
        )
        files.require_unchanged()
        self._requests = ov.AsyncInferQueue(compiled)
        self._widths = [len(part) for part in self._parts(shown)]
        self.width, self.size = sum(self._widths), max(self._picture.size)
        self.identity: dict[str, Any] = {
            "kind": kind,
            "model": files.checksums,
            "size": list(self._picture.size),
            "widths": self._widths,
            "mean": list(mean) if mean else None,
            "std": list(std) if std else None,
            "colour": colour or "rgb",
        }

    def encode(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Appearance features (M, D') of crops (M, size, size, 3) uint8 RGB; M may be 0."""
        parts = [np.empty((len(crops), width), np.float32) for width in self._widths]

        def keep(request: Any, number: int) -> None:
            outputs = [request.get_output_tensor(place.output).data for place in self._places]
            for part, values in zip(parts, self._parts(outputs), strict=True):
                part[number] = values

        self._requests.set_callback(keep)
        for number, crop in enumerate(_fitted(crops, self._picture.size)):
            self._requests.start_async({0: crop[None]}, number)
        self._requests.wait_all()
        return unit_parts(*parts)

    def _parts(self, outputs: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The parts of one crop's features: one (D1,) for every place of the cut model's outputs."""
        return [part for place in self._places for part in place.read(outputs[place.output]).T]


def _up_to_maps(model: ov.Model, maps: Sequence[Map]) -> tuple[ov.Model, list[Place]]:
    """`model` as far as two of its `maps`, which come last first: the last one and one twice as fine; pooled."""
    last = maps[0]
    twice = (2 * last.size[0], 2 * last.size[1])
    middle = next((finer for finer in maps if finer.size == twice), None)
    outputs = [pooled(middle, HALVES), pooled(last, WHOLE)] if middle else [pooled(last, HALVES)]
    return ov.Model(outputs, model.get_parameters()), [Place(output, 1) for output in range(len(outputs))]


def _up_to_features(model: ov.Model, features: Place) -> tuple[ov.Model, list[Place]]:
    """`model` as far as its features (1, D); if they are a map, although none came before, its mean."""
    tensor = model.output(features.output).node.input_value(0)
    rank = tensor.get_partial_shape().rank.get_length()
    if rank > 2:
        places = [axis for axis in range(1, rank) if axis != features.channels]
        real = operations.convert(tensor, np.float32)
        tensor = operations.reduce_mean(real, operations.constant(places), False).output(0)
    return ov.Model([tensor], model.get_parameters()), [features._replace(output=0, channels=1)]


def _at_crop_size(model: ov.Model, picture: Picture) -> Picture:
    """`picture` at SIZE, to which `model` is reshaped; unchanged if the model cannot be reshaped."""
    sides = {"N": 1, "C": 3, "H": SIZE, "W": SIZE}
    try:
        model.reshape([sides[axis] for axis in picture.layout])
    except RuntimeError:  # its graph holds fixed sizes, as transformers do
        return picture
    return picture._replace(size=(SIZE, SIZE))


def _fitted(crops: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Crops (M, H, W, 3) as (M, *size, 3); unchanged if they have that size, as for all models but oblong ones."""
    if crops.shape[1:3] == size or not len(crops):
        return crops
    return fit_frames(crops, size, "squash").permute(0, 2, 3, 1).contiguous().numpy()
