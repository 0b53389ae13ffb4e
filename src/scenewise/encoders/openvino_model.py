"""An OpenVINO model as a file, and compiled to take levels: what its encoder and its object encoder share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from openvino.frontend import FrontEndManager

from scenewise.config import Colour, EncoderPrecision, Precision
from scenewise.device import CPU, pick_dtype
from scenewise.encoders.model_files import ModelFiles, file_beside
from scenewise.encoders.openvino_graph import Picture
from scenewise.errors import ConfigError, EncoderError
from scenewise.formats.onnx import external_files

Triple: TypeAlias = tuple[float, float, float]
ReadModel: TypeAlias = Callable[[Path], tuple[ov.Model, ModelFiles]]
"""Reads the model in a file, and says which files it consists of."""


READERS = {".onnx": "onnx", ".xml": "ir", ".tflite": "tflite"}
"""{suffix: OpenVINO's reader}. By itself it would choose one by the content: also one of formats that can hold code,
and, for a file of any suffix, one that follows names of other files."""


def read_model(file: Path) -> tuple[ov.Model, ModelFiles]:
    """The model in `file`, and the files that it consists of.

    Raises EncoderError if OpenVINO cannot read it, or if weights of it are missing or lie outside of its folder.
    """
    if file.suffix not in READERS:
        raise EncoderError(f"{file}: expected an image encoder as .onnx, .xml (OpenVINO IR) or .tflite")
    if not file.is_file():
        raise EncoderError(f"{file}: there is no such file")
    files = ModelFiles([file, *_weights_beside(file)])
    reader = FrontEndManager().load_by_framework(READERS[file.suffix])
    try:
        return reader.convert(reader.load(str(file))), files
    except Exception as error:  # of a damaged file, OpenVINO raises its own error, or Python's of text in its message
        raise _unreadable(file) from error


def _weights_beside(file: Path) -> list[Path]:
    """The files beside `file` in which weights of its model lie."""
    if file.suffix == ".xml":
        weights = file.with_suffix(".bin")
        return [file_beside(file, weights.name)] if os.path.lexists(weights) else []
    if file.suffix != ".onnx":
        return []
    try:
        names = external_files(file)
    except ValueError as error:
        raise _unreadable(file) from error
    return [file_beside(file, name) for name in names]


def _unreadable(file: Path) -> EncoderError:
    return EncoderError(f"{file}: OpenVINO cannot read it as {file.suffix}; get or export it anew")


def check_normalisation(
    file: Path, picture: Picture, mean: Triple | None, std: Triple | None, colour: Colour | None
) -> None:
    """Raise ConfigError if `mean`, `std` (scale 0 to 1) and `colour` are not what the model in `file` needs."""
    if picture.levels:
        if mean or std:
            raise ConfigError(f"{file}: takes uint8 levels and normalises them itself; leave --mean and --std out")
        return
    given = {"--mean": mean, "--std": std, "--colour": colour}
    missing = [flag for flag, value in given.items() if value is None]
    if missing or mean is None or std is None:
        raise ConfigError(
            f"{file}: takes float pixels and does not say how they are normalised; give {', '.join(missing)}, as the "
            "model was trained"
        )
    if not all(0 <= level <= 1 for level in mean) or not all(0 < level <= 1 for level in std):
        raise ConfigError(
            f"--mean {mean} --std {std}: expected numbers on the scale 0 to 1, std above 0; divide those on the scale "
            "0 to 255 by 255"
        )


def pick_precision(precision: EncoderPrecision) -> Precision:
    """float32 or bfloat16, as torch picks it for the CPU. Raises ConfigError as `pick_dtype` does."""
    return "bfloat16" if pick_dtype(precision, CPU) == torch.bfloat16 else "float32"


def compile_levels(
    core: ov.Core,
    model: ov.Model,
    file: Path,
    picture: Picture,
    *,
    mean: Triple | None,
    std: Triple | None,
    colour: Colour | None,
    precision: Precision,
) -> tuple[ov.CompiledModel, list[NDArray[np.float32]]]:
    """`model`, from `file`, compiled to take uint8 RGB (1, H, W, 3); and its float32 outputs for a grey picture.

    It runs one picture a request, and as many requests at once as suit the machine: so a picture's outputs cannot
    depend on other pictures, and models of a fixed batch need nothing special. On 2 cores larger batches gain nothing
    (MobileNet, 300 pictures per second) or little (ViT-B/32, 76 instead of 66). Raises EncoderError if it cannot run.
    """
    threads = torch.get_num_threads()
    settings = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        # One thread a request, so that its outputs do not depend on how many there are.
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": threads,
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
    }
    try:
        compiled = core.compile_model(_from_levels(model, picture, mean, std, colour), "CPU", settings)
        shown = compiled(np.full((1, *picture.size, 3), 128, np.uint8))
    except Exception as error:  # as in `read_model`
        reason = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        raise EncoderError(f"{file}: OpenVINO cannot run it on one picture ({reason}); export it anew") from error
    return compiled, [shown[output] for output in range(len(compiled.outputs))]


def _from_levels(
    model: ov.Model, picture: Picture, mean: Triple | None, std: Triple | None, colour: Colour | None
) -> ov.Model:
    """`model` with uint8 RGB (1, H, W, 3) as its input, normalised inside, and float32 outputs."""
    conversion = ov.preprocess.PrePostProcessor(model)
    conversion.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    conversion.input().model().set_layout(ov.Layout(picture.layout))
    if colour == "bgr":
        conversion.input().preprocess().reverse_channels()
    if mean is not None and std is not None:
        conversion.input().preprocess().convert_element_type(ov.Type.f32)
        conversion.input().preprocess().mean([255 * level for level in mean]).scale([255 * level for level in std])
    for output in range(len(model.outputs)):
        conversion.output(output).tensor().set_element_type(ov.Type.f32)
    return conversion.build()
