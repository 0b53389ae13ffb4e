"""An autoencoder a scene: each learns from its own scene alone, and a stopped run goes on in the scene it was in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scenewise.config import TrainConfig
from scenewise.device import pick_device
from scenewise.errors import ConfigError, DataError
from scenewise.evaluation.protocol import evaluate
from scenewise.features.store import FeatureStore, write_store
from scenewise.methods.autoencoder.embedding import embed_normal
from scenewise.methods.autoencoder.scorer import open_scorer
from scenewise.methods.scores import chunk_of
from scenewise.report.page import write_report
from scenewise.runs.run import load_model, open_run
from scenewise.runs.train import train

MakeStore = Callable[..., FeatureStore]
CPU = torch.device("cpu")
SMALL = TrainConfig(
    method="autoencoder",
    scope="scene",
    steps=30,
    segments_per_scene=6,
    width="16",
    latent=8,
    feed_forward=16,
    checkpoint_every=5,
    learning_rate=3e-3,
    segment_length=8,
    device="cpu",
)
SCENES = {"a": [60, 60, 60], "b": [60, 60]}


def test_each_model_is_that_of_its_scene_trained_alone(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES, {"a": [50], "b": [50]})
    run = train(store.folder, tmp_path / "run", SMALL)
    scorer = open_scorer(open_run(run.folder), pick_device("cpu"))
    errors = []
    for scene, lengths in SCENES.items():
        videos = tuple(video for video in store.videos if video.scene == scene)
        write_store(replace(store, videos=videos))
        alone = train(store.folder, tmp_path / scene, replace(SMALL, scope="pooled", objective="reconstruction"))
        write_store(store)
        errors.append(alone.training["held_out_error"])
        for name, value in load_model(alone, CPU).state_dict().items():
            assert torch.equal(load_model(run, CPU, scene).state_dict()[name], value)
        for video in videos:
            expected = open_scorer(alone, CPU).score(map(chunk_of, video.blocks()), video.fps, scene).scores
            found = scorer.score(map(chunk_of, video.blocks()), video.fps, scene).scores
            np.testing.assert_array_equal(found, expected)
        assert len(lengths) == len([video for video in videos if video.split == "train"])
    assert run.training["held_out_error"] == pytest.approx(np.mean(errors))
    with pytest.raises(DataError, match="scene c has no model"):
        scorer.score([], 25.0, "c")


@pytest.mark.parametrize("stop_at", [(0, 3), (0, 28), (1, 12)])
def test_a_stopped_run_goes_on_in_the_scene_it_was_in(
    make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: tuple[int, int]
) -> None:
    from scenewise.training import fit as module

    store = make_store(SCENES)
    train(store.folder, tmp_path / "whole", SMALL)
    real_step, taken = module.training_step, []

    def stopping(*arguments: object) -> object:
        taken.append(arguments[4])
        if taken.count(0) == stop_at[0] + 1 and arguments[4] == stop_at[1]:
            raise KeyboardInterrupt
        return real_step(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(module, "training_step", stopping)
        with pytest.raises(KeyboardInterrupt):
            train(store.folder, tmp_path / "cut", SMALL)
    with pytest.raises(ConfigError, match="--resume"):
        train(store.folder, tmp_path / "cut", SMALL)
    train(store.folder, tmp_path / "cut", replace(SMALL, resume=True))
    whole, cut = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "cut"))
    assert whole == cut
    for scene in SCENES:
        logs = [(tmp_path / name / "scenes" / scene / "log.csv").read_text() for name in ("whole", "cut")]
        assert logs[0] == logs[1]
    assert not list((tmp_path / "cut").rglob("checkpoints"))


def test_it_is_evaluated_and_reported_without_a_latent_space(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES, {"a": [60], "b": [60]})
    run = train(store.folder, tmp_path / "run", SMALL)
    metrics = evaluate(run.folder)
    assert metrics["scene_auc_mean"] > 0.5 and metrics["objective"] == "reconstruction"
    assert "so a latent space that no other scene is in" in write_report([run.folder], tmp_path / "r.html").read_text()
    with pytest.raises(DataError, match="a model of its own"):
        embed_normal(run, store, 10)
    with pytest.raises(DataError, match="no one model for all"):
        load_model(run, CPU)


def test_what_contrasts_scenes_needs_one_model_of_all() -> None:
    assert SMALL.objective == "reconstruction"
    with pytest.raises(ConfigError, match="--scope scene"):
        TrainConfig(method="autoencoder", scope="scene", objective="contrastive")
    with pytest.raises(ConfigError, match="--keep-checkpoints"):
        replace(SMALL, keep_checkpoints=3)
