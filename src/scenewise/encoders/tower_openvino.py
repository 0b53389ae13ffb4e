"""A vision tower through OpenVINO, on the CPU: traced at the size of its pictures, converted once, kept in the cache.

    tower of transformers ── traced at (1, 3, H, W) ── OpenVINO's graph ── compared with torch on a picture ── cache

What torch and OpenVINO answer differs by rounding alone. A tower that cannot be converted, or whose graph answers
otherwise, goes through torch.
"""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import torch
import transformers
from numpy.typing import NDArray
from torch import Tensor

from scenewise import __version__
from scenewise.config import Precision
from scenewise.device import CPU
from scenewise.encoders.checkpoint import Checkpoint
from scenewise.encoders.openvino_graph import Picture
from scenewise.encoders.openvino_model import Triple, compile_levels
from scenewise.encoders.preprocess import Size
from scenewise.encoders.tower_cache import cache_folder, kept_tower
from scenewise.encoders.tower_families import Family, TowerOutput
from scenewise.encoders.tower_torch import TorchTower
from scenewise.formats.reasons import in_short
from scenewise.progress import note

ROUNDING = 1e-3
"""Greatest difference between torch's and OpenVINO's outputs for one picture in float32, as a share of the greatest
output. Rounding makes 1e-6 to 1e-5; an operation that OpenVINO computes otherwise, such as resizing with antialiasing,
makes 1e-2."""


class OpenVinoTower:
    """The tower of `checkpoint` on the CPU, in `precision`; `load` gives the library's tower in float32.

    Nothing is loaded while every graph is in the cache. `int8`, a graph of whole frames of (1, 3, H, W), takes the
    place of the converted one. `rows` pictures a call keep all requests at work; each is computed by itself, so what
    comes out does not depend on the others.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        family: Family,
        load: Callable[[], Any],
        *,
        mean: Sequence[float],
        std: Sequence[float],
        precision: Precision,
        int8: ov.Model | None = None,
    ) -> None:
        self._checkpoint, self._family, self._load = checkpoint, family, load
        self._mean, self._std = _triple(mean), _triple(std)
        self._precision, self._int8 = precision, int8
        self._ways: dict[tuple[Size, bool], CompiledTower | TorchTower] = {}
        self.rows = 4

    def run(self, levels: Tensor, middle: bool = False) -> TowerOutput:
        """The tower's output for pictures (N, 3, H, W) uint8 RGB on the CPU, N from 1 to `rows`."""
        return self.open((int(levels.shape[2]), int(levels.shape[3])), middle).run(levels, middle)

    def open(self, size: Size, middle: bool = False) -> "CompiledTower | TorchTower":
        """What computes pictures of `size`, ready for use. Raises EncoderError if it cannot run."""
        if (size, middle) not in self._ways:
            way = self._opened(size, middle)
            self._ways[size, middle] = way
            self.rows = max(self.rows, way.rows) if isinstance(way, CompiledTower) else self.rows
        return self._ways[size, middle]

    def _opened(self, size: Size, middle: bool) -> "CompiledTower | TorchTower":
        try:
            graph = self._int8 if self._int8 is not None and not middle else self.graph(size, middle)
        except NotConvertedError as error:
            note(f"{self._checkpoint.folder}: goes through torch, because OpenVINO {error}")
            dtype = torch.bfloat16 if self._precision == "bfloat16" else torch.float32
            return TorchTower(self._load().to(dtype), self._family, CPU, dtype, self._mean, self._std)
        return CompiledTower(graph, self._checkpoint.folder, size, self._mean, self._std, self._precision)

    def graph(self, size: Size, middle: bool = False) -> ov.Model:
        """OpenVINO's graph for one normalised picture (1, 3, *size), in float32. Raises NotConvertedError."""
        made_from = {
            **self._checkpoint.identity(),
            "size": list(size),
            "middle": middle,
            "precision": "float32",
            "scenewise": __version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "openvino": ov.__version__,
        }
        name = f"{self._checkpoint.model_type}-{size[0]}x{size[1]}"
        return kept_tower(
            cache_folder(name, made_from), made_from, lambda: convert(self._load(), self._family, size, middle)
        )


def faster_through_openvino(dtype: torch.dtype) -> bool:
    """Whether a CPU computes a tower faster through OpenVINO than through torch.

    In float32 it does with AVX-512 (1.3 times as fast). Without, on a first-generation EPYC, torch took two thirds of
    OpenVINO's time.
    """
    return dtype == torch.bfloat16 or bool(torch.cpu.get_capabilities().get("avx512_f"))


class CompiledTower:
    """A `graph` of one picture, compiled: as many requests at once as suit the machine."""

    def __init__(
        self, graph: ov.Model, folder: Path, size: Size, mean: Triple, std: Triple, precision: Precision
    ) -> None:
        picture = Picture("NCHW", size, levels=False, open=False)
        compiled, _ = compile_levels(
            ov.Core(), graph.clone(), folder, picture, mean=mean, std=std, colour=None, precision=precision
        )
        # In int8, OpenVINO leaves an axis of length 1 in the compiled embedding.
        self._shapes = [tuple(output.shape)[1:] for output in graph.outputs]
        self._requests = ov.AsyncInferQueue(compiled)
        self.rows = 2 * len(self._requests)

    def run(self, levels: Tensor, middle: bool = False) -> TowerOutput:
        """As `OpenVinoTower.run`."""
        outputs = [np.empty((len(levels), *shape), np.float32) for shape in self._shapes]

        def keep(request: Any, number: int) -> None:
            for place, output in enumerate(outputs):
                output[number] = request.get_output_tensor(place).data.reshape(output.shape[1:])

        self._requests.set_callback(keep)
        for number, picture in enumerate(levels.permute(0, 2, 3, 1).contiguous().numpy()):
            self._requests.start_async({0: picture[None]}, number)
        self._requests.wait_all()
        embedding, tokens, *rest = map(torch.from_numpy, outputs)
        return TowerOutput(embedding, tokens, rest[0] if rest else None)


class NotConvertedError(Exception):
    """OpenVINO has no graph that answers as torch does."""


class _Outputs(torch.nn.Module):
    """A tower whose outputs are a tuple, as tracing needs them."""

    def __init__(self, tower: Any, family: Family, middle: bool) -> None:
        super().__init__()
        self.tower = tower
        self._family, self._middle = family, middle

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        return tuple(part for part in self._family.forward(self.tower, pixels, self._middle) if part is not None)


def convert(tower: Any, family: Family, size: Size, middle: bool = False) -> ov.Model:
    """OpenVINO's graph of `tower` for one picture (1, 3, *size), compared with torch. Raises NotConvertedError."""
    example = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(0))
    outputs = _Outputs(tower, family, middle)
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes that become constants, which is what tracing is for
            # Traced first: convert_model by itself traces three times as long.
            traced = torch.jit.trace(outputs, example, check_trace=False)  # type: ignore[no-untyped-call]
            graph = ov.convert_model(traced, example_input=example, input=[1, 3, *size])
            expected = [part.numpy() for part in outputs(example)]
        found = [*ov.compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(example.numpy()).values()]
    except Exception as error:  # whatever the two libraries raise
        raise NotConvertedError(f"cannot convert it ({in_short(error)})") from error
    difference = max(_difference(*pair) for pair in zip(expected, found, strict=True))
    if not difference < ROUNDING:
        raise NotConvertedError(f"computes it otherwise (outputs differ by {difference:.0e} of the greatest)")
    return graph


def _difference(expected: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    """Greatest difference, as a share of the greatest value."""
    return float(np.abs(expected - found).max() / np.abs(expected).max())


def _triple(levels: Sequence[float]) -> Triple:
    red, green, blue = levels
    return red, green, blue
