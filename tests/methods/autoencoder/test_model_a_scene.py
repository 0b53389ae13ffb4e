"""A model per scene: each learns from its scene alone, and a stopped run goes on in the scene it was in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_autoencoder_training import stopped_at

from conftest import SMALL
from scenewise.errors import ConfigError, DataError
from scenewise.features.store import FeatureStore, write_store
from scenewise.methods.scores import chunk_of
from scenewise.methods.segments.scorer import ALL_SCENES
from scenewise.runs.train import train

pytestmark = pytest.mark.slow

MakeStore = Callable[..., FeatureStore]
SCENES = {"a": [60, 60, 60], "b": [60, 60]}
BY_SCENE = {**SMALL, "scope": "scene"}


def test_each_model_is_that_of_its_scene_trained_alone(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES, {"a": [50], "b": [50]})
    run = train(store.folder, tmp_path / "run", "autoencoder", BY_SCENE)
    tensors, scorer = run.content().tensors, run.open_scorer("cpu")
    for scene in SCENES:
        videos = tuple(video for video in store.videos if video.scene == scene)
        write_store(replace(store, videos=videos))
        alone = train(store.folder, tmp_path / scene, "autoencoder", {**SMALL, "objective": "reconstruction"})
        write_store(store)
        assert run.facts["held_out_error"][scene] == alone.facts["held_out_error"][ALL_SCENES]
        for name, value in alone.content().tensors.items():
            np.testing.assert_array_equal(tensors[f"{scene}/{name}"], value)
        for video in videos:
            expected, found = (
                [part.scores for part in one.stream(map(chunk_of, video.blocks()), video.fps, scene)]
                for one in (alone.open_scorer("cpu"), scorer)
            )
            np.testing.assert_array_equal(np.concatenate(found), np.concatenate(expected))
    with pytest.raises(DataError, match="scene c"):
        list(scorer.stream([], 25.0, "c"))


@pytest.mark.parametrize(("step", "scene"), [(3, 0), (28, 0), (12, 1)])
def test_a_stopped_run_goes_on_in_the_scene_it_was_in(
    make_store: MakeStore, tmp_path: Path, step: int, scene: int
) -> None:
    store = make_store(SCENES)
    whole = train(store.folder, tmp_path / "whole", "autoencoder", BY_SCENE).folder
    with stopped_at(step, after=scene):
        train(store.folder, tmp_path / "cut", "autoencoder", BY_SCENE)
    if (step, scene) != (3, 0):  # no checkpoint yet, so there is nothing to go on with
        with pytest.raises(ConfigError, match="--resume"):
            train(store.folder, tmp_path / "cut", "autoencoder", BY_SCENE)
    cut = train(store.folder, tmp_path / "cut", "autoencoder", BY_SCENE, resume=True).folder
    for name in ("model.safetensors", "scenes/a/log.csv", "scenes/b/log.csv"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes()
    assert not list(cut.rglob("checkpoints"))


def test_it_has_neither_a_latent_space_for_all_nor_published_checkpoints(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    run = train(store.folder, tmp_path / "run", "autoencoder", {**BY_SCENE, "steps": 2})
    assert run.settings.objective == "reconstruction" and run.method.scene_aware(run.settings)
    with pytest.raises(DataError, match="latent space"):
        run.method.embed(run.content(), store, 10)
    with pytest.raises(ConfigError, match="--protocol published"):
        run.method.checkpoints(run.content(), "cpu")
    assert run.method.with_checkpoints(run.settings) is None
