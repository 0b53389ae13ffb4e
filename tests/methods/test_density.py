"""Log-density by score matching: it orders points as the true density does, and its score is that of its mixture."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal, spearmanr
from sklearn.mixture import GaussianMixture

from scenewise.errors import ConfigError
from scenewise.methods.density import Density, DensitySettings, energies, fit_mixture, train_network

MEANS = np.array([[-1.5, 0.0], [1.5, 0.5]])
DEVIATION = 0.4


def blurred_density(points: NDArray[np.floating], sigma: float) -> NDArray[np.float64]:
    """(n,) log-density of the two Gaussians, blurred by noise of the scale sigma."""
    variance = DEVIATION**2 + sigma**2
    return np.log(np.mean([multivariate_normal(mean, variance).pdf(points) for mean in MEANS], axis=0))


def two_gaussians(seed: int, count: int) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    points = MEANS[random.integers(0, 2, count)] + DEVIATION * random.normal(size=(count, 2))
    return points.astype(np.float32)


def test_f_orders_points_as_the_true_log_density_does() -> None:
    settings = DensitySettings(steps=1200, least_noise=0.2, most_noise=1.0, width=64, seed=3, batch=512)
    network = train_network(two_gaussians(1, 2000), settings)
    grid = np.stack(np.meshgrid(np.linspace(-2.5, 2.5, 15), np.linspace(-1.2, 1.6, 9)), axis=-1).reshape(-1, 2)
    sigmas = np.array([0.25, 0.4, 0.7])
    found = energies(grid, network, sigmas)
    for column, sigma in enumerate(sigmas):
        true = -blurred_density(grid, sigma)
        near = true < true.min() + 5  # farther off there is next to nothing to learn from
        assert spearmanr(found[near, column], true[near]).statistic > 0.97
        slope = np.polyfit(true[near], found[near, column], 1)[0]
        assert slope == pytest.approx(1, abs=0.2), "it is the log-density itself, up to a constant"


def test_between_two_kinds_of_normal_frames_nothing_is_normal() -> None:
    """The toy that isolates the idea: the mean of all frames lies where no frame is."""
    settings = DensitySettings(components=2, normalise="none", steps=600, width=64, seed=4)
    model = Density().learn(two_gaussians(5, 1000), settings)
    usual = model.score(two_gaussians(6, 300))
    assert model.score(MEANS.mean(axis=0)[None])[0] > np.quantile(usual, 0.9)
    assert model.score(np.array([[0.0, 3.0]]))[0] > usual.max()


def test_the_score_is_the_negative_likelihood_of_the_mixture() -> None:
    points = two_gaussians(7, 400)
    model = Density().learn(points, DensitySettings(components=2, normalise="none", steps=20, width=16, scales=4))
    mixture = GaussianMixture(len(model.weights))
    mixture.weights_, mixture.means_, mixture.precisions_cholesky_ = model.weights, model.means, model.precisions
    np.testing.assert_allclose(model.score(points), -mixture.score_samples(model.vectors(points)), rtol=1e-4, atol=1e-4)


def test_as_many_gaussians_as_the_held_out_frames_ask_for() -> None:
    random = np.random.default_rng(8)
    centres = np.array([[-6.0, 0], [0, 6], [6, 0]])
    three = centres[random.integers(0, 3, 300)] + random.normal(size=(300, 2))
    assert len(fit_mixture(three, 0)[0]) >= 3
    assert len(fit_mixture(random.normal(size=(100, 2)), 0)[0]) == 1


def test_the_seed_decides_all() -> None:
    points = two_gaussians(9, 100)
    settings = DensitySettings(components=2, steps=5, width=8, seed=11)
    one, same = (Density().learn(points, settings).score(points) for _ in range(2))
    np.testing.assert_array_equal(one, same)
    other = Density().learn(points, DensitySettings(components=2, steps=5, width=8, seed=12)).score(points)
    assert not np.allclose(one, other)
    np.testing.assert_allclose(Density().learn(points, settings).score(points[:1]), one[:1], rtol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_hardly_any_frames_give_finite_densities(count: int) -> None:
    points = np.random.default_rng(10).normal(size=(count, 9))
    model = Density().learn(points, DensitySettings(steps=2, width=8))
    assert np.isfinite(model.score(np.concatenate([points, points + 5]))).all()


def test_noise_scales_in_the_wrong_order_are_told() -> None:
    with pytest.raises(ConfigError, match="--least-noise 2 is above --most-noise 1"):
        DensitySettings(least_noise=2.0, most_noise=1.0)
