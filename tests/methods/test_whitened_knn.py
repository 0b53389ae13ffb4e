"""The nearest whitened frames equal a slow search, and find what varies in no scene."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score

from scenewise.errors import ConfigError
from scenewise.methods.frame_knn import FrameKnn, FrameKnnSettings
from scenewise.methods.whitened_knn import WhitenedKnn, WhitenedKnnSettings, whitening_within


def test_whitened_by_the_covariance_about_each_scene() -> None:
    random = np.random.default_rng(11)
    scenes = np.repeat([0, 1, 2], 400)
    features = (random.normal(size=(1200, 6)) * [5, 3, 2, 1, 0.5, 0.2] + 30 * scenes[:, None]).astype(np.float32)
    white = features @ whitening_within(features, scenes, 6, 0.0)
    for scene in range(3):
        spread = np.cov(white[scenes == scene].T)
        np.testing.assert_allclose(spread, np.eye(6), atol=0.25)
    shrunk = whitening_within(
        features, scenes, 6, 1.0
    )  # all directions alike: distances are as before, but for a scale
    apart, before = cdist(features[:50] @ shrunk, features[:50] @ shrunk), cdist(features[:50], features[:50])
    ratio = apart[before > 0] / before[before > 0]
    assert ratio.std() / ratio.mean() < 1e-3


def test_the_score_is_the_mean_of_the_smallest_whitened_distances() -> None:
    random = np.random.default_rng(12)
    normal, new = random.normal(size=(90, 8)), random.normal(size=(20, 8))
    settings = WhitenedKnnSettings(neighbours=4, normalise="none", components=5)
    model = WhitenedKnn().learn(normal, settings)
    white = whitening_within(normal.astype(np.float32), np.zeros(90), 5, 0.5)
    expected = np.sort(cdist(new @ white, normal @ white), axis=1)[:, :4].mean(axis=1)
    np.testing.assert_allclose(model.score(new), expected, rtol=1e-4)


def test_a_step_where_no_scene_varies_is_found_in_what_varies_everywhere() -> None:
    """The toy: light varies much in both scenes, along one direction; abnormal frames differ a little in another."""
    random = np.random.default_rng(13)
    scenes = np.repeat([0, 1], 150)
    scale = np.array([4.0, 1.5, 0.05, 0.05])
    normal = (random.normal(size=(300, 4)) * scale + scenes[:, None] * [0, 0, 2, 0]).astype(np.float32)
    ordinary, abnormal = (random.normal(size=(200, 4)) * scale + [0, 0, 0, step] for step in (0.0, 0.3))
    settings = WhitenedKnnSettings(normalise="none", shrinkage=0.01)
    method = WhitenedKnn()
    new, labels = np.concatenate([ordinary, abnormal]), np.repeat([0, 1], 200)
    plain = FrameKnn().learn(normal[scenes == 0], FrameKnnSettings(normalise="none")).score(new)
    whitened = method.learn(normal[scenes == 0], settings).score(new)
    assert roc_auc_score(labels, whitened) > 0.95 > 0.8 > roc_auc_score(labels, plain)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_hardly_any_frames_to_whiten(count: int) -> None:
    random = np.random.default_rng(14)
    normal, new = random.normal(size=(count, 5)), random.normal(size=(9, 5))
    for few in (normal, np.repeat(normal[:1], 20, axis=0)):
        assert np.isfinite(WhitenedKnn().learn(few, WhitenedKnnSettings()).score(new)).all()


@pytest.mark.parametrize(("wrong", "flag"), [({"neighbours": 0}, "--neighbours"), ({"shrinkage": 2.0}, "--shrinkage")])
def test_settings_of_whitening_out_of_range(wrong: dict[str, float], flag: str) -> None:
    with pytest.raises(ConfigError, match=flag):
        WhitenedKnnSettings(**wrong)  # type: ignore[arg-type]
