"""Embeddings of normal footage: the training videos alone, evenly, bounded, and always the same."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scenewise.config import TrainConfig
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import DataError, FingerprintError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.methods.autoencoder.embedding import embed_normal
from scenewise.methods.autoencoder.training import fit
from scenewise.runs.run import Run, load_model

MakeStore = Callable[..., FeatureStore]
LENGTH = 8
SMALL = TrainConfig(
    method="autoencoder", steps=5, segments_per_scene=4, width="16", latent=6, feed_forward=16, segment_length=LENGTH
)


@pytest.fixture(params=["autoencoder", "variational"])
def trained(request: pytest.FixtureRequest, make_store: MakeStore, tmp_path: Path) -> tuple[Run, FeatureStore]:
    store = make_store({"a": [60, 7, 40], "b": [45, 30]}, {"a": [50], "b": [50]})
    return fit(store.folder, tmp_path / "run", replace(SMALL, method=request.param)), store


def test_every_training_segment_once_where_there_are_few(trained: tuple[Run, FeatureStore]) -> None:
    run, store = trained
    embedded = embed_normal(run, store, per_scene=100)
    model = load_model(run, torch.device("cpu"))
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


def test_at_most_so_many_a_scene_from_the_first_to_the_last(trained: tuple[Run, FeatureStore]) -> None:
    run, store = trained
    whole, few = embed_normal(run, store, per_scene=100), embed_normal(run, store, per_scene=3)
    assert few.scenes.tolist() == ["a"] * 3 + ["b"] * 3
    np.testing.assert_allclose(few.embeddings, whole.embeddings[[0, 6, 12, 13, 17, 22]], atol=1e-5)


def test_the_same_run_always_gives_the_same_embeddings(trained: tuple[Run, FeatureStore]) -> None:
    torch.manual_seed(1)
    one = embed_normal(*trained, per_scene=4).embeddings
    torch.manual_seed(2)
    np.testing.assert_array_equal(one, embed_normal(*trained, per_scene=4).embeddings)


def test_features_that_can_not_be_embedded_are_told(trained: tuple[Run, FeatureStore]) -> None:
    run, store = trained
    with pytest.raises(FingerprintError, match="another encoder"):
        embed_normal(run, replace(store, fingerprint=Fingerprint({"kind": "other"}, {})), 3)
    without_b = replace(store, videos=tuple(video for video in store.videos if video.scene != "b"))
    with pytest.raises(DataError, match="scene b"):
        embed_normal(run, without_b, 3)
    block = store.of("train")[0].block_paths()[0]
    block.write_bytes(block.read_bytes()[:-1] + b"!")
    with pytest.raises(IntegrityError, match=block.name):
        embed_normal(run, store, 3)
