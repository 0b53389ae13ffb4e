"""A memory of normal patterns, addressed by latent codes; after MemAE (Gong et al., ICCV 2019)."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

TINY = 1e-12


class Read(NamedTuple):
    """What queries (..., Z) read from a memory of N items."""

    values: Tensor
    """(..., Z)."""
    weights: Tensor
    """(..., N), each at least 0; they add up to 1, or to 0 if all were cut."""


def read_memory(queries: Tensor, items: Tensor, shrinkage: float) -> Read:
    """Address `items` (N, Z) by `queries` (..., Z), and read, as MemAE does.

    Queries (B, T, Z) may have a memory each, `items` (B, N, Z).

    The weights are a softmax over the items of the cosine of query and item. Hard shrinkage cuts those below
    `shrinkage` / N, in the paper's continuous form; the rest is scaled to add up to 1.
    """
    with torch.autocast(queries.device.type, enabled=False):  # weights of about 1/N need the digits
        queries = queries.float()
        cosines = functional.normalize(queries, dim=-1) @ functional.normalize(items, dim=-1).mT
        weights = cosines.softmax(dim=-1)
        if shrinkage > 0:
            above = weights - shrinkage / items.shape[-2]
            weights = above.clamp(min=0) * weights / (above.abs() + TINY)
            weights = functional.normalize(weights, p=1, dim=-1)
        return Read(weights @ items, weights)


def entropy(weights: Tensor) -> Tensor:
    """Of weights (..., N) that add up to 1, in nats, (...,), 0 to log N: MemAE's loss of sparsity."""
    return -(weights * (weights + TINY).log()).sum(dim=-1)
