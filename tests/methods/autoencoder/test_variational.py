"""The variational form: draws in training, means in scoring, and everything else as the autoencoder has it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scenewise.config import TrainConfig
from scenewise.errors import ConfigError
from scenewise.features.store import FeatureStore
from scenewise.files import record_checksums, write_json
from scenewise.methods.autoencoder.build_model import build_model
from scenewise.methods.autoencoder.model import Autoencoder
from scenewise.methods.autoencoder.scorer import AutoencoderScorer
from scenewise.methods.autoencoder.training import fit
from scenewise.methods.autoencoder.training_log import COLUMNS, TrainingLog
from scenewise.methods.autoencoder.variational import VariationalAutoencoder
from scenewise.methods.scores import Chunk
from scenewise.runs.run import load_model, open_run
from scenewise.runs.train import train

MakeStore = Callable[..., FeatureStore]
SMALL = TrainConfig(
    method="variational",
    steps=30,
    segments_per_scene=6,
    width="16",
    latent=8,
    feed_forward=16,
    checkpoint_every=5,
    learning_rate=3e-3,
    segment_length=8,
)
SCENES = {"a": [60, 60, 60], "b": [60, 60]}
CPU = torch.device("cpu")


def logged(run: Path) -> list[dict[str, str]]:
    head, *rows = ((run / "log.csv").read_text()).splitlines()
    return [dict(zip(head.split(","), row.split(","), strict=True)) for row in rows]


def test_the_method_names_the_model() -> None:
    assert type(build_model(12, 2, SMALL)) is VariationalAutoencoder
    assert type(build_model(12, 2, replace(SMALL, method="autoencoder"))) is Autoencoder


def test_training_decodes_a_draw_and_evaluation_the_mean() -> None:
    torch.manual_seed(0)
    model = build_model(12, 2, replace(SMALL, dropout=0.0))
    segments = torch.randn(4, 8, 12)
    model.train()
    one, two = model(segments), model(segments)
    assert not torch.equal(one.outputs, two.outputs)
    assert torch.equal(one.embedding, two.embedding), "the other losses see no noise"
    model.eval()
    three, four = model(segments), model(segments)
    assert torch.equal(three.outputs, four.outputs)
    torch.testing.assert_close(three.outputs, model.decode(three.posterior.mean))
    torch.testing.assert_close(three.embedding, three.posterior.mean.mean(dim=1))


def test_draws_have_the_posterior_s_mean_and_deviation(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = build_model(12, 2, replace(SMALL, dropout=0.0)).train()
    torch.nn.init.constant_(model.to_log_variance.bias, -2.0)  # type: ignore[union-attr,arg-type]
    codes: list[torch.Tensor] = []
    monkeypatch.setattr(model, "decode", lambda drawn: codes.append(drawn) or drawn)
    with torch.no_grad():
        posterior = model(torch.randn(1, 8, 12).expand(4000, 8, 12)).posterior
    mean, deviation = posterior.mean[0], (posterior.log_variance[0] / 2).exp()
    distance = (codes[0].mean(dim=0) - mean) / (deviation / 4000**0.5)
    assert float(distance.abs().max()) < 5
    torch.testing.assert_close(codes[0].std(dim=0), deviation, rtol=0.08, atol=0)


@pytest.mark.parametrize("objective", ["reconstruction", "contrastive", "contrastive+classification"])
def test_every_objective_learns_and_logs_its_parts(make_store: MakeStore, tmp_path: Path, objective: str) -> None:
    store = make_store(SCENES)
    config = replace(SMALL, objective=objective, steps=120, checkpoint_every=20)
    run = fit(store.folder, tmp_path / "run", config)
    rows = logged(run.folder)
    held_out = [float(row["held_out_error"]) for row in rows if row["held_out_error"]]
    assert min(held_out) < 0.8 * held_out[0]
    weights = {
        "reconstruction_loss": config.reconstruction_weight,
        "contrastive_loss": config.contrastive_weight if objective != "reconstruction" else 0.0,
        "classification_loss": config.classification_weight if "classification" in objective else 0.0,
        "divergence": config.divergence_weight,
    }
    for row in rows:
        assert {name for name in weights if row[name]} == {name for name, weight in weights.items() if weight}
        total = sum(weight * float(row[name]) for name, weight in weights.items() if weight)
        assert float(row["loss"]) == pytest.approx(total, rel=1e-4)


def test_a_greater_weight_brings_the_posterior_nearer_to_the_unit_normal(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    left = {}
    for weight in (0.0, 1.0):
        run = fit(store.folder, tmp_path / f"{weight}", replace(SMALL, divergence_weight=weight, steps=100))
        left[weight] = float(logged(run.folder)[-1]["divergence"])
    assert left[1.0] < 0.1 * left[0.0]
    with pytest.raises(ConfigError, match="--divergence-weight"):
        replace(SMALL, divergence_weight=-0.1)


def test_interrupted_training_ends_with_the_same_weights(
    make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scenewise.training import fit as module

    store = make_store(SCENES)
    whole = fit(store.folder, tmp_path / "whole", SMALL).folder
    real_step = module.training_step

    def stopping(*arguments: object) -> object:
        if arguments[4] == 12:
            raise KeyboardInterrupt
        return real_step(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "training_step", stopping)
    with pytest.raises(KeyboardInterrupt):
        fit(store.folder, tmp_path / "cut", SMALL)
    monkeypatch.setattr(module, "training_step", real_step)
    cut = fit(store.folder, tmp_path / "cut", replace(SMALL, resume=True)).folder
    for name in ("model.safetensors", "log.csv"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes()
    with pytest.raises(ConfigError, match=r"divergence_weight 0.001 \(now 0.5\)"):
        fit(store.folder, cut, replace(SMALL, resume=True, divergence_weight=0.5))


def test_the_same_video_always_has_the_same_scores(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES, {"a": [50]})
    run = train(store.folder, tmp_path / "run", SMALL)
    features = store.of("test")[0].features()
    scores = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        scores.append(AutoencoderScorer(open_run(run.folder), CPU).score([Chunk(features, None)], 25.0, "a").scores)
    np.testing.assert_array_equal(scores[0], scores[1])


def test_a_run_from_before_there_was_a_variational_form_loads(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    run = fit(store.folder, tmp_path / "run", replace(SMALL, method="autoencoder"))
    described = json.loads((run.folder / "run.json").read_text())
    del described["config"]["divergence_weight"]
    write_json(run.folder / "run.json", described)
    record_checksums(run.folder, ["run.json"])
    assert type(load_model(open_run(run.folder), CPU)) is Autoencoder


def test_a_log_without_the_divergence_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "step,loss,reconstruction_loss,contrastive_loss,classification_loss,held_out_error\n10,2,1,,,0.5\n20,2,1,,,\n"
    )
    with TrainingLog(tmp_path, SMALL, after=10) as log:
        log.write(20, {"loss": torch.tensor(2.0), "divergence": torch.tensor(3.0)})
    assert [list(row.values()) for row in logged(tmp_path)] == [
        ["10", "2", "1", "", "", "", "0.5"],
        ["20", "2", "", "", "", "3", ""],
    ]
    assert tuple(logged(tmp_path)[0]) == COLUMNS
