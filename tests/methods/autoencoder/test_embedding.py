"""Embeddings of normal footage: the training videos alone, evenly, bounded, and always the same."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import SMALL
from scenewise.errors import DataError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.methods.method import Embedded
from scenewise.methods.segments.scorer import ALL_SCENES
from scenewise.runs.run import Run
from scenewise.runs.train import train

LENGTH = SMALL["segment_length"]


@pytest.fixture(params=["autoencoder", "variational"])
def embedder(request: pytest.FixtureRequest, make_store: Callable[..., FeatureStore]) -> tuple[Run, FeatureStore]:
    store = make_store({"a": [60, 7, 40], "b": [45, 30]}, {"a": [50], "b": [50]})
    return train(store.folder, store.folder.with_name("run"), request.param, {**SMALL, "steps": 5}), store


def embed(run: Run, store: FeatureStore, per_scene: int) -> Embedded:
    return run.method.embed(run.content(), store, per_scene)


def test_every_training_segment_once_if_there_are_few(embedder: tuple[Run, FeatureStore]) -> None:
    run, store = embedder
    embedded = embed(run, store, per_scene=100)
    model = run.method.load_model(run.content(), ALL_SCENES, torch.device("cpu"))
    expected = []
    for video in (video for video in store.of("train") if video.frames >= LENGTH):
        features = video.features()
        starts = {*range(0, video.frames - LENGTH + 1, LENGTH), video.frames - LENGTH}
        with torch.inference_mode():
            for start in sorted(starts):
                segment = torch.from_numpy(features[start : start + LENGTH])[None]
                expected.append(model(segment).embedding[0].numpy())
    assert embedded.scenes.tolist() == ["a"] * (8 + 5) + ["b"] * (6 + 4)
    np.testing.assert_allclose(embedded.embeddings, expected, atol=1e-5)


def test_at_most_so_many_a_scene_from_the_first_to_the_last(embedder: tuple[Run, FeatureStore]) -> None:
    whole, few = embed(*embedder, per_scene=100), embed(*embedder, per_scene=3)
    assert few.scenes.tolist() == ["a"] * 3 + ["b"] * 3
    np.testing.assert_allclose(few.embeddings, whole.embeddings[[0, 6, 12, 13, 17, 22]], atol=1e-5)


def test_the_same_run_always_gives_the_same_embeddings(embedder: tuple[Run, FeatureStore]) -> None:
    torch.manual_seed(1)
    one = embed(*embedder, per_scene=4).embeddings
    torch.manual_seed(2)
    np.testing.assert_array_equal(one, embed(*embedder, per_scene=4).embeddings)


def test_features_that_cannot_be_embedded_are_told(embedder: tuple[Run, FeatureStore]) -> None:
    run, store = embedder
    without_b = replace(store, videos=tuple(video for video in store.videos if video.scene != "b"))
    with pytest.raises(DataError, match="scene b"):
        embed(run, without_b, 3)
    block = store.of("train")[0].block_paths()[0]
    block.write_bytes(block.read_bytes()[:-1] + b"!")
    with pytest.raises(IntegrityError, match=block.name):
        embed(run, store, 3)
