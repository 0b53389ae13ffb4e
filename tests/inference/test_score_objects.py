"""`score` with methods that score objects: the scores of `evaluate`, from the run alone, and the objects in them."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from tiny_films import LONG, with_car, write_data_with_car

from scenewise.checksums import record_checksums
from scenewise.cli import run as cli
from scenewise.config import ScoreConfig
from scenewise.inference.normal_examples import ShownExample, examples
from scenewise.inference.score_videos import score_videos
from scenewise.runs.thumbnails import THUMBNAILS


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    write_data_with_car(root)
    return root


def run_of(data: Path, folder: Path, *flags: str) -> Path:
    """A run evaluated on `data`, whose features are not where they were any more."""
    features = folder / "features"
    assert cli(["extract", str(data), "--out", str(features), *flags]) == 0
    assert cli(["train", str(features), "--out", str(folder / "run"), "--method", "fusion"]) == 0
    assert cli(["evaluate", str(folder / "run"), "--unlabelled"]) == 0
    features.rename(folder / "elsewhere")
    return folder / "run"


@pytest.fixture(scope="module")
def trained(data: Path) -> Path:
    """Its mask hides, in the road alone, the lower half that the car comes through."""
    grey = np.zeros((72, 96), np.uint8)
    grey[38:] = 255
    (made := data.parent / "made").mkdir()
    Image.fromarray(grey).save(mask := made / "road.png")
    return run_of(data, made, "--encoder", "motion-grid", "--ignore-mask", str(mask))


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def same_as_evaluated(run: Path, folder: Path) -> None:
    rows = lines(folder / "scores.csv")
    evaluated = np.load(run / "evaluation" / "scores" / f"{rows[0]['scene']}_{folder.name}.npy")
    np.testing.assert_allclose([float(row["scene_score"]) for row in rows], evaluated, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("given", [None, "walkway"])
def test_scores_and_objects(given: str | None, data: Path, trained: Path, tmp_path: Path) -> None:
    video = data / "test" / "walkway" / "walkway-new.mp4"
    summary = score_videos(trained, [video], tmp_path, ScoreConfig(scene=given, annotate=given is None))
    folder = tmp_path / "walkway-new"
    same_as_evaluated(trained, folder)
    objects = lines(folder / "objects.csv")
    assert objects and all(float(row["score"]) > 0.5 and int(row["frame"]) % 2 == 0 for row in objects)
    assert any(float(row["bottom"]) * 72 > 55 for row in objects), "the car, where no mask hides it"
    highest = max(summary.videos[0]["events"], key=lambda event: event["peak_score"])
    assert 125 <= highest["peak_frame"] < 165 and highest["object"]["score"] > 1, "the car is found"
    for event in summary.videos[0]["events"]:
        listed = event["object"]
        inside = [row for row in objects if event["first_frame"] - 1 <= int(row["frame"]) <= event["last_frame"]]
        if listed["score"] <= 0.5:
            assert not inside and event["raised_by"] == "frame"
            continue
        highest = max(inside, key=lambda row: float(row["score"]))
        assert listed["score"] == pytest.approx(float(highest["score"]), rel=1e-5)
        assert listed["frame"] == int(highest["frame"])
        left, top, right, bottom = listed["box"]
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
        assert listed["nearest_normal"]["video"].startswith("train/walkway/")
        assert event["raised_by"] == "object" and sum(listed["parts"].values()) == pytest.approx(1, abs=1e-3)
        assert ";".join(f"{name}={share:.4f}" for name, share in listed["parts"].items()) == highest["parts"]
        assert listed["elsewhere"] is None or listed["elsewhere"]["scene"] == "road"
    described = json.loads((folder / "events.json").read_text())
    assert described["events"] == summary.videos[0]["events"]
    peak = max(described["events"], key=lambda event: event["peak_score"])
    with Image.open(folder / peak["thumbnail"]) as thumbnail:
        plain = with_car(1)[peak["peak_frame"]]
        assert thumbnail.size == (96, 72)
        assert (np.abs(np.asarray(thumbnail).astype(int) - plain).max(axis=2) > 60).sum() > 40, "a box is drawn"
    if given is None:
        with av.open(folder / "annotated.mp4") as container:
            assert sum(1 for _ in container.decode(video=0)) == LONG


@pytest.mark.slow
def test_normal_examples_are_shown_without_the_training_videos(
    data: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[ShownExample] = []

    def remembered(*arguments: Any) -> dict[int, ShownExample]:
        found = examples(*arguments)
        shown.extend(found.values())
        return found

    monkeypatch.setattr("scenewise.inference.annotated_video.examples", remembered)
    video, config = data / "test" / "walkway" / "walkway-new.mp4", ScoreConfig(scene="walkway", annotate=True)
    (data / "train").rename(data / "moved")
    try:
        (described,) = score_videos(trained, [video], tmp_path / "out", config).videos
        assert cli(["report", str(trained), "--out", str(tmp_path / "page.html")]) == 0
        kept = len(shown)
        shutil.copytree(trained, without := tmp_path / "without")
        (without / THUMBNAILS).unlink()
        record_checksums(without, [])
        (none,) = score_videos(without, [video], tmp_path / "none", config).videos
        assert cli(["report", str(without), "--out", str(tmp_path / "none.html")]) == 0
    finally:
        (data / "moved").rename(data / "train")
    assert kept and len(shown) == kept, "and none without pictures in the run"
    pages = [(tmp_path / f"{name}.html").read_text() for name in ("page", "none")]
    assert ['nearest normal example">' in page or 'nearest one">' in page for page in pages] == [True, False]
    for event, bare in zip(described["events"], none["events"], strict=True):
        normal = event["object"]["nearest_normal"]
        if event["raised_by"] == "object":
            with Image.open(tmp_path / "out" / "walkway-new" / normal["picture"]) as picture:
                assert max(picture.size) <= 112
            assert bare["object"]["nearest_normal"] == {**normal, "picture": None, "similar": False}


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing_but_is_said(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, jumped = data / "test" / "walkway" / "walkway-new.mp4", tmp_path / "jumped.mp4"
    with av.open(whole) as source, av.open(jumped, "w") as target:
        copy = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                hour, cut = round(3600 / packet.time_base), round(5 / packet.time_base)
                packet.pts += hour * (packet.pts >= cut)
                packet.dts += hour * (packet.dts >= cut)
                packet.stream = copy
                target.mux(packet)
    score_videos(trained, [whole, jumped], tmp_path / "out", ScoreConfig(scene="walkway"))
    for table in ("scores.csv", "objects.csv"):
        other = (tmp_path / "out" / "jumped" / table).read_text()
        assert other == (tmp_path / "out" / "walkway-new" / table).read_text()
    told = capsys.readouterr().err
    assert told.count("its clock") == told.count("jumps ahead by 1:00:00.0 near frame 12") == 1


@pytest.mark.slow
def test_ignore_masks_hold_for_objects_too(data: Path, trained: Path, tmp_path: Path) -> None:
    score_videos(trained, [data / "test" / "road" / "road-new.mp4"], tmp_path)
    same_as_evaluated(trained, tmp_path / "road-new")
    hidden = lines(tmp_path / "road-new" / "objects.csv")
    assert all(float(row["bottom"]) * 72 < 45 for row in hidden)


@pytest.mark.slow
def test_a_run_without_backgrounds_is_refused(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained, other := tmp_path / "run")
    (other / "backgrounds.safetensors").unlink()
    capsys.readouterr()
    assert cli(["score", str(other), str(data / "test" / "road"), "--out", str(tmp_path / "out")]) == 2
    assert "backgrounds; train it again" in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_features_without_backgrounds_are_refused(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained.parent / "elsewhere", tmp_path / "f")
    (tmp_path / "f" / "backgrounds" / "road.safetensors").unlink()
    capsys.readouterr()
    assert cli(["train", str(tmp_path / "f"), "--out", str(tmp_path / "run"), "--method", "fusion"]) == 2
    assert "background of road; extract them again" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "run" / "run.json").exists()


@pytest.mark.slow
def test_real_footage_scores_as_evaluated(walkway_features: Path, footage: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert cli(["train", str(walkway_features), "--out", str(run), "--method", "fusion"]) == 0
    assert cli(["evaluate", str(run), "--unlabelled"]) == 0
    clip = footage / "two-walkways/test/walkway/06.mp4"
    score_videos(run, [clip], tmp_path / "out", ScoreConfig(scene="walkway"))
    same_as_evaluated(run, tmp_path / "out" / "06")
