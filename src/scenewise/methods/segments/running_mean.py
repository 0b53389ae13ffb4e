"""Means over the batches of a training, which travel with the weights."""

import torch
from torch import Tensor, nn

LEAST_SHARE = 0.05
"""What a new batch counts at least: the mean follows the last twenty or so."""


class RunningMean(nn.Module):
    """Mean of values that each batch gives; the first batches count alike, the later ones LEAST_SHARE."""

    mean: Tensor
    batches: Tensor

    def __init__(self, count: int) -> None:
        """Of `count` values, which are 1 before any batch."""
        super().__init__()
        self.register_buffer("mean", torch.ones(count))
        self.register_buffer("batches", torch.zeros(()))

    def take(self, values: Tensor) -> Tensor:
        """The means (count,), in training after taking in `values` (count,); no gradient goes through them."""
        if self.training:
            with torch.no_grad():
                self.batches += 1
                self.mean += (values.float() - self.mean) * (1 / self.batches).clamp(min=LEAST_SHARE)
        return self.mean
