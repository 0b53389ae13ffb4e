"""A vision tower through torch: the reference, and the way on a GPU."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from scenewise.encoders.preprocess import repeat_last
from scenewise.encoders.tower_families import Family, TowerOutput

ROWS_CPU, ROWS_LEAST, ROWS_MOST = 4, 8, 256
"""Pictures a call: on 2 cores more than 4 gain little, and a GPU idles with few."""
FREE_FOR_ACTIVATIONS = 1 / 4
"""Of a GPU's memory. The rest is for weights, for frames on their way, and for other programs."""


class TorchTower:
    """The library's `tower` on `device`, where it computes in `dtype`; `mean` and `std` on the scale 0 to 1.

    Always `rows` pictures a call: torch's arithmetic may differ with their number.
    """

    def __init__(
        self,
        tower: Any,
        family: Family,
        device: torch.device,
        dtype: torch.dtype,
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        self._tower, self._forward, self._dtype = tower.to(device), family.forward, dtype
        self._mean, self._std = (torch.tensor(levels, device=device).view(3, 1, 1) for levels in (mean, std))
        self.rows = ROWS_CPU
        if device.type == "cuda":
            memory = torch.cuda.get_device_properties(device).total_memory
            self.rows = rows_that_fit(memory, _activation_bytes(tower.config, dtype))
        elif device.type != "cpu":
            self.rows = 32

    @torch.inference_mode()
    def run(self, levels: Tensor, middle: bool = False) -> TowerOutput:
        """The tower's output, on its device, for pictures (N, 3, H, W) uint8 RGB on any device; N from 1 to `rows`."""
        device = self._mean.device
        whole = repeat_last(levels.to(device), self.rows).float()
        output = self._forward(self._tower, ((whole / 255 - self._mean) / self._std).to(self._dtype), middle)
        embedding, tokens, between = (None if part is None else part[: len(levels)].float() for part in output)
        assert embedding is not None and tokens is not None
        return TowerOutput(embedding, tokens, between)


def rows_that_fit(memory: int, picture: int) -> int:
    """How many pictures a GPU of `memory` bytes gets a call, if each needs `picture` bytes: a power of two."""
    fitting = max(int(memory * FREE_FOR_ACTIVATIONS) // picture, 1)
    return max(ROWS_LEAST, min(ROWS_MOST, 1 << (fitting.bit_length() - 1)))


def _activation_bytes(config: Any, dtype: torch.dtype) -> int:
    """Of one picture inside the tower, at its own size: about what one layer holds at once, and what comes before."""
    side = config.image_size if isinstance(getattr(config, "image_size", None), int) else 448
    patch = config.patch_size if isinstance(config.patch_size, int) else min(config.patch_size)
    tokens: int = (side // patch) ** 2 + 1
    inner: int = getattr(config, "intermediate_size", 4 * config.hidden_size)
    width: int = config.hidden_size
    return tokens * (8 * width + 3 * inner) * dtype.itemsize + 4 * 3 * side * side * 4
