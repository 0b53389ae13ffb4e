"""Every method from the command line and from Python: trained, evaluated, applied to a new video, and shown."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_films import pictures, write_film

import scenewise
from scenewise.cli import run as cli
from scenewise.methods import METHODS, open_method, setting_flags, setting_from_text
from scenewise.runs.thumbnails import THUMBNAILS

TRAINED, TESTED = 60, 40
"""Frames of a training video and of a test video."""
GRID = (2, 3)
FEW: dict[str, Any] = {
    "steps": 4,
    "checkpoint_every": 4,
    "segments_per_scene": 3,
    "segment_length": 8,
    "width": 8,
    "latent": 8,
    "layers": 1,
    "heads": 1,
    "feed_forward": 8,
    "items": 6,
    "clusters": 2,
    "prototypes": 3,
    "components": 6,
    "coreset": 10,
    "device": "cpu",
}
"""Settings with which every method is trained in a blink; each takes those that it has."""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes with a walker in each; two training videos and a labelled test video, and a new one beside them."""
    root = tmp_path_factory.mktemp("films") / "data"
    for number, scene in enumerate(("road", "walkway")):
        for video in range(2):
            write_film(root / "train" / scene / f"{video:02d}.mp4", pictures(number, video, frames=TRAINED))
        write_film(root / "test" / scene / "00.mp4", pictures(number, 5, frames=TESTED, odd=True))
        (root / "labels" / scene).mkdir(parents=True)
        np.save(root / "labels" / scene / "00.npy", (np.arange(TESTED) // 15 == 1).astype(np.uint8))
    write_film(root.parent / "new.mp4", pictures(0, 9, frames=TESTED, odd=True))
    return root


@pytest.fixture(scope="module")
def features(films: Path) -> Path:
    """Of frames, objects and regions."""
    out = films.parent / "features"
    flags = ["--encoder", "motion-grid", "--regions", "x".join(map(str, GRID))]
    assert cli(["extract", str(films), "--out", str(out), *flags]) == 0
    return out


WITH_BOXES = ("fusion", "object-memory", "attribute-density", "patch-memory")
"""Methods that say where in the picture."""


def settings_of(method: str) -> dict[str, Any]:
    """Those of FEW that the method has, each of the method's own type."""
    chosen = open_method(method)
    flags = setting_flags(chosen)
    few = {name: str(value) for name, value in FEW.items() if name.replace("_", "-") in flags}
    return {name: setting_from_text(chosen, name, text) for name, text in few.items()}


def scores_in(results: Path) -> np.ndarray:
    """(N,) of every frame of the new video, on the scene scale."""
    with (results / "new" / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["frame"]) for row in rows] == list(range(TESTED)) and {row["scene"] for row in rows} == {"road"}
    return np.array([float(row["scene_score"]) for row in rows])


def objects_in(results: Path) -> list[tuple[int, float]]:
    """(frame, score) of every object that is listed; none if the method scores no objects."""
    table = results / "new" / "objects.csv"
    if not table.is_file():
        return []
    with table.open(newline="") as file:
        return [(int(row["frame"]), float(row["score"])) for row in csv.DictReader(file)]


def require_shown(run: Path, page: Path) -> None:
    """The evaluation holds a finite score for every frame, and the page names the run's title."""
    for scene in ("road", "walkway"):
        scores = np.load(run / "evaluation" / "scores" / f"{scene}_00.npy")
        assert scores.shape == (TESTED,) and np.isfinite(scores).all()
    opened = scenewise.open_run(run)
    assert opened.method.title(opened.settings).split(",")[0] in page.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_every_method_goes_from_features_to_the_report(
    method: str, films: Path, features: Path, tmp_path: Path
) -> None:
    settings, new = settings_of(method), films.parent / "new.mp4"
    flags = [part for name, value in settings.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    run, results = tmp_path / "by-command", tmp_path / "scored"
    assert cli(["train", str(features), "--out", str(run), "--method", method, *flags]) == 0
    assert cli(["evaluate", str(run)]) == 0
    assert cli(["score", str(run), str(new), "--out", str(results), "--scene", "road"]) == 0
    assert cli(["report", str(run)]) == 0
    require_shown(run, run / "report.html")

    again, page = tmp_path / "in-python", tmp_path / "page.html"
    assert (run / THUMBNAILS).is_file() == (method in WITH_BOXES)
    scenewise.train(features, again, method, settings, thumbnails=False)
    assert not (again / THUMBNAILS).exists()
    metrics = scenewise.evaluate(again)
    assert metrics["method"] == method and metrics["frames"] == 2 * TESTED
    assert metrics["frame_auc_micro"] is not None
    summary = scenewise.score_videos(again, [new], tmp_path / "again", scenewise.ScoreConfig(scene="road"))
    assert not summary.failed
    scenewise.write_report([again], page)
    require_shown(again, page)

    scores = scores_in(results)
    assert np.isfinite(scores).all()
    assert (results / "new" / "objects.csv").is_file() == (method in WITH_BOXES)
    for frame, score in objects_in(results):
        assert score <= scores[frame] + 1e-3, "an object scores at most what its frame does, on the same scale"
    np.testing.assert_allclose(scores_in(tmp_path / "again"), scores, rtol=1e-4, atol=1e-4)
