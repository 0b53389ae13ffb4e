"""The manifold of each scene's normal latent codes, and how far a code lies from its own scene's.

A scene is represented by a sample of its normal codes, one frame each, at length 1. The distance of a code is the mean
Euclidean distance to its nearest ones. What is normal in another scene alone may be reconstructed well, since one model
learns all scenes, but its code is far from those of this scene.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

MOST_CODES = 1000
"""Normal codes that are kept a scene."""
NEIGHBOURS = 5
"""Nearest normal codes (k) that the distance is averaged over; 1 was no better on the development cameras."""
LEAST_SPREAD = 1e-6
"""Between median and 99th percentile of a term: constant ones have none."""


class TermScale(NamedTuple):
    """Median and 99th percentile of a term on held-out normal frames, a scene each, (S,)."""

    median: Tensor
    q99: Tensor

    def apply(self, term: Tensor, scenes: Tensor) -> Tensor:
        """Errors (B, T) of `scenes` (B,) on the scale of their scene: 0 is the median, 1 the 99th percentile."""
        spread = (self.q99 - self.median).clamp(min=LEAST_SPREAD)
        return (term - self.median[scenes, None]) / spread[scenes, None]


class NormalCodes(nn.Module):
    """Normal codes of S scenes, and the scales of the two terms of a score; buffers, so that they travel with the run.

    Empty until `remember` and `calibrate`, which follow the training.
    """

    codes: Tensor
    counts: Tensor
    scales: Tensor

    def __init__(self, scenes: int, latent: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.zeros(scenes, MOST_CODES, latent))
        self.register_buffer("counts", torch.zeros(scenes, dtype=torch.int64))
        self.register_buffer("scales", torch.zeros(2, 2, scenes))

    def remember(self, scene: int, codes: Tensor) -> None:
        """Keep normal codes (n, Z) of the scene at place `scene`, 1 to MOST_CODES of them."""
        self.codes[scene, : len(codes)] = functional.normalize(codes, dim=-1)
        self.counts[scene] = len(codes)

    def calibrate(self, scene: int, errors: Tensor, distances: Tensor) -> None:
        """Take the scales of a scene from the two terms of its held-out normal frames, (n,) each."""
        for term, values in enumerate((errors, distances)):
            median, q99 = np.quantile(values.double().cpu().numpy(), (0.5, 0.99))
            self.scales[term, 0, scene], self.scales[term, 1, scene] = float(median), float(q99)

    def distance(self, codes: Tensor, scenes: Tensor) -> Tensor:
        """Of latent codes (B, T, Z) to the normal ones of their `scenes` (B,), (B, T), 0 to 2."""
        found = torch.empty(codes.shape[:-1], device=codes.device)
        for scene in torch.unique(scenes).tolist():
            here = scenes == scene
            found[here] = nearest_distance(codes[here], self.codes[scene, : int(self.counts[scene])])
        return found

    def sum_of_terms(self, errors: Tensor, distances: Tensor, scenes: Tensor) -> Tensor:
        """Both terms (B, T), each on the scale of its scene, added; 0 if both are ordinary."""
        error_scale, distance_scale = (TermScale(*scale) for scale in self.scales)
        return error_scale.apply(errors, scenes) + distance_scale.apply(distances, scenes)


def nearest_distance(codes: Tensor, normal: Tensor) -> Tensor:
    """Mean distance (...,) of codes (..., Z) to the NEIGHBOURS nearest of `normal` (n, Z), whose length is 1."""
    codes = functional.normalize(codes.float(), dim=-1)
    nearest = (codes @ normal.T).topk(min(NEIGHBOURS, len(normal)), dim=-1).indices
    # The product finds the nearest; the distances themselves are computed one by one, exact also where they are small.
    return torch.stack([torch.linalg.vector_norm(codes - normal[one], dim=-1) for one in nearest.unbind(-1)]).mean(0)


def evenly_spread(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most MOST_CODES of the first rows of a scene's segments."""
    places = np.linspace(0, len(starts) - 1, min(MOST_CODES, len(starts))).round().astype(np.int64)
    return starts[places]
