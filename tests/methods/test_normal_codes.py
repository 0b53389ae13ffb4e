"""Latent codes against the normal codes of their scene: what is normal in another scene alone is far from them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from toy_segments import SIZES, T, learn

from conftest import SMALL, scene_features
from scenewise.errors import ConfigError, DataError
from scenewise.features.store import FeatureStore
from scenewise.methods.autoencoder.method import AutoencoderMethod
from scenewise.methods.autoencoder.model import Autoencoder
from scenewise.methods.autoencoder.normal_codes import MOST_CODES, NormalCodes, evenly_spread, nearest_distance
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.scores import Chunk
from scenewise.runs.run import Run
from scenewise.runs.train import train

MakeStore = Callable[..., FeatureStore]
SCENES = {"a": [60, 60, 60], "b": [60, 60]}


@pytest.mark.parametrize("count", [3, 40])
def test_the_distance_is_the_mean_to_the_five_nearest(count: int) -> None:
    draw = np.random.default_rng(61)
    codes, normal = draw.normal(size=(4, 7, 6)), draw.normal(size=(count, 6))
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    found = nearest_distance(torch.from_numpy(codes).float(), torch.from_numpy(normal).float())
    for index in np.ndindex(4, 7):
        code = codes[index] / np.linalg.norm(codes[index])
        expected = sorted(float(np.linalg.norm(code - one)) for one in normal)[:5]
        assert float(found[index]) == pytest.approx(np.mean(expected), rel=1e-5)


def test_each_term_counts_by_its_scenes_held_out_frames() -> None:
    known = NormalCodes(2, 3)
    known.calibrate(0, torch.arange(101.0), torch.arange(101.0) / 10)
    known.calibrate(1, torch.arange(101.0) + 7, torch.arange(101.0))
    errors, distances = torch.tensor([[50.0, 99.0], [57.0, 57.0]]), torch.tensor([[5.0, 9.9], [50.0, 99.0]])
    found = known.sum_of_terms(errors, distances, torch.tensor([0, 1]))
    np.testing.assert_allclose(found, [[0, 2], [0, 1]], atol=1e-5)


def test_segments_are_spread_over_all_of_a_scene() -> None:
    assert evenly_spread(np.arange(5, 12)).tolist() == [*range(5, 12)]
    many = evenly_spread(np.arange(10_000))
    assert (len(many), many[0], many[-1]) == (MOST_CODES, 0, 9999)


def test_what_is_normal_in_another_scene_is_reconstructed_and_yet_far() -> None:
    """Scene 0 knows walkers, scene 1 walkers and cyclists: one model reconstructs both kinds, wherever they are."""
    draw = torch.Generator().manual_seed(62)
    walkers, cyclists = torch.randn(2, 3, 24, generator=draw)

    def segments_of(kind: torch.Tensor, count: int = 300) -> torch.Tensor:
        return torch.randn(count, T, 3, generator=draw) @ kind * 0.3 + kind[0] * 3

    model = Autoencoder(24, 2, AutoencoderSettings(objective="reconstruction", score="latent", **SIZES))
    learn(model, torch.cat([segments_of(walkers), segments_of(cyclists)]), 150)
    ordinary, forbidden = segments_of(walkers, 100), segments_of(cyclists, 100)
    scene = torch.zeros(100, dtype=torch.long)
    with torch.inference_mode():
        of_walkers, of_both = segments_of(walkers), torch.cat([segments_of(walkers, 150), segments_of(cyclists, 150)])
        for place, normal in enumerate((of_walkers, of_both)):
            model.normal_codes.remember(place, model.codes(normal)[:, 0])
        errors = [model.held_out_errors(part, scene).mean() for part in (ordinary, forbidden)]
        here = [model.frame_errors(part, scene) for part in (ordinary, forbidden)]
        there = model.frame_errors(forbidden, scene + 1)
    assert errors[1] < 2 * errors[0]
    assert here[1].min() > here[0].max()
    assert there.max() < here[1].min()


@pytest.fixture(params=["autoencoder", "variational"])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def scores_in(run: Run, scene: str) -> np.ndarray:
    """Of new footage of the second scene, scored in `scene`."""
    chunk = Chunk(scene_features(1, 40, 12, np.random.default_rng(63)).astype(np.float16), None)
    return np.concatenate([part.scores for part in run.open_scorer("cpu").stream([chunk], 25.0, scene)])


@pytest.mark.parametrize("scope", ["pooled", "scene"])
def test_a_run_holds_the_codes_and_the_same_weights(
    make_store: MakeStore, tmp_path: Path, method: str, scope: str
) -> None:
    store = make_store(SCENES).folder
    settings = {**SMALL, "objective": "reconstruction", "scope": scope, "steps": 10}
    plain, both = (
        train(store, tmp_path / score, method, {**settings, "score": score}) for score in ("reconstruction", "both")
    )
    weights, more = (load_file(run.folder / "model.safetensors") for run in (plain, both))
    assert {name.rpartition("normal_codes.")[2] for name in more.keys() - weights.keys()} == {
        "codes",
        "counts",
        "scales",
    }
    assert all(np.array_equal(more[name], value) for name, value in weights.items())
    assert both.method.scene_aware(both.settings)
    assert np.isfinite(scores_in(both, "b")).all()
    assert scores_in(both, "b").mean() < scores_in(both, "a").mean()
    with pytest.raises(DataError, match="scene c"):
        scores_in(both, "c")


def test_the_published_protocol_scores_by_the_error_alone() -> None:
    with pytest.raises(ConfigError, match="--score is latent"):
        AutoencoderSettings(score="latent", keep_checkpoints=2)
    assert AutoencoderMethod().with_checkpoints(AutoencoderSettings(score="both")) is None


def test_titles_say_what_is_scored() -> None:
    titles = [
        AutoencoderMethod().title(AutoencoderSettings(objective=objective, score=score))
        for objective in ("reconstruction", "contrastive")
        for score in ("reconstruction", "latent", "both")
    ]
    assert len(set(titles)) == len(titles)
    assert [("scene-aware" in title) for title in titles] == [False, True, True, True, True, True]
