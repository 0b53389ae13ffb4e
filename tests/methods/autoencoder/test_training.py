"""Training: learns, repeats itself, and goes on after a kill as if nothing had been."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from scenewise.config import TrainConfig
from scenewise.errors import ConfigError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.methods.autoencoder.checkpoints import made_from, refuse_other_settings
from scenewise.methods.autoencoder.kept_checkpoints import kept_file, kept_steps
from scenewise.methods.autoencoder.training import fit
from scenewise.runs.run import load_model, open_run
from scenewise.runs.train import train
from scenewise.scoring.calibration import calibrate

MakeStore = Callable[..., FeatureStore]
SMALL = TrainConfig(
    method="autoencoder",
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


def weights_of(run: Path) -> bytes:
    return (run / "model.safetensors").read_bytes()


@contextmanager
def stopped_before(step: int) -> Iterator[None]:
    """What trains in here is stopped as by Ctrl-C before it takes `step`."""
    from scenewise.training import fit as module

    real_step = module.training_step

    def stopping(*arguments: object) -> object:
        if arguments[4] == step:
            raise KeyboardInterrupt
        return real_step(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, "training_step", stopping)
        yield


@pytest.mark.parametrize("objective", ["reconstruction", "contrastive", "contrastive+classification"])
def test_the_held_out_error_falls(make_store: MakeStore, tmp_path: Path, objective: str) -> None:
    store = make_store(SCENES)
    run = fit(store.folder, tmp_path / "run", replace(SMALL, objective=objective, steps=120, checkpoint_every=20))
    rows = [line.split(",") for line in (run.folder / "log.csv").read_text().splitlines()]
    held_out = [float(row[-1]) for row in rows[1:] if row[-1]]
    assert (
        run.training["held_out_error"] == pytest.approx(min(held_out), rel=1e-4) and min(held_out) < 0.6 * held_out[0]
    )
    logged = {name for name, value in zip(rows[0], rows[1], strict=True) if value}
    assert ("contrastive" in logged) == (objective != "reconstruction")
    assert ("classification" in logged) == (objective == "contrastive+classification")


def test_contrastive_training_separates_the_scenes(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    segments = {v.scene: torch.from_numpy(v.features()[:48].reshape(6, 8, 12)) for v in store.videos}

    def margin(objective: str) -> float:
        """Least likeness within a scene less greatest likeness between scenes."""
        run = fit(store.folder, tmp_path / objective, replace(SMALL, objective=objective, steps=150))
        model = load_model(run, torch.device("cpu"))
        with torch.inference_mode():
            a, b = (torch.nn.functional.normalize(model(segments[s]).embedding, dim=1) for s in ("a", "b"))
        return float(min((a @ a.T).min(), (b @ b.T).min()) - (a @ b.T).max())

    assert margin("contrastive") > margin("reconstruction")


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        fit(store.folder, tmp_path / name, replace(SMALL, seed=seed))
    assert weights_of(tmp_path / "one") == weights_of(tmp_path / "two") != weights_of(tmp_path / "three")


def test_interrupted_training_ends_with_the_same_weights(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    fit(store.folder, tmp_path / "whole", SMALL)
    for step in (3, 12, 23):
        with stopped_before(step):
            fit(store.folder, tmp_path / "cut", replace(SMALL, resume=True))
    fit(store.folder, tmp_path / "cut", replace(SMALL, resume=True))
    assert weights_of(tmp_path / "cut") == weights_of(tmp_path / "whole")
    assert (tmp_path / "cut" / "log.csv").read_text() == (tmp_path / "whole" / "log.csv").read_text()


def test_kept_weights_are_the_same_after_an_interruption_and_change_nothing(
    make_store: MakeStore, tmp_path: Path
) -> None:
    store = make_store(SCENES)
    keeping = replace(SMALL, keep_checkpoints=7)  # at steps that are no checkpoints: 4, 9, 13, 17, 21, 26, 30
    fit(store.folder, tmp_path / "plain", SMALL)
    fit(store.folder, tmp_path / "whole", keeping)
    for step in (4, 14, 28):  # behind the first kept weights, and between others and the next checkpoint
        with stopped_before(step):
            fit(store.folder, tmp_path / "cut", replace(keeping, resume=True))
    fit(store.folder, tmp_path / "cut", replace(keeping, resume=True))
    whole, cut = (
        {path.name: path.read_bytes() for path in (tmp_path / n / "kept").iterdir()} for n in ("whole", "cut")
    )
    assert whole == cut
    assert sorted(whole) == ["SHA256SUMS", *(f"step-{step:06d}.safetensors" for step in (4, 9, 13, 17, 21, 26, 30))]
    assert len(set(whole.values())) == 8
    assert weights_of(tmp_path / "whole") == weights_of(tmp_path / "cut") == weights_of(tmp_path / "plain")
    assert not (tmp_path / "plain" / "kept").exists()


def test_kept_weights_are_those_of_their_step(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    # The step's length does not depend on how many are to follow: a shorter training ends where the longer one passes.
    long = fit(store.folder, tmp_path / "long", replace(SMALL, keep_checkpoints=3))
    short = fit(store.folder, tmp_path / "short", replace(SMALL, steps=20, keep_checkpoints=1))
    assert kept_file(long.folder, 20).read_bytes() == kept_file(short.folder, 20).read_bytes()


def test_keeping_begins_with_the_run(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    fit(store.folder, tmp_path / "run", SMALL)
    with pytest.raises(ConfigError, match=r"keep_checkpoints 0 \(now 2\)"):
        fit(store.folder, tmp_path / "run", replace(SMALL, keep_checkpoints=2, resume=True))
    with pytest.raises(ConfigError, match="--keep-checkpoints 31 is more than --steps 30"):
        replace(SMALL, keep_checkpoints=31)


def test_a_checkpoint_from_before_a_setting_is_resumed_with_its_default(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    wanted = made_from(SMALL, store.fingerprint.digest, "footage")
    older = {name: value for name, value in wanted.items() if name != "keep_checkpoints"}
    refuse_other_settings(tmp_path, older, wanted)
    with pytest.raises(ConfigError, match="keep_checkpoints"):
        refuse_other_settings(tmp_path, older, {**wanted, "keep_checkpoints": 2})


@given(steps=st.integers(1, 10_000), data=st.data())
def test_kept_steps_are_spread_evenly_up_to_the_last(steps: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, min(steps, 200)))
    kept = kept_steps(TrainConfig(steps=steps, keep_checkpoints=count))
    gaps = [after - before for before, after in pairwise([0, *kept])]
    assert len(kept) == count and kept[-1] == steps
    assert min(gaps) >= 1 and all(abs(gap - steps / count) <= 1 for gap in gaps)
    assert kept_steps(TrainConfig(steps=steps)) == []


def test_killed_training_ends_with_the_same_weights(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    flags = ["--method", "autoencoder",
             "--steps", "40", "--segments-per-scene", "6", "--width", "16", "--latent", "8", "--feed-forward", "16",
             "--checkpoint-every", "3", "--segment-length", "8", "--keep-checkpoints", "9",
             "--device", "cpu"]  # fmt: skip
    command = [sys.executable, "-m", "scenewise", "train", str(store.folder), *flags]
    subprocess.run([*command, "--out", str(tmp_path / "whole")], check=True, capture_output=True)
    process = subprocess.Popen([*command, "--out", str(tmp_path / "cut")], stderr=subprocess.DEVNULL)
    while not (tmp_path / "cut" / "log.csv").exists():
        time.sleep(0.01)
    time.sleep(0.3)
    assert process.poll() is None, "it ended before it could be killed: give it more steps"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run([*command, "--out", str(tmp_path / "cut"), "--resume"], check=True, capture_output=True)
    assert weights_of(tmp_path / "cut") == weights_of(tmp_path / "whole")
    for name in ("calibration.json", "kept/SHA256SUMS"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_damaged_checkpoint_is_passed_over(make_store: MakeStore, tmp_path: Path) -> None:
    from scenewise.methods.autoencoder.checkpoints import Progressed, load_checkpoint, save_checkpoint

    model = torch.nn.Linear(3, 2)
    optimiser = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    state = Progressed(step=5)
    state.take(1.0, model)
    save_checkpoint(tmp_path, {"seed": 0}, model, optimiser, state)
    (tmp_path / "checkpoints" / "step-000010.json").write_text("{}")  # killed between the files and SHA256SUMS
    found = load_checkpoint(tmp_path, {"seed": 0}, model, optimiser)
    assert found is not None and found.step == 5
    with pytest.raises(ConfigError, match="seed 0"):
        load_checkpoint(tmp_path, {"seed": 1}, model, optimiser)


def test_a_folder_that_holds_a_run_is_not_overwritten(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    fit(store.folder, tmp_path / "run", SMALL)
    before = weights_of(tmp_path / "run")
    with pytest.raises(ConfigError, match="--resume"):
        fit(store.folder, tmp_path / "run", replace(SMALL, seed=7))
    with pytest.raises(ConfigError, match=r"seed 0 \(now 7\)"):
        fit(store.folder, tmp_path / "run", replace(SMALL, seed=7, resume=True))
    assert weights_of(tmp_path / "run") == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear")
    with pytest.raises(ConfigError, match="other things"):
        fit(store.folder, tmp_path / "other", SMALL)


def test_one_scene_can_not_be_contrasted(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store({"a": [60, 60]})
    with pytest.raises(ConfigError, match="only one"):
        fit(store.folder, tmp_path / "run", SMALL)
    run = train(store.folder, tmp_path / "alone", replace(SMALL, objective="reconstruction"))
    assert run.scenes == ("a",)


@pytest.mark.parametrize("width", ["native", "24"])
def test_published_form(make_store: MakeStore, tmp_path: Path, width: str) -> None:
    store = make_store(SCENES)
    run = fit(store.folder, tmp_path / "run", replace(SMALL, width=width, standardise=False, steps=5))
    weights = load_file(run.folder / "model.safetensors")
    assert weights["project_in.weight"].shape == (12 if width == "native" else 24, 12)
    assert not weights["mean"].any() and (weights["deviation"] == 1).all()


def test_widths_that_can_not_be(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES, width=10)
    for width in ("native", "wide", "0", "30"):
        with pytest.raises(ConfigError, match="--width"):
            fit(store.folder, tmp_path / "run", replace(SMALL, width=width))


def test_changed_weights_are_noticed(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    run = fit(store.folder, tmp_path / "run", SMALL)
    content = bytearray(weights_of(run.folder))
    content[len(content) // 2] ^= 1
    (run.folder / "model.safetensors").write_bytes(content)
    with pytest.raises(IntegrityError, match=r"model\.safetensors"):
        load_model(open_run(run.folder), torch.device("cpu"))


def test_other_footage_is_no_footage_to_resume_on(make_store: MakeStore, tmp_path: Path) -> None:
    fit(make_store(SCENES).folder, tmp_path / "run", SMALL)
    other = make_store(SCENES, seed=1)  # in the same folder
    with pytest.raises(ConfigError, match="training footage"):
        fit(other.folder, tmp_path / "run", replace(SMALL, resume=True))
    with pytest.raises(IntegrityError, match="not those"):
        calibrate(open_run(tmp_path / "run"))


def test_what_is_not_ours_is_neither_resumed_nor_removed(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(SCENES)
    foreign = tmp_path / "project" / "checkpoints" / "mine.pt"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("years of work")
    (tmp_path / "project" / "log.csv").write_text("my,own,log\n")
    with pytest.raises(ConfigError, match="other things"):
        fit(store.folder, tmp_path / "project", replace(SMALL, resume=True))
    assert foreign.read_text() == "years of work"
    assert (tmp_path / "project" / "log.csv").read_text() == "my,own,log\n"


def test_a_kill_between_the_run_and_its_checkpoints_end_costs_nothing(
    make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scenewise.training import finish
    from scenewise.training import fit as module

    store = make_store(SCENES)
    with monkeypatch.context() as patched:
        patched.setattr(finish, "remove_checkpoints", lambda out: None)
        fit(store.folder, tmp_path / "run", SMALL)
    before = weights_of(tmp_path / "run")
    assert (tmp_path / "run" / "checkpoints").is_dir()
    monkeypatch.setattr(module, "training_step", None)  # not one step more
    fit(store.folder, tmp_path / "run", replace(SMALL, resume=True))
    assert weights_of(tmp_path / "run") == before and not (tmp_path / "run" / "checkpoints").exists()


def test_a_logger_that_is_not_installed_leaves_nothing_behind(make_store: MakeStore, tmp_path: Path) -> None:
    if importlib.util.find_spec("wandb") is not None:
        pytest.skip("Weights & Biases is installed here")
    store = make_store(SCENES)
    with pytest.raises(ConfigError, match=r"scenewise\[wandb\]"):
        fit(store.folder, tmp_path / "run", replace(SMALL, wandb=True))
    fit(store.folder, tmp_path / "run", SMALL)
