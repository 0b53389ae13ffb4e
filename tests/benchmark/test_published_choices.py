"""benchmarks/published_choices.py: each choice of the published protocol, for every method that has checkpoints."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import scenewise
from conftest import SMALL
from scenewise.config import EvaluateConfig
from scenewise.features.store import FeatureStore
from scenewise.methods import METHODS, open_method
from scenewise.protocols import evaluate
from scenewise.runs.train import train

pytestmark = pytest.mark.slow

MakeStore = Callable[..., FeatureStore]
BENCHMARKS = Path(scenewise.__file__).parents[2] / "benchmarks"
WITH_CHECKPOINTS = [
    name for name in METHODS if open_method(name).with_checkpoints(open_method(name).Settings()) is not None
]
SETTINGS = {**SMALL, "steps": 12, "segment_length": 16, "checkpoint_every": 4, "keep_checkpoints": 3}
TRAIN = {"a": [90, 90], "b": [80, 80]}
TEST = {"a": [100, 37], "b": [41, 90]}


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script, which finds what is beside it."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("published_choices")
    for name in ("published_choices", "choices"):
        sys.modules.pop(name)


def trained(store: FeatureStore, out: Path, method: str, **more: object) -> Path:
    known = {setting.name for setting in fields(open_method(method).Settings)}
    train(store.folder, out, method, {**{name: value for name, value in SETTINGS.items() if name in known}, **more})
    return out


def test_many_methods_have_checkpoints() -> None:
    assert {"autoencoder", "variational", "prediction", "hybrid", "adversarial"} <= {*WITH_CHECKPOINTS}


@pytest.mark.parametrize("method", WITH_CHECKPOINTS)
def test_strict_and_published_are_what_the_commands_find(
    method: str, make_store: MakeStore, tmp_path: Path, tool: ModuleType
) -> None:
    run = trained(make_store(TRAIN, TEST, seed=31), tmp_path / "run", method, seed=17)
    measured = tool.Measured(run)
    measured.check()
    for choices, protocol in ((tool.STRICT, "strict"), (tool.PUBLISHED, "published")):
        metrics = evaluate(run, EvaluateConfig(protocol=protocol))
        expected = metrics["frame_auc_micro"], metrics["scene_auc_mean"]
        assert measured.auc(choices) == pytest.approx(expected, abs=1e-6), protocol
    # What is chosen by test labels cannot lose: the run's weights and its smoothing are among what is tried.
    chosen = tool.Choices(checkpoint=True)
    assert measured.auc(chosen)[0] >= measured.auc(tool.STRICT)[0]
    assert measured.auc(tool.COLUMNS["width and checkpoint"])[0] >= measured.auc(chosen)[0]


def test_a_scale_for_each_video_is_the_obvious_one(make_store: MakeStore, tmp_path: Path, tool: ModuleType) -> None:
    run = trained(make_store(TRAIN, TEST, seed=31), tmp_path / "run", "autoencoder", seed=17)
    evaluate(run, EvaluateConfig(scale="raw"))
    scores, labels = [], []
    for scene, lengths in TEST.items():
        for number, frames in enumerate(lengths):
            own = np.load(run / "evaluation" / "scores" / f"{scene}_{number:02d}.npy").astype(float)
            scores.append((own - own.min()) / (own.max() - own.min()))
            place = np.arange(frames)
            labels.append((place >= frames // 3) & (place < frames // 2))  # as `make_store` has it
    pooled, within = tool.Measured(run).auc(tool.Choices(each_video=True))
    assert pooled == pytest.approx(roc_auc_score(np.concatenate(labels), np.concatenate(scores)), abs=1e-6)
    halves = [slice(0, 2), slice(2, 4)]
    by_scene = [roc_auc_score(np.concatenate(labels[own]), np.concatenate(scores[own])) for own in halves]
    assert within == pytest.approx(np.mean(by_scene), abs=1e-6)


def test_a_row_for_each_form_or_all_steps_of_one(
    make_store: MakeStore,
    tmp_path: Path,
    tool: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = make_store(TRAIN, TEST, seed=31)
    forms = {
        "prediction/prototypes": [trained(store, tmp_path / "p", "prediction", prototypes=4, seed=17)],
        "reconstruction": [
            trained(store, tmp_path / f"r{seed}", "autoencoder", objective="reconstruction", seed=seed)
            for seed in (17, 18)
        ],
    }
    folders = [folder for runs in forms.values() for folder in runs]
    monkeypatch.setattr(sys, "argv", ["published_choices.py", *map(str, folders)])
    tool.main()
    out = capsys.readouterr().out
    assert "1 or 2 runs a form, 4 checkpoints a run" in out
    table = {line.split("|")[1].strip(): line.split("|")[2:-1] for line in out.splitlines() if line.startswith("| ")}
    assert list(table) == ["", "prediction/prototypes", "reconstruction", "median"]
    place = [cell.strip() for cell in table[""]].index("all: published")
    for name, runs in forms.items():
        gained = []
        for figure in ("frame_auc_micro", "scene_auc_mean"):
            by = [
                [evaluate(run, EvaluateConfig(protocol=one))[figure] for run in runs] for one in ("strict", "published")
            ]
            gained.append(100 * float(np.mean(np.subtract(by[1], by[0]))))
        assert table[name][place].strip() == f"{gained[0]:+.1f} / {gained[1]:+.1f}"

    monkeypatch.setattr(sys, "argv", ["published_choices.py", *map(str, forms["reconstruction"])])
    tool.main()
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert len(lines) == 13 and lines[1].startswith("| strict |") and lines[1].count("±") == 2
    assert lines[-1].split("|")[3].strip() == table["reconstruction"][place].split("/")[0].strip()


def test_runs_that_do_not_belong_together_are_refused(make_store: MakeStore, tmp_path: Path, tool: ModuleType) -> None:
    store, other = make_store(TRAIN, TEST, seed=31), make_store(TRAIN, TEST, seed=32, name="others")
    of = {
        name: tool.Measured(trained(where, tmp_path / name, "memory-autoencoder", seed=seed, **more))
        for name, where, seed, more in (
            ("run", store, 17, {}),
            ("same", store, 17, {}),
            ("longer", store, 18, {"steps": 13}),
            ("elsewhere", other, 18, {}),
        )
    }
    for second, message in (("same", "the same seed"), ("longer", "more than their seed"), ("elsewhere", "features")):
        with pytest.raises(SystemExit, match=message):
            tool.grouped([of["run"], of[second]])
