"""After MULDE (Micorek et al., CVPR 2024), on features: log-density at several noise scales, and a mixture over scales.

A small network f(x, sigma) learns the negative log-density of normal frames that are blurred by noise of the scale
sigma, by multiscale denoising score matching. A frame is then the vector of f at L noise scales, and its anomaly score
is the negative log-likelihood of this vector under a Gaussian mixture of those of normal frames.

Other than in the paper, features are those of the store, in their principal components; there is a model for each
scene; frames left out of the mixture choose its number of Gaussians; and the network is smaller. Sigma is in standard
deviations of the features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scenewise.config import SEED_MOST, require_between
from scenewise.errors import ConfigError
from scenewise.formats.tensors import tensor
from scenewise.methods.frames.frame_method import FrameMethod
from scenewise.methods.frames.mixture import Mixture
from scenewise.methods.frames.normalised import NORMALISER_FORMS, Normalisation, Normaliser, fit_normaliser
from scenewise.methods.frames.settings import OnePassSettings
from scenewise.methods.method import Settings

if TYPE_CHECKING:
    from torch import Tensor

GAUSSIANS = (1, 3, 5)
"""Numbers of Gaussians that are tried."""
LEAST_DEVIATION = 1e-6
"""Of f over normal frames: if all are alike, its deviation is 0."""
MOST = 1e9
"""Greatest score, either way."""
LEAST_COVARIANCE = 1e-3
"""Added to the variances of the mixture's Gaussians: the vectors of f, of unit variance, hardly differ by scale."""

Network: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""The weights of f, as LogDensity holds them: first, second, last."""


@dataclass(frozen=True)
class DensitySettings(OnePassSettings):
    """`scenewise train --method density`."""

    components: int = 128
    """Principal components of the normal frames that the density is learned in, at most a quarter as many as frames."""
    normalise: Normalisation = "l2"
    """Before it: standardise each feature, l2 scales each frame's features to length 1, none leaves them."""
    scales: int = 16
    """Noise scales (L) that a frame is scored at."""
    least_noise: float = 0.1
    """Smallest noise scale, in standard deviations of the features."""
    most_noise: float = 1.0
    """Largest noise scale."""
    regularisation: float = 0.01
    """Weight of the square of f at normal frames: score matching leaves a constant a noise scale free, and this keeps
    it near 0 (the paper's beta)."""
    width: int = 128
    """Width of the network's two hidden layers."""
    steps: int = 500
    """Optimiser steps of each model."""
    batch: int = 128
    """Frames a step."""
    learning_rate: float = 1e-3
    """Adam's learning rate."""
    seed: int = 0
    """Seed of the weights, the batches, the noise and the mixture."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 100_000, "components", "width", "batch")
        require_between(self, 1, 1000, "scales")
        require_between(self, 1e-6, 1e6, "least_noise", "most_noise")
        require_between(self, 0, 1e6, "regularisation")
        require_between(self, 0, 1_000_000, "steps")
        require_between(self, 1e-12, 10, "learning_rate")
        require_between(self, 0, SEED_MOST, "seed")
        if self.least_noise > self.most_noise:
            raise ConfigError(
                f"--least-noise {self.least_noise:g} is above --most-noise {self.most_noise:g}; give a smaller one"
            )


class LogDensity(NamedTuple):
    """The network f and the mixture over its values."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    unit: NDArray[np.bool_]
    """These three: the `Normaliser`."""
    centre: NDArray[np.float32]
    """(D,) mean of the normalised frames."""
    components: NDArray[np.float32]
    """(D, c) principal components, scaled so that normal frames have a mean variance of 1 in them."""
    first: NDArray[np.float32]
    """(c + 2, w): of the components, the logarithm of sigma, and 1."""
    second: NDArray[np.float32]
    """(w + 1, w): of the first hidden layer, and 1."""
    last: NDArray[np.float32]
    """(w + 1, 1)."""
    sigmas: NDArray[np.float64]
    """(L,) noise scales."""
    usual: NDArray[np.float64]
    """(2, L) mean and deviation of f over normal frames, at each noise scale."""
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    precisions: NDArray[np.float64]
    """These three: the `Mixture` of the vectors."""

    def vectors(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """(N, L) f at each noise scale, of frames (N, D), each scale with mean 0 and deviation 1 on normal frames."""
        normalised = Normaliser(self.mean, self.deviation, self.unit).apply(features)
        values = energies(
            (normalised - self.centre) @ self.components, (self.first, self.second, self.last), self.sigmas
        )
        return np.asarray((values - self.usual[0]) / self.usual[1], np.float64)

    def score(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N,) negative log-likelihood of frames (N, D)."""
        mixture = Mixture(self.weights, self.means, self.precisions)
        return np.asarray(np.clip(-mixture.log_likelihood(self.vectors(features)), -MOST, MOST), np.float32)


class Density(FrameMethod):
    """Log-density at several noise scales, learned by denoising score matching."""

    name = "density"
    summary = "log-density of frames at several noise scales, and a Gaussian mixture over the scales"
    Settings: ClassVar[type[Settings]] = DensitySettings
    deterministic = False
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"density": {}, "density/pooled": {"scope": "pooled"}}
    label = "log-density"
    model = LogDensity
    forms = NORMALISER_FORMS | {
        "centre": tensor("float32", "width"),
        "components": tensor("float32", "width", "components"),
        "first": tensor("float32", "inputs", "hidden"),
        "second": tensor("float32", "second inputs", "hidden"),
        "last": tensor("float32", "second inputs", 1),
        "sigmas": tensor("float64", "scales"),
        "usual": tensor("float64", 2, "scales"),
        "weights": tensor("float64", "gaussians"),
        "means": tensor("float64", "gaussians", "scales"),
        "precisions": tensor("float64", "gaussians", "scales", "scales"),
    }

    def learn(self, features: NDArray[np.floating], settings: DensitySettings) -> LogDensity:
        """Train f on normal frames (n, D), and fit the mixture to its values there."""
        from scenewise.methods.object_memory.frame_residual import principal_components

        normaliser = fit_normaliser(features, settings.normalise)
        normalised = normaliser.apply(features)
        kept = max(1, min(settings.components, len(features) // 4, features.shape[1]))
        centre, components = principal_components(normalised, kept)
        variance = float(((normalised - centre) @ components).var(axis=0).mean())
        components = np.asarray(
            components / np.sqrt(max(variance, 1e-6 * float(np.square(normalised).mean()), 1e-12)), np.float32
        )
        reduced = np.asarray((normalised - centre) @ components, np.float32)
        network = train_network(reduced, settings)
        sigmas = np.geomspace(settings.least_noise, settings.most_noise, settings.scales)
        values = energies(reduced, network, sigmas)
        usual = np.stack([values.mean(axis=0), np.maximum(values.std(axis=0), LEAST_DEVIATION)])
        mixture = fit_mixture((values - usual[0]) / usual[1], settings.seed)
        return LogDensity(*normaliser, centre, components, *network, sigmas, usual, *mixture)


def train_network(frames: NDArray[np.float32], settings: DensitySettings) -> Network:
    """The weights of f, (first, second, last), for normal frames (n, c).

    Multiscale denoising score matching (Vincent, Neural Computation 2011; Song and Ermon, NeurIPS 2019), weighted by
    sigma squared: the gradient of f at a frame with noise sigma * e is to be e / sigma. Random numbers come from the
    seed alone.
    """
    import torch

    random = torch.Generator().manual_seed(settings.seed)
    width, inputs = settings.width, frames.shape[1]

    def layer(rows: int, columns: int) -> Tensor:
        weights = torch.randn(rows + 1, columns, generator=random) / rows**0.5
        weights[-1] = 0
        return torch.nn.Parameter(weights)

    weights = [layer(inputs + 1, width), layer(width, width), layer(width, 1)]
    optimiser = torch.optim.Adam(weights, settings.learning_rate)
    normal = torch.from_numpy(np.ascontiguousarray(frames, np.float32))
    low, high = np.log(settings.least_noise), np.log(settings.most_noise)
    for _ in range(settings.steps):
        clean = normal[torch.randint(len(normal), (settings.batch,), generator=random)]
        sigma = torch.exp(low + (high - low) * torch.rand(settings.batch, 1, generator=random))
        noise = torch.randn(clean.shape, generator=random)
        noisy = (clean + sigma * noise).requires_grad_()
        (gradient,) = torch.autograd.grad(energy(noisy, sigma, weights).sum(), noisy, create_graph=True)
        matching = (sigma * gradient - noise).square().sum(dim=1).mean()
        loss = matching + settings.regularisation * energy(clean, sigma, weights).square().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    first, second, last = (one.detach().numpy() for one in weights)
    return first, second, last


def energy(frames: Tensor, sigma: Tensor, weights: list[Tensor]) -> Tensor:
    """(B,) f of frames (B, c) at the noise scales `sigma` (B, 1)."""
    import torch
    from torch.nn.functional import gelu

    first, second, last = weights
    hidden = gelu(torch.cat([frames, sigma.log()], dim=1) @ first[:-1] + first[-1])
    hidden = gelu(hidden @ second[:-1] + second[-1])
    values: Tensor = (hidden @ last[:-1] + last[-1])[:, 0]
    return values


def energies(frames: NDArray[np.floating], network: Network, sigmas: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, L) f of frames (N, c) at each of `sigmas` (L,); in float64, so that no score depends on its batch."""
    import torch

    weights = [torch.from_numpy(np.asarray(one, np.float64)) for one in network]
    known = torch.from_numpy(np.asarray(frames, np.float64))
    columns = [
        energy(known, torch.full((len(known), 1), float(sigma), dtype=torch.float64), weights) for sigma in sigmas
    ]
    return np.asarray(torch.stack(columns, dim=1).numpy(), np.float64)


def fit_mixture(vectors: NDArray[np.float64], seed: int) -> Mixture:
    """The mixture of `vectors` (n, L), in the order of the footage.

    As many Gaussians as give the last fifth, by a mixture of the rest, the highest likelihood.
    """
    from sklearn.mixture import GaussianMixture

    def fitted(rows: NDArray[np.float64], count: int) -> GaussianMixture:
        return GaussianMixture(count, reg_covar=LEAST_COVARIANCE, random_state=seed).fit(rows)

    if len(vectors) == 1:
        vectors = np.repeat(vectors, 2, axis=0)
    learned, held_out = np.split(vectors, [len(vectors) - max(len(vectors) // 5, 1)])
    most = min(len(learned) // 10, len(np.unique(learned, axis=0)))
    tried = [count for count in GAUSSIANS if count <= most] or [1]
    best = 1 if len(learned) < 2 else max(tried, key=lambda count: float(fitted(learned, count).score(held_out)))
    mixture = fitted(vectors, best)
    return Mixture(mixture.weights_, mixture.means_, mixture.precisions_cholesky_)
