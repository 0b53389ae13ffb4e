"""A method and a figure from outside, each one file, through every command and every table."""

import csv
import json
import sys
from pathlib import Path

import pytest

from scenewise.cli import run

METHOD = '''
"""The method: distance to the mean of the scene's normal frames."""

from dataclasses import dataclass

import numpy as np

from scenewise import Fitted, Method
from scenewise.methods.method import Settings
from scenewise.methods.scores import NormalScores, Scored


@dataclass(frozen=True)
class ToySettings(Settings):
    power: float = 1.0
    """Power that the distance is raised to."""


class Toy(Method):
    name = "toy"
    summary = "distance to the mean of the scene's normal frames"
    Settings = ToySettings
    deterministic = True

    def fit(self, store, settings, work, *, resume=False):
        videos = store.of("train")
        means = {
            scene: np.concatenate([v.features() for v in videos if v.scene == scene]).astype(np.float32).mean(axis=0)
            for scene in {video.scene for video in videos}
        }
        normal = {scene: [] for scene in means}
        for video in videos:
            scores = np.linalg.norm(video.features() - means[video.scene], axis=1) ** settings.power
            normal[video.scene].append(NormalScores(scores.astype(np.float32), video.fps))
        return Fitted(means, normal, summary={"means": str(len(means))})

    def open(self, run, device):
        return ToyScorer(run)

    def title(self, settings):
        return "toy, scene-aware (mean)"

    def scene_aware(self, settings):
        return True


class ToyScorer:
    def __init__(self, run):
        self.run = run

    def look_ahead(self, fps):
        return 0.0

    def stream(self, chunks, fps, scene, look_ahead=None):
        for chunk in chunks:
            distance = np.linalg.norm(chunk.features - self.run.tensors[scene], axis=1)
            yield Scored((distance ** self.run.settings.power).astype(np.float32), None)
'''
METRIC = '''
"""The figure: the highest score of all."""

from scenewise.evaluation.metric import Metric

HIGHEST = Metric(
    path=("highest_score",),
    group="a group from outside",
    name="highest toy score",
    unit="number",
    ideal=None,
    better="higher",
    compute=lambda videos: max(float(video.scores.max()) for video in videos),
)
'''


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both files in a folder on the path, also of the processes that a benchmark starts."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "toy_method.py").write_text(METHOD)
    (folder / "toy_metric.py").write_text(METRIC)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    yield
    for name in ("toy_method", "toy_metric"):
        sys.modules.pop(name, None)


@pytest.mark.slow
@pytest.mark.usefixtures("outside")
def test_a_method_and_a_figure_from_outside_are_everywhere(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features, trained = tmp_path / "features", tmp_path / "run"
    method, metric = "toy_method:Toy", "toy_metric:HIGHEST"
    assert run(["extract", str(tiny_dataset), "--out", str(features), "--encoder", "motion-grid", "--no-objects"]) == 0

    assert run(["train", "--method", method, "--help"]) == 0
    assert "--power" in capsys.readouterr().out
    assert run(["train", str(features), "--out", str(trained), "--method", method, "--power", "2"]) == 0
    assert json.loads((trained / "run.json").read_text())["settings"]["power"] == 2

    assert run(["evaluate", str(trained), "--metric", metric]) == 0
    assert "highest toy score" in capsys.readouterr().out
    metrics = json.loads((trained / "evaluation/metrics.json").read_text())
    assert metrics["plugged_in"]["highest_score"] > 0 and metrics["title"] == "toy, scene-aware (mean)"

    assert run(["report", str(trained)]) == 0
    page = (trained / "report.html").read_text()
    assert "highest toy score" in page and "toy" in page and "Means" in page

    video = tiny_dataset / "test/road/00.mp4"
    assert run(["score", str(trained), str(video), "--out", str(tmp_path / "scored"), "--scene", "road"]) == 0
    with (tmp_path / "scored/00/scores.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 50

    out = tmp_path / "benchmark"
    command = ["benchmark", str(features), "--out", str(out), "--methods", method, "reconstruction", "--seeds", "1",
               "--metric", metric, "--set", "steps=4", "width=16", "segments-per-scene=4", "power=3"]  # fmt: skip
    assert run(command) == 0
    for suffix in ("html", "md", "csv", "tex", "json"):
        text = (out / f"table.{suffix}").read_text().replace(r"\_", "_")
        assert "toy_method:Toy" in text, suffix
        assert "highest toy score" in text or "highest_score" in text, suffix
    assert "highest toy score" in (out / "report.html").read_text()


@pytest.mark.usefixtures("outside")
def test_a_run_of_a_method_that_is_gone_is_one_clear_line(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    features, trained = tmp_path / "features", tmp_path / "run"
    assert run(["extract", str(tiny_dataset), "--out", str(features), "--encoder", "motion-grid", "--no-objects"]) == 0
    assert run(["train", str(features), "--out", str(trained), "--method", "toy_method:Toy"]) == 0
    sys.modules.pop("toy_method")
    (tmp_path / "outside/toy_method.py").unlink()
    capsys.readouterr()
    assert run(["evaluate", str(trained)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "toy_method:Toy" in error and "PYTHONPATH" in error
