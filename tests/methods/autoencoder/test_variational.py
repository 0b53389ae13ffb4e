"""The variational form: draws in training, means in scoring."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import SMALL
from scenewise.errors import ConfigError
from scenewise.features.store import FeatureStore
from scenewise.methods.autoencoder.model import Autoencoder
from scenewise.methods.autoencoder.settings import AutoencoderSettings, VariationalSettings
from scenewise.methods.autoencoder.variational import VariationalAutoencoder, build_model
from scenewise.methods.scores import Chunk
from scenewise.methods.segments.training_log import HELD_OUT, TrainingLog
from scenewise.runs.train import train

MakeStore = Callable[..., FeatureStore]
SCENES = {"a": [60, 60, 60], "b": [60, 60]}
STEADY = VariationalSettings(**{**SMALL, "dropout": 0.0})


def logged(run: Path) -> list[dict[str, str]]:
    head, *rows = ((run / "log.csv").read_text()).splitlines()
    return [dict(zip(head.split(","), row.split(","), strict=True)) for row in rows]


def test_the_settings_decide_the_model() -> None:
    assert type(build_model(12, 2, STEADY)) is VariationalAutoencoder
    assert type(build_model(12, 2, AutoencoderSettings(**SMALL))) is Autoencoder


def test_training_decodes_a_draw_and_evaluation_the_mean() -> None:
    torch.manual_seed(0)
    model = build_model(12, 2, STEADY)
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


def test_draws_have_the_posteriors_mean_and_deviation(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = build_model(12, 2, STEADY).train()
    torch.nn.init.constant_(model.to_log_variance.bias, -2.0)  # type: ignore[union-attr,arg-type]
    codes: list[torch.Tensor] = []
    monkeypatch.setattr(model, "decode", lambda drawn: codes.append(drawn) or drawn)
    with torch.no_grad():
        posterior = model(torch.randn(1, 8, 12).expand(4000, 8, 12)).posterior
    mean, deviation = posterior.mean[0], (posterior.log_variance[0] / 2).exp()
    distance = (codes[0].mean(dim=0) - mean) / (deviation / 4000**0.5)
    assert float(distance.abs().max()) < 5
    torch.testing.assert_close(codes[0].std(dim=0), deviation, rtol=0.08, atol=0)


def test_a_greater_weight_brings_the_posterior_nearer_to_the_unit_normal(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    left = {}
    for weight in (0.0, 1.0):
        settings = {**SMALL, "divergence_weight": weight, "steps": 60}
        run = train(store.folder, tmp_path / f"{weight}", "variational", settings)
        left[weight] = float(logged(run.folder)[-1]["divergence"])
    assert left[1.0] < 0.2 * left[0.0]
    with pytest.raises(ConfigError, match="--divergence-weight"):
        VariationalSettings(divergence_weight=-0.1)


def test_the_same_video_always_has_the_same_scores(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES, {"a": [50]})
    run = train(store.folder, tmp_path / "run", "variational", {**SMALL, "steps": 5})
    chunk = Chunk(store.of("test")[0].features(), None)
    scores = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        parts = run.open_scorer("cpu").stream([chunk], 25.0, "a")
        scores.append(np.concatenate([part.scores for part in parts]))
    np.testing.assert_array_equal(scores[0], scores[1])


def test_the_log_goes_on_behind_the_step_that_is_resumed(tmp_path: Path) -> None:
    for after, steps in ((0, (10, 20)), (10, (20, 30))):
        with TrainingLog(tmp_path, STEADY, after=after) as log:
            for step in steps:
                log.write(step, {"loss": torch.tensor(float(step + after)), "divergence": torch.tensor(3.0)}, 0.5)
    rows = logged(tmp_path)
    assert [(row["step"], row["loss"]) for row in rows] == [("10", "10"), ("20", "30"), ("30", "40")]
    assert all([row["divergence"], row[HELD_OUT]] == ["3", "0.5"] for row in rows)


def test_a_loss_that_comes_late_has_a_column_in_the_log(tmp_path: Path) -> None:
    one = {name: torch.tensor(1.0) for name in ("loss", "early", "late")}
    for steps, after in (((10, 20, 30), 0), ((30, 40), 20)):  # a resumed log is the same as one in a piece
        with TrainingLog(tmp_path, STEADY, after=after) as log:
            for step in steps:
                log.write(step, {name: one[name] for name in ("loss", "early" if step < 30 else "late")})
    text = (tmp_path / "log.csv").read_text()
    assert text == "step,loss,early,late,held_out_error\n10,1,1,,\n20,1,1,,\n30,1,,1,\n40,1,,1,\n"
