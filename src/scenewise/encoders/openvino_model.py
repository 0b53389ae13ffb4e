"""An OpenVINO model as a file, and compiled to take levels: what its encoder and its object encoder share."""

from pathlib import Path
from typing import TypeAlias

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray

from scenewise.config import Colour, Precision
from scenewise.device import CPU, pick_dtype
from scenewise.encoders.openvino_graph import Picture
from scenewise.errors import ConfigError, EncoderError
from scenewise.files import sha256_of

Triple: TypeAlias = tuple[float, float, float]


def read_model(core: ov.Core, file: Path) -> ov.Model:
    """The model in `file`. Raises EncoderError if OpenVINO cannot read it."""
    # Suffixes are checked because OpenVINO also reads formats that can hold code.
    if file.suffix not in (".onnx", ".xml", ".tflite"):
        raise EncoderError(f"{file}: expected an image encoder as .onnx, .xml (OpenVINO IR) or .tflite")
    if not file.is_file():
        raise EncoderError(f"{file}: there is no such file")
    try:
        return core.read_model(file)
    except RuntimeError as error:
        raise EncoderError(f"{file}: OpenVINO cannot read it as {file.suffix}; get or export it anew") from error


def checksums(file: Path) -> list[str]:
    """SHA-256 of all that decides the arithmetic of the model in `file`: an .xml has its weights beside it."""
    parts = [file, file.with_suffix(".bin")] if file.suffix == ".xml" else [file]
    return [sha256_of(part) for part in parts if part.is_file()]


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


def pick_precision(precision: Precision) -> Precision:
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
    settings = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
    }
    try:
        compiled = core.compile_model(_from_levels(model, picture, mean, std, colour), "CPU", settings)
        shown = compiled(np.full((1, *picture.size, 3), 128, np.uint8))
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
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
