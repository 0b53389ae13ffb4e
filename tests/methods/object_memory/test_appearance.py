"""AppearanceMap: what varies along one object's own track counts little."""

import numpy as np
import pytest

from scenewise.methods.object_memory import appearance as module
from scenewise.methods.object_memory.appearance import COMPONENTS, WIDTH, fit_appearance


def tracked(seed: int, tracks: int = 150, long: int = 12, width: int = 20) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, track numbers and kinds: the kind is one direction; along tracks another one varies ten times as
    much."""
    random = np.random.default_rng(seed)
    kinds = random.integers(0, 2, tracks)
    number = np.repeat(np.arange(tracks), long)
    features = 0.02 * random.normal(size=(len(number), width))
    features[:, 0] += kinds[number]
    features[:, 1] += 10 * random.normal(size=len(number))
    features[:, 2] += 0.3 * random.normal(size=tracks)[number]
    return features.astype(np.float16), number, kinds[number]


def between_over_within(embedded: np.ndarray, kinds: np.ndarray) -> float:
    means = [embedded[kinds == kind].mean(axis=0) for kind in (0, 1)]
    deviations = np.concatenate([embedded[kinds == kind] - means[kind] for kind in (0, 1)])
    return float(np.linalg.norm(means[0] - means[1]) / np.sqrt((deviations**2).sum(axis=1).mean()))


def test_what_varies_along_tracks_counts_less() -> None:
    features, tracks, _ = tracked(0)
    appearance = fit_appearance(features, tracks)
    fresh, _, fresh_kinds = tracked(1)
    raw = between_over_within(fresh.astype(np.float32), fresh_kinds)
    assert between_over_within(appearance.embed(fresh), fresh_kinds) > 1.4 * raw


def test_without_shrinkage_the_covariance_along_tracks_is_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHRINKAGE", 0.0)
    features, tracks, _ = tracked(0)
    found = fit_appearance(features, tracks).embed(features)
    _, track_of = np.unique(tracks, return_inverse=True)
    means = np.stack([found[track_of == number].mean(axis=0) for number in range(track_of.max() + 1)])
    deviations = found - means[track_of]
    np.testing.assert_allclose(deviations.T @ deviations / len(deviations), np.eye(found.shape[1]), atol=0.02)


def test_few_objects_and_short_tracks_suffice() -> None:
    random = np.random.default_rng(0)
    for count in (2, 3, 10):
        features = random.normal(size=(count, 30))
        found = fit_appearance(features, np.arange(count)).embed(features)
        assert np.isfinite(found).all() and found.shape == (count, min(count - 1, WIDTH, COMPONENTS))
    same = np.ones((20, 8))
    assert np.isfinite(fit_appearance(same, np.arange(20)).embed(same)).all()


def test_the_map_is_linear_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    features, tracks, _ = tracked(0)
    appearance = fit_appearance(features, tracks)
    slow = (features.astype(np.float64) - appearance.mean) @ appearance.matrix
    np.testing.assert_allclose(appearance.embed(features), slow, atol=1e-3)
    monkeypatch.setattr(module, "CHUNK", 7)
    np.testing.assert_allclose(appearance.embed(features), slow, atol=1e-3)
    assert appearance.embed(features[:0]).shape == (0, appearance.matrix.shape[1])
