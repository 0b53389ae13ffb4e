"""Training: learns, repeats itself, and goes on after a stop as if nothing had been."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from conftest import SMALL
from scenewise.errors import ConfigError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.methods.autoencoder.settings import AutoencoderSettings
from scenewise.methods.segments.checkpoints import Progress, load_checkpoint, save_checkpoint
from scenewise.methods.segments.kept_checkpoints import kept_file, kept_steps
from scenewise.methods.segments.sampler import SceneSampler
from scenewise.methods.segments.scorer import ALL_SCENES
from scenewise.methods.segments.training_log import HELD_OUT
from scenewise.runs.run import Run
from scenewise.runs.train import train

pytestmark = pytest.mark.slow

MakeStore = Callable[..., FeatureStore]
SCENES = {"a": [60, 60, 60], "b": [60, 60]}


def weights_of(run: Run | Path) -> bytes:
    return ((run.folder if isinstance(run, Run) else run) / "model.safetensors").read_bytes()


def logged(run: Run) -> list[dict[str, str]]:
    head, *rows = (run.folder / "log.csv").read_text().splitlines()
    return [dict(zip(head.split(","), row.split(","), strict=True)) for row in rows]


@contextmanager
def stopped_at(step: int, after: int = 0) -> Iterator[None]:
    """What trains in here is stopped as by Ctrl-C when it draws the batch of `step`, the `after`-th time it does."""
    real, drawn = SceneSampler.batch, []

    def batch(sampler: SceneSampler, now: int) -> object:
        drawn.append(now)
        if now == step and drawn.count(step) > after:
            raise KeyboardInterrupt
        return real(sampler, now)

    with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(SceneSampler, "batch", batch)
        yield


@pytest.mark.parametrize("method", ["autoencoder", "variational"])
@pytest.mark.parametrize("objective", ["reconstruction", "contrastive", "contrastive+classification"])
def test_every_objective_learns_and_logs_its_parts(
    make_store: MakeStore, tmp_path: Path, method: str, objective: str
) -> None:
    settings = {**SMALL, "objective": objective, "steps": 60, "checkpoint_every": 20}
    run = train(make_store(SCENES).folder, tmp_path / "run", method, settings)
    rows = logged(run)
    held_out = [float(row[HELD_OUT]) for row in rows if row[HELD_OUT]]
    assert run.facts["held_out_error"][ALL_SCENES] == pytest.approx(min(held_out), rel=1e-4)
    assert min(held_out) < 0.9 * held_out[0]
    weights = {
        "reconstruction_loss": run.settings.reconstruction_weight,
        "contrastive_loss": run.settings.contrastive_weight if objective != "reconstruction" else 0.0,
        "classification_loss": run.settings.classification_weight if "classification" in objective else 0.0,
        "divergence": run.settings.divergence_weight if method == "variational" else 0.0,
    }
    for row in rows:
        assert {*row} - {"step", "loss", HELD_OUT} == {name for name, weight in weights.items() if weight}
        total = sum(weight * float(row[name]) for name, weight in weights.items() if weight)
        assert float(row["loss"]) == pytest.approx(total, rel=1e-4)


def test_contrastive_training_separates_the_scenes(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    segments = {v.scene: torch.from_numpy(v.features()[:48].reshape(6, 8, 12)) for v in store.videos}

    def margin(objective: str) -> float:
        """Least similarity within a scene less greatest similarity between scenes."""
        settings = {**SMALL, "objective": objective, "steps": 100}
        run = train(store.folder, tmp_path / objective, "autoencoder", settings)
        model = run.method.load_model(run.content(), ALL_SCENES, torch.device("cpu"))
        with torch.inference_mode():
            a, b = (torch.nn.functional.normalize(model(segments[s]).embedding, dim=1) for s in ("a", "b"))
        return float(min((a @ a.T).min(), (b @ b.T).min()) - (a @ b.T).max())

    assert margin("contrastive") > margin("reconstruction")


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    one, two, three = (
        weights_of(train(store.folder, tmp_path / name, "autoencoder", {**SMALL, "steps": 5, "seed": seed}))
        for name, seed in (("one", 0), ("two", 0), ("three", 1))
    )
    assert one == two != three


@pytest.mark.parametrize("method", ["autoencoder", "variational"])
def test_interrupted_training_ends_with_the_same_weights(make_store: MakeStore, tmp_path: Path, method: str) -> None:
    store = make_store(SCENES)
    whole = train(store.folder, tmp_path / "whole", method, SMALL)
    for step in (3, 12, 23):  # before the first checkpoint, and behind others
        with stopped_at(step):
            train(store.folder, tmp_path / "cut", method, SMALL, resume=True)
    cut = train(store.folder, tmp_path / "cut", method, SMALL, resume=True)
    for name in ("model.safetensors", "log.csv", "calibration.json", "normal_scores.safetensors"):
        assert (cut.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    assert not list(cut.folder.rglob("checkpoints"))


def test_kept_weights_are_the_same_after_an_interruption_and_change_nothing(
    make_store: MakeStore, tmp_path: Path
) -> None:
    store = make_store(SCENES)
    keeping = {**SMALL, "keep_checkpoints": 7}  # at steps that are no checkpoints: 4, 9, 13, 17, 21, 26, 30
    plain = train(store.folder, tmp_path / "plain", "autoencoder", SMALL)
    whole = train(store.folder, tmp_path / "whole", "autoencoder", keeping)
    for step in (4, 14, 28):  # behind the first kept weights, and between others and the next checkpoint
        with stopped_at(step):
            train(store.folder, tmp_path / "cut", "autoencoder", keeping, resume=True)
    cut = train(store.folder, tmp_path / "cut", "autoencoder", keeping, resume=True)
    of_whole, of_cut = (
        {path.name: path.read_bytes() for path in (run.folder / "kept").iterdir()} for run in (whole, cut)
    )
    assert of_whole == of_cut
    assert sorted(of_whole) == [f"step-{step:06d}.safetensors" for step in (4, 9, 13, 17, 21, 26, 30)]
    assert len(set(of_whole.values())) == 7
    assert weights_of(whole) == weights_of(cut) == weights_of(plain)
    assert not (plain.folder / "kept").exists()


def test_kept_weights_are_those_of_their_step(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    # A step does not depend on how many are to follow: a shorter training ends where the longer one passes.
    long = train(store.folder, tmp_path / "long", "autoencoder", {**SMALL, "steps": 15, "keep_checkpoints": 3})
    short = train(store.folder, tmp_path / "short", "autoencoder", {**SMALL, "steps": 10, "keep_checkpoints": 1})
    assert kept_file(long.folder, 10).read_bytes() == kept_file(short.folder, 10).read_bytes()


@given(steps=st.integers(1, 10_000), data=st.data())
def test_kept_steps_are_spread_evenly_up_to_the_last(steps: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, min(steps, 200)))
    kept = kept_steps(AutoencoderSettings(steps=steps, keep_checkpoints=count))
    gaps = [after - before for before, after in pairwise([0, *kept])]
    assert len(kept) == count and kept[-1] == steps
    assert min(gaps) >= 1 and all(abs(gap - steps / count) <= 1 for gap in gaps)
    assert kept_steps(AutoencoderSettings(steps=steps)) == []


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path) -> None:
    model = torch.nn.Linear(3, 2)
    optimiser = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    progress = Progress(step=5)
    progress.take(1.0, model)
    save_checkpoint(tmp_path, model, optimiser, progress)
    (tmp_path / "checkpoints" / "step-000010.json").write_text("{}")  # killed between the files and SHA256SUMS
    fresh = torch.nn.Linear(3, 2)
    found = load_checkpoint(tmp_path, fresh, torch.optim.Adam(fresh.parameters()))
    assert found is not None and (found.step, found.best_step, found.best_error) == (5, 5, 1.0)
    assert torch.equal(fresh.weight, model.weight) and torch.equal(found.best["weight"], model.weight)


def test_one_scene_cannot_be_contrasted(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store({"a": [60, 60]})
    with pytest.raises(ConfigError, match="--objective"):
        train(store.folder, tmp_path / "run", "autoencoder", SMALL)
    run = train(store.folder, tmp_path / "run", "autoencoder", {**SMALL, "objective": "reconstruction", "steps": 2})
    assert run.scenes == ("a",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"segments_per_scene": 1},
        {"scenes_per_batch": 1},
        {"scope": "scene", "objective": "contrastive"},
        {"scope": "scene", "keep_checkpoints": 3},
        {"keep_checkpoints": 31},
        {"stride": 9},
        {"dropout": 1.0},
        {"learning_rate": float("nan")},
        {"seed": -1},
    ],
)
def test_settings_that_do_not_go_together_name_their_flag(wrong: dict[str, object]) -> None:
    flag = "--" + next(reversed(wrong)).replace("_", "-")
    with pytest.raises(ConfigError, match=flag):
        AutoencoderSettings(**{**SMALL, **wrong})


@pytest.mark.parametrize("width", ["native", "24"])
def test_published_form(make_store: MakeStore, tmp_path: Path, width: str) -> None:
    settings = {**SMALL, "width": width, "standardise": False, "steps": 3}
    weights = load_file(
        train(make_store(SCENES).folder, tmp_path / "run", "autoencoder", settings).folder / "model.safetensors"
    )
    assert weights["project_in.weight"].shape == (12 if width == "native" else 24, 12)
    assert not weights["mean"].any() and (weights["deviation"] == 1).all()


def test_widths_that_cannot_be(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES, width=10)
    for width in ("native", "wide", "0", "30"):
        with pytest.raises(ConfigError, match="--width"):
            train(store.folder, tmp_path / "run", "autoencoder", {**SMALL, "width": width})


def test_weights_that_do_not_fit_the_settings_are_told(make_store: MakeStore, tmp_path: Path) -> None:
    run = train(make_store(SCENES).folder, tmp_path / "run", "autoencoder", {**SMALL, "steps": 2})
    content = run.content()
    fewer = {name: value for name, value in content.tensors.items() if name != "positions"}
    with pytest.raises(IntegrityError, match="positions"):
        run.method.load_model(content._replace(tensors=fewer), ALL_SCENES, torch.device("cpu"))


def test_a_logger_that_is_not_installed_leaves_nothing_behind(make_store: MakeStore, tmp_path: Path) -> None:
    if importlib.util.find_spec("wandb") is not None:
        pytest.skip("Weights & Biases is installed here")
    store = make_store(SCENES)
    with pytest.raises(ConfigError, match=r"scenewise\[wandb\]"):
        train(store.folder, tmp_path / "run", "autoencoder", {**SMALL, "wandb": True})
    assert not list(tmp_path.glob("*run*"))
