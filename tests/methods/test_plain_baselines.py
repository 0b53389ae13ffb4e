"""The plain baselines equal their closed forms."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.covariance import shrunk_covariance
from sklearn.decomposition import PCA

from scenewise.errors import ConfigError
from scenewise.methods.frame_knn import FrameKnn, FrameKnnSettings
from scenewise.methods.frame_residual import FrameResidual, FrameResidualSettings
from scenewise.methods.mahalanobis import Mahalanobis, MahalanobisSettings


def frames(seed: int, count: int, width: int = 12) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    return random.normal(size=(count, width)) * np.linspace(3, 0.2, width) + 1


@pytest.mark.parametrize("count", [3, 200])
def test_frame_knn_is_the_mean_of_the_smallest_distances(count: int) -> None:
    normal, new = frames(1, count), frames(2, 30)
    model = FrameKnn().learn(normal, FrameKnnSettings(neighbours=7, normalise="none"))
    expected = np.sort(cdist(new, normal), axis=1)[:, :7].mean(axis=1)
    np.testing.assert_allclose(model.score(new), expected, rtol=1e-4)


@pytest.mark.parametrize(("count", "width"), [(200, 12), (40, 60)])
def test_frame_residual_is_what_pca_leaves(count: int, width: int) -> None:
    normal, new = frames(3, count, width), frames(4, 30, width)
    model = FrameResidual().learn(normal, FrameResidualSettings(components=5, normalise="none"))
    pca = PCA(5).fit(normal)
    expected = np.linalg.norm(new - pca.inverse_transform(pca.transform(new)), axis=1)
    np.testing.assert_allclose(model.score(new), expected, rtol=1e-3)


@pytest.mark.parametrize(("count", "width"), [(200, 12), (40, 60)])
def test_mahalanobis_is_the_quadratic_form_of_the_shrunk_covariance(count: int, width: int) -> None:
    normal, new = frames(5, count, width), frames(6, 30, width)
    settings = MahalanobisSettings(components=8, shrinkage=0.3, normalise="none")
    pca = PCA(8).fit(normal)
    covariance = shrunk_covariance(np.cov(pca.transform(normal).T, bias=True), 0.3)
    apart = pca.transform(new)
    expected = np.sqrt(np.einsum("ni,ij,nj->n", apart, np.linalg.inv(covariance), apart))
    np.testing.assert_allclose(Mahalanobis().learn(normal, settings).score(new), expected, rtol=1e-3)


def test_what_varies_little_in_normal_frames_counts_much() -> None:
    """The toy that isolates the idea: an equal step along a wide and along a narrow direction."""
    normal = frames(7, 500)
    wide, narrow = (normal.mean(axis=0) + 2 * np.eye(12)[[axis]] for axis in (0, 11))
    model = Mahalanobis().learn(normal, MahalanobisSettings(normalise="none", shrinkage=0.0))
    assert model.score(narrow)[0] > 5 * model.score(wide)[0]
    residual = FrameResidual().learn(normal, FrameResidualSettings(normalise="none", components=6))
    assert residual.score(narrow)[0] > 3 * residual.score(wide)[0]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_hardly_any_frames(count: int) -> None:
    normal, new = frames(8, count), frames(9, 10)
    for method in (FrameKnn(), FrameResidual(), Mahalanobis()):
        assert np.isfinite(method.learn(normal, method.Settings()).score(new)).all()
    same = np.repeat(normal[:1], 20, axis=0)
    for method in (FrameKnn(), FrameResidual(), Mahalanobis()):
        assert np.isfinite(method.learn(same, method.Settings()).score(new)).all()


@pytest.mark.parametrize(
    ("settings", "wrong", "flag"),
    [
        (FrameKnnSettings, {"neighbours": 0}, "--neighbours"),
        (FrameResidualSettings, {"components": 0}, "--components"),
        (MahalanobisSettings, {"shrinkage": 1.5}, "--shrinkage"),
        (MahalanobisSettings, {"smoothing": -1.0}, "--smoothing"),
    ],
)
def test_settings_out_of_range_are_told(settings: type, wrong: dict[str, float], flag: str) -> None:
    with pytest.raises(ConfigError, match=flag):
        settings(**wrong)
