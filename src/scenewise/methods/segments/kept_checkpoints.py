"""Weights kept on the way, for the published protocol alone: strict scoring never opens them.

RUN/kept/step-000050.safetensors   weights after 50 steps, and so on, evenly spread up to the last step
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save as save_tensors
from torch import nn

from scenewise.checksums import check, reading
from scenewise.files import write_bytes
from scenewise.formats.tensors import parse_tensors
from scenewise.methods.segments.settings import StepSettings

FOLDER = "kept"


def kept_steps(settings: StepSettings) -> list[int]:
    """The steps after which `--keep-checkpoints` keeps the weights: evenly spread, the last one among them."""
    count = settings.keep_checkpoints
    return [round(place * settings.steps / count) for place in range(1, count + 1)]


def kept_file(run: Path, step: int) -> Path:
    """Where the weights after `step` are kept."""
    return run / FOLDER / f"step-{step:06d}.safetensors"


def keep_weights(out: Path, step: int, model: nn.Module) -> None:
    """Write the weights of `step`, whole or not at all. A resumed training writes the same bytes again."""
    path = kept_file(out, step)
    write_bytes(path, save_tensors({name: value.cpu().contiguous() for name, value in model.state_dict().items()}))


def read_weights(run: Path, path: Path) -> dict[str, NDArray[np.float32]]:
    """What `keep_weights` wrote. Raises IntegrityError if the file was changed since."""
    with reading(path, "train again"):
        return parse_tensors(check(path, run).read_bytes())
