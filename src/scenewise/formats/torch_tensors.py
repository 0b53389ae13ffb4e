"""Tensors of torch from safetensors files: weights of any size, mapped from the file."""

from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from scenewise.formats.reasons import in_short


def map_torch_tensors(path: Path) -> dict[str, Tensor]:
    """{name: tensor} of a safetensors file. Raises ValueError."""
    try:
        return dict(load_file(path))
    except Exception as error:  # as for `parse_tensors`
        raise ValueError(f"no safetensors file: {in_short(error)}") from error
