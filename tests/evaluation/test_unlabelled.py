"""Test videos without labels: where these were looked for is said, and figures of nothing are no success."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import SMALL
from scenewise.benchmark.benchmark import run_benchmark
from scenewise.cli import run as scenewise
from scenewise.config import BenchmarkConfig, EvaluateConfig
from scenewise.errors import ConfigError, DataError
from scenewise.features.store import FeatureStore, StoredVideo, open_store, write_store
from scenewise.protocols import evaluate
from scenewise.runs.run import open_run

TRAIN = {"a": [60, 60], "b": [60, 60]}
TEST = {"a": [50, 40], "b": [40]}
SETTINGS = {**SMALL, "steps": 5}


def strip(run: Path, *titles: str, events: Path | None = None) -> FeatureStore:
    """Take the labels of test videos away, of all if none is named, as if none had been found."""

    def stripped(video: StoredVideo) -> StoredVideo:
        if video.split == "train" or (titles and video.title not in titles):
            return video
        sought = (f"/data/labels/{video.scene}/{video.name}.npy",)
        return replace(video, labels=None, labels_sought=sought, events=None if events is None else str(events))

    store = open_store(open_run(run).features)
    write_store(replace(store, videos=tuple(map(stripped, store.videos))))
    return open_store(store.folder)


def test_no_label_at_all_is_one_line_with_the_paths(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strip(run)
    assert scenewise(["evaluate", str(run)]) == 2
    printed = capsys.readouterr()
    line = printed.err.splitlines()[-1]
    assert printed.out == "" and line.startswith("scenewise: ")
    assert "none of its 3 test videos has labels; looked for /data/labels/a/00.npy, /data/labels/a/01.npy, " in line
    assert "--unlabelled" in line and not (run / "evaluation/metrics.json").exists()
    for protocol in ("strict", "published"):
        with pytest.raises(DataError, match="none of its 3 test videos has labels"):
            evaluate(run, EvaluateConfig(protocol=protocol))


def test_many_paths_are_counted(run: Path) -> None:
    store = strip(run)
    first = store.of("test")[0]
    many = tuple(replace(first, name=str(n), labels_sought=(f"/data/{n}.npy",)) for n in range(9))
    write_store(replace(store, videos=(*store.of("train"), *many)))
    with pytest.raises(DataError, match=r"looked for /data/0\.npy, /data/1\.npy, /data/2\.npy and 6 more; add them"):
        evaluate(run)


def test_unlabelled_scoring_is_asked_for(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled = evaluate(run)
    with_labels = [np.load(path) for path in sorted((run / "evaluation/scores").iterdir())]
    for video in open_store(open_run(run).features).of("test"):
        assert video.labels is not None
        video.labels.path.write_bytes(b"damaged")  # never opened
    assert scenewise(["evaluate", str(run), "--unlabelled"]) == 0
    printed = capsys.readouterr().out
    assert printed == f"3 test videos scored without labels; scores in {run}/evaluation/scores\n"
    scores = [np.load(path) for path in sorted((run / "evaluation/scores").iterdir())]
    for one, other in zip(scores, with_labels, strict=True):
        np.testing.assert_array_equal(one, other)
    metrics = json.loads((run / "evaluation/metrics.json").read_text())
    assert metrics["frame_auc_micro"] is None and labelled["frame_auc_micro"] is not None
    assert metrics["unlabelled_videos"] == 3 and scenewise(["report", str(run)]) == 0
    with pytest.raises(ConfigError, match="--unlabelled is for --protocol strict"):
        evaluate(run, EvaluateConfig(protocol="published", unlabelled=True))


@pytest.mark.parametrize("titles", [("test/a/01",), ("test/b/00",), ("test/a/00", "test/a/01")])
def test_some_without_labels_are_named_and_left_out(
    titles: tuple[str, ...], run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strip(run, *titles)
    metrics = evaluate(run)
    note = next(line for line in capsys.readouterr().err.splitlines() if "frame labels" in line)
    assert note.startswith(f"note: {len(titles)} of 3 test videos have no frame labels")
    assert all(title in note and f"/data/labels/{title[5:]}.npy" in note for title in titles)
    assert metrics["unlabelled_videos"] == len(titles)


def test_events_alone_are_labels_of_events(run: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.json"
    events.write_text(json.dumps([{"class": "fall", "first_frame": 2, "last_frame": 9, "abnormal": True}]))
    strip(run, events=events)
    metrics = evaluate(run)
    assert metrics["event_level"]["events"] == 3 and metrics["frame_auc_micro"] is None


def test_a_benchmark_says_so_before_it_trains(run: Path, tmp_path: Path) -> None:
    store = strip(run)
    with pytest.raises(DataError, match=r"looked for /data/labels/a/00\.npy"):
        run_benchmark(store.folder, tmp_path / "benchmark", BenchmarkConfig(methods=("reconstruction",), seeds=1))
    assert not (tmp_path / "benchmark/runs").exists()


def test_extracted_features_know_where_labels_were_looked_for(
    tiny_dataset: Path, tmp_path: Path, make_store: Callable[..., FeatureStore]
) -> None:
    for labels in tiny_dataset.glob("labels/*/*.npy"):
        labels.unlink()
    command = ["extract", str(tiny_dataset), "--out", str(tmp_path / "f"), "--encoder", "motion-grid", "--no-objects"]
    assert scenewise(command) == 0
    store = open_store(tmp_path / "f")
    assert [video.labels_sought for video in store.of("test")] == [
        (f"{tiny_dataset}/labels/road/00.npy",), (f"{tiny_dataset}/labels/walkway/00.npy",)]  # fmt: skip
    np.save(tiny_dataset / "labels/road/00.npy", np.zeros(50, np.uint8))
    assert scenewise(command) == 0  # what the message asks for: the features are kept
    assert open_store(tmp_path / "f").of("test")[0].labels is not None
