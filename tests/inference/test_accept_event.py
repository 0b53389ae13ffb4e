"""`accept` after `score`, and `score --mask`, on drawn videos: what the commands do and say."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_films import write_data_with_car

import scenewise
from json_schema import faults
from scenewise.checksums import record_checksums, recorded_checksums
from scenewise.cli import run as cli
from scenewise.files import write_json
from scenewise.inference.page import write_page
from scenewise.runs.thumbnails import read_thumbnails
from scenewise.schemas import schema_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """data/, a run of `fusion`, and both test videos scored into out/; a run of `mahalanobis`."""
    root = tmp_path_factory.mktemp("accepted")
    write_data_with_car(root / "data")
    assert cli(["extract", str(root / "data"), "--out", str(root / "features"), "--encoder", "motion-grid"]) == 0
    for method in ("fusion", "mahalanobis"):
        assert cli(["train", str(root / "features"), "--out", str(root / method), "--method", method]) == 0
    assert score(root, root, "out", run="fusion") == 0
    return root


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    """A run of its own, and what it scored."""
    shutil.copytree(made / "fusion", tmp_path / "run")
    shutil.copytree(made / "out", tmp_path / "out")
    for name in ("road-new", "walkway-new"):
        folder = tmp_path / "out" / name
        write_json(folder / "events.json", {**described(folder), "run": str(tmp_path / "run")})
        record_checksums(folder, ["events.json"])
    write_page(tmp_path / "out")
    return tmp_path


def score(made: Path, world: Path, out: str, *flags: str, run: str = "run") -> int:
    videos = [str(made / "data" / "test" / name) for name in ("road", "walkway")]
    return cli(["score", str(world / run), *videos, "--out", str(world / out), *flags])


def described(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "events.json").read_text()))


def said(captured: pytest.CaptureFixture[str]) -> str:
    read = captured.readouterr()
    return " ".join((read.out + read.err).split())


@pytest.mark.slow
def test_an_accepted_event_is_ordinary_and_undo_makes_it_an_event_again(
    made: Path, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = world / "out" / "walkway-new"
    first = described(folder)["highlights"][0]
    assert first["is_event"] and 5 < first["time"] < 7, "the car"
    trained = (world / "run" / "model.safetensors").read_bytes()
    capsys.readouterr()
    assert cli(["accept", str(folder), "1", "--by", "anna"]) == 0
    told = said(capsys)
    assert "is normal in walkway from now on" in told and "(alarm) -> " in told and "scenewise undo" in told
    assert cli(["history", str(world / "run"), "--json"]) == 0
    _, accepted = json.loads(capsys.readouterr().out)["states"]
    assert accepted["by"] == "anna" and accepted["details"]["event"] == 1
    assert accepted["details"]["footage_sha256"] == described(folder)["made_from"]["source"]
    assert score(made, world, "again") == 0
    again = described(world / "again" / "walkway-new")
    assert not [event for event in again["events"] if event["end"] > first["start"] and event["start"] < first["end"]]
    with (world / "again" / "walkway-new" / "scores.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if first["start"] <= float(row["time"]) <= first["end"]]
    assert max(float(row["scene_score"]) for row in rows) < again["threshold"]["unusual"]
    for name in ("scores.csv", "objects.csv"):
        assert (world / "again" / "road-new" / name).read_bytes() == (world / "out" / "road-new" / name).read_bytes()
    kept = read_thumbnails(world / "run")
    assert kept is not None and len(kept.jpegs) == len(read_thumbnails(made / "fusion").jpegs) + 1  # type: ignore
    assert cli(["undo", str(world / "run")]) == 0
    assert (world / "run" / "model.safetensors").read_bytes() == trained
    assert score(made, world, "undone") == 0
    assert described(world / "undone" / "walkway-new")["events"] == described(folder)["events"]
    capsys.readouterr()
    assert cli(["accept", str(folder), "1", "--json"]) == 0, "it is new again"
    assert not faults(json.loads(capsys.readouterr().out), schema_of("accept"))
    assert cli(["accept", str(folder), "1"]) == 2
    assert "number 1 was accepted already, as state 2 of the run" in said(capsys)
    for command in ("history", "undo"):
        assert cli([command, str(world / "run"), "--json"]) == 0
        assert not faults(json.loads(capsys.readouterr().out), schema_of("history"))


@pytest.mark.slow
def test_the_page_and_the_last_lines_say_how(world: Path, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (world / "out" / "index.html").read_text()
    commands = re.findall(r"<code>(scenewise accept [^<]+)</code>", page)
    ordinary = len(re.findall(r'<li class="card ordinary', page))
    assert len(commands) == page.count('<li class="card') - ordinary, "what is ordinary is normal already"
    assert f"scenewise accept {world}/out/walkway-new 1" in commands
    capsys.readouterr()
    assert score(made, world, "out") == 0
    assert said(capsys).count(f"make it normal: scenewise accept {world}/out/") == 1
    assert score(made, world, "other", run=str(made / "mahalanobis")) == 0
    assert "scenewise accept" not in (world / "other" / "index.html").read_text() + said(capsys)
    assert not (world / "other" / "road-new" / "observed.safetensors").exists()


@pytest.mark.slow
def test_mistakes_are_one_line(world: Path, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = world / "out"
    time = described(out / "walkway-new")["highlights"][0]["time"]
    shutil.copytree(world / "run", world / "moved")
    for arguments, message in [
        ([str(out / "walkway-new"), "9"], r"9: expected the number of an event .* has 1 \(at 0:0"),
        ([str(out / "walkway-new"), "99:00"], r"nothing is listed at that time; did you mean \d \(at 0:0"),
        ([str(out / "walkway-now"), "1"], f"did you mean {out}/walkway-new"),
        ([str(out), "1"], "name one scored video: .*road-new, .*walkway-new"),
        ([str(world / "moved"), "1"], "expected the results of a scored video"),
    ]:
        capsys.readouterr()
        assert cli(["accept", *arguments]) == 2
        assert re.search(message, said(capsys)), message
    (world / "run").rename(world / "gone")
    assert cli(["accept", str(out / "walkway-new"), f"0:{time:04.1f}"]) == 2
    assert "give its folder by --run" in said(capsys)
    assert cli(["accept", str(out / "walkway-new"), f"0:{time:04.1f}", "--run", str(world / "moved")]) == 0
    assert cli(["accept", str(out / "walkway-new"), "1", "--run", str(made / "mahalanobis")]) == 2
    assert "--method mahalanobis has no memory" in said(capsys)


@pytest.mark.slow
def test_from_python(world: Path, made: Path) -> None:
    run = scenewise.load(world / "run")
    scores = run.score(made / "data" / "test" / "road" / "road-new.mp4", scene="road")
    done = run.accept(scores, 1)
    assert done.after < scores.levels.alarm < done.before and [state.what for state in run.history().states][1:] == [
        "accepted"
    ]
    assert run.undo().current == 0


def objects_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "objects.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_mask_hides_objects_from_scores_and_boxes_also_of_stored_features(world: Path, made: Path) -> None:
    """The square walks in the upper half of walkway, the car comes through the lower half."""
    plain = world / "out" / "walkway-new"
    bright = np.zeros((72, 96), np.uint8)
    bright[37:] = 255
    Image.fromarray(bright).save(world / "walkway.png")
    lower = "walkway=0,0.52 1,0.52 1,1 0,1"
    assert score(made, world, "masked", "--mask", str(world / "walkway.png")) == 0
    assert score(made, world, "polygon", "--mask", lower) == 0
    assert score(made, world, "nothing", "--mask", "walkway=0,0 0.01,0 0.01,0.01 0,0.01") == 0
    assert any(float(row["bottom"]) > 0.7 for row in objects_of(plain))
    for name in ("masked", "polygon"):
        hidden = world / name / "walkway-new"
        assert all(float(row["bottom"]) < 0.7 for row in objects_of(hidden))
        assert described(hidden)["highest"] < described(plain)["highest"]
        other = world / name / "road-new" / "scores.csv"
        assert other.read_bytes() == (world / "out" / "road-new" / "scores.csv").read_bytes(), "no mask there"
    nothing = world / "nothing" / "walkway-new"
    assert recorded_checksums(nothing)["scores.csv"] == recorded_checksums(plain)["scores.csv"]
    assert objects_of(nothing) == objects_of(plain)
    assert cli(["evaluate", str(world / "run"), "--unlabelled", "--mask", lower]) == 0
    evaluated = np.load(world / "run" / "evaluation" / "scores" / "walkway_walkway-new.npy")
    with (world / "polygon" / "walkway-new" / "scores.csv").open(newline="") as file:
        from_video = [float(row["scene_score"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(from_video, evaluated, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_masks_for_methods_without_objects_are_refused(
    world: Path, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert score(made, world, "other", "--mask", "road=0,0 1,0 1,1", run=str(made / "mahalanobis")) == 2
    assert "--mask hides objects, and --method mahalanobis scores none" in said(capsys)
    assert score(made, world, "other", "--mask", "rode=0,0 1,0 1,1") == 2
    assert "did you mean road?" in said(capsys)
