"""`train`: a run appears as a whole, a stopped one is resumed to the same bytes, and nothing else is touched."""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import method_in_steps
import numpy as np
import pytest
from method_in_steps import NAME, Toy

from conftest import SMALL
from object_stores import object_store, walkers
from scenewise.checksums import CHECKSUMS, check, record_checksums, recorded_checksums, sha256_of
from scenewise.cli import run as command
from scenewise.errors import ConfigError, DataError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.output_folder import OutputFolder
from scenewise.runs.run import Run, open_run
from scenewise.runs.train import train

MakeStore = Callable[..., FeatureStore]
SCENES = {"a": [30, 30], "b": [30]}


@pytest.fixture
def store(make_store: MakeStore) -> FeatureStore:
    return make_store(SCENES, {"a": [20]})


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def killed_at(number: int, store: FeatureStore, out: Path) -> bool:
    """Train in a process that is killed when it renames for the `number`-th time; False if it came through."""

    def work() -> None:
        renamed, replace, rename = 0, Path.replace, Path.rename

        def counted(real: Callable[..., Path]) -> Callable[..., Path]:
            def call(*arguments: object) -> Path:
                nonlocal renamed
                if renamed == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                renamed += 1
                return real(*arguments)

            return call

        Path.replace, Path.rename = counted(replace), counted(rename)  # type: ignore[method-assign,assignment]
        train(store.folder, out, NAME, {"steps": 2}, resume=True)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def stop_after_step_2(step: int) -> None:
    if step == 2:
        raise KeyboardInterrupt


def test_a_run_that_was_killed_at_any_moment_is_absent_or_whole_and_is_resumed_to_the_same_bytes(
    store: FeatureStore, tmp_path: Path
) -> None:
    whole = files_of(train(store.folder, tmp_path / "whole", NAME, {"steps": 2}).folder)
    killed = 0
    while killed_at(killed, store, tmp_path / f"{killed}"):
        out = tmp_path / f"{killed}"
        assert not out.exists() and OutputFolder(out, "a run").unfinished.exists()
        with pytest.raises(IntegrityError, match="--resume"):
            open_run(out)
        with pytest.raises(ConfigError, match="--resume"):
            train(store.folder, out, NAME, {"steps": 2})
        train(store.folder, out, NAME, {"steps": 2}, resume=True)
        assert files_of(out) == whole
        assert not list(tmp_path.glob(".*"))
        killed += 1
    assert killed > 8
    assert files_of(tmp_path / f"{killed}") == whole


def test_a_stopped_training_goes_on_behind_its_last_checkpoint(
    store: FeatureStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = method_in_steps.steps_taken
    taken.clear()
    with monkeypatch.context() as patched:
        patched.setattr(method_in_steps, "after_step", stop_after_step_2)
        with pytest.raises(KeyboardInterrupt):
            train(store.folder, tmp_path / "run", NAME)
    assert not (tmp_path / "run").exists() and taken == [0, 1, 2]
    train(store.folder, tmp_path / "run", NAME, {"note": "which decides nothing"}, resume=True)
    assert taken == [0, 1, 2, 3, 4]
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == (
        train(store.folder, tmp_path / "whole", NAME).folder / "model.safetensors"
    ).read_bytes()


def test_a_fault_before_the_first_checkpoint_leaves_nothing_behind(
    store: FeatureStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Toy, "fit", lambda *arguments, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(store.folder, tmp_path / "run", NAME)
    assert [path.name for path in tmp_path.iterdir() if "run" in path.name] == []


def test_other_settings_and_other_footage_are_refused_on_resuming(
    store: FeatureStore, make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(method_in_steps, "after_step", stop_after_step_2)
        train(store.folder, tmp_path / "cut", NAME)
    train(store.folder, tmp_path / "run", NAME)
    for out in (tmp_path / "cut", tmp_path / "run"):
        with pytest.raises(ConfigError, match=r"seed 0 \(now 7\)"):
            train(store.folder, out, NAME, {"seed": 7}, resume=True)
        with pytest.raises(ConfigError, match=r"smoothing 0\.4 \(now 1\.0\)"):
            train(store.folder, out, NAME, {"smoothing": 1.0}, resume=True)
        with pytest.raises(ConfigError, match="method"):
            train(store.folder, out, "autoencoder", {"steps": 5}, resume=True)
    make_store(SCENES, seed=1)  # in the same folder
    for out in (tmp_path / "cut", tmp_path / "run"):
        with pytest.raises(ConfigError, match="training footage"):
            train(store.folder, out, NAME, resume=True)


def test_a_finished_run_is_neither_overwritten_nor_made_again(store: FeatureStore, tmp_path: Path) -> None:
    train(store.folder, tmp_path / "run", NAME)
    before, steps = files_of(tmp_path / "run"), len(method_in_steps.steps_taken)
    with pytest.raises(ConfigError, match="--resume"):
        train(store.folder, tmp_path / "run", NAME)
    again = train(store.folder, tmp_path / "run", NAME, resume=True)
    assert isinstance(again, Run) and again.folder == tmp_path / "run"
    assert files_of(tmp_path / "run") == before and len(method_in_steps.steps_taken) == steps


@pytest.mark.parametrize("resume", [False, True])
def test_what_is_not_ours_is_neither_resumed_nor_removed(store: FeatureStore, tmp_path: Path, resume: bool) -> None:
    theirs = tmp_path / "project"
    (theirs / "checkpoints").mkdir(parents=True)
    (theirs / "checkpoints" / "mine.json").write_text("years of work")
    (theirs / "model.safetensors").write_text("mine too")
    (tmp_path / "file").write_text("dear")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    before = files_of(tmp_path)
    for name in ("project", "file", "link"):
        with pytest.raises(ConfigError, match=name):
            train(store.folder, tmp_path / name, NAME, resume=resume)
    assert files_of(tmp_path) == before and not any((tmp_path / "elsewhere").iterdir())


def test_a_finished_run_that_was_changed_is_told_and_not_made_anew(store: FeatureStore, tmp_path: Path) -> None:
    path = train(store.folder, tmp_path / "run", NAME).folder / "run.json"
    path.write_text(path.read_text().replace('"steps": 5', '"steps": 6'))
    before = files_of(tmp_path / "run")
    with pytest.raises(IntegrityError, match=r"run\.json"):
        train(store.folder, tmp_path / "run", NAME, resume=True)
    assert files_of(tmp_path / "run") == before


def test_of_two_trainings_into_one_folder_the_second_is_told(
    store: FeatureStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = Toy.fit, []

    def fit(*arguments: object, **more: object) -> object:
        if not refused:
            refused.append(True)
            for resume in (False, True):
                with pytest.raises(ConfigError, match="another command") as error:
                    train(store.folder, tmp_path / "run", NAME, resume=resume)
                assert "\n" not in str(error.value)
        return real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Toy, "fit", fit)
    train(store.folder, tmp_path / "run", NAME)
    assert refused and open_run(tmp_path / "run").method_name == NAME


@pytest.mark.parametrize(
    ("method", "settings"),
    [(NAME, {}), ("autoencoder", {**SMALL, "scope": "scene", "steps": 2}), ("fusion", {})],
)
def test_checksums_cover_every_file_of_a_run(
    store: FeatureStore, tmp_path: Path, method: str, settings: dict[str, object]
) -> None:
    features = store.folder
    if method == "fusion":
        features = object_store(tmp_path / "objects", {"a": [walkers(n) for n in range(3)]}).folder
    run = train(features, tmp_path / "run", method, settings)
    recorded = recorded_checksums(run.folder)
    assert recorded.keys() == files_of(run.folder).keys() - {CHECKSUMS}
    assert all(sha256_of(run.folder / name) == digest for name, digest in recorded.items())


def test_what_a_run_says_of_itself(store: FeatureStore, tmp_path: Path) -> None:
    run = train(store.folder, tmp_path / "run", NAME, {"seed": 3}, commands=["scenewise train"])
    assert replace(open_run(tmp_path / "run"), method=run.method) == run
    assert (run.method_name, run.seed, run.scenes, run.feature_width) == (NAME, 3, ("a", "b"), 12)
    assert run.commands == ("scenewise train",) and run.fingerprint == store.fingerprint
    assert run.deciding_settings == {"smoothing": 0.4, "steps": 5}
    described = json.loads(check(run.folder / "run.json").read_text())
    assert described["method"] == NAME and described["settings"]["seed"] == described["seed"] == 3


def test_training_never_opens_test_footage(store: FeatureStore, tmp_path: Path) -> None:
    for video in store.of("test"):
        for path in video.folder.iterdir():
            path.unlink()
        video.labels.path.unlink()  # type: ignore[union-attr]
    assert train(store.folder, tmp_path / "run", NAME).scenes == ("a", "b")


def test_footage_that_does_not_suffice_is_told_before_any_work(make_store: MakeStore, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no training videos"):
        train(make_store({}, {"a": [30]}).folder, tmp_path / "run", NAME)
    with pytest.raises(ConfigError, match="--no-objects"):
        train(make_store({"a": [30]}).folder, tmp_path / "run", "fusion")
    assert not list(tmp_path.glob("*run*"))


def test_a_run_of_ones_own_method_is_scored_and_without_its_module_told_in_one_line(
    store: FeatureStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = train(store.folder, tmp_path / "run", NAME)
    assert command(["evaluate", str(run.folder)]) == 0
    scores = np.load(run.folder / "evaluation" / "scores" / "a_00.npy")
    assert scores.shape == (20,)
    capsys.readouterr()
    described = json.loads((run.folder / "run.json").read_text()) | {"method": "module_that_is_gone:Toy"}
    (run.folder / "run.json").write_text(json.dumps(described))
    record_checksums(run.folder, ["run.json"])
    assert command(["evaluate", str(run.folder)]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1 and "module_that_is_gone" in error[0] and "PYTHONPATH" in error[0]
