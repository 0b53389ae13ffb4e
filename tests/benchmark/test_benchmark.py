"""The whole command on tiny features: every format parses back, nothing is done twice, other settings are refused."""

import csv
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from conftest import scene_features, write_video
from scenewise.benchmark import make_runs as module
from scenewise.benchmark.benchmark import run_benchmark
from scenewise.benchmark.cost import peak_memory, read_cost
from scenewise.benchmark.run_in_process import Job, in_child, make
from scenewise.checksums import read_json
from scenewise.cli import run
from scenewise.config import BenchmarkConfig
from scenewise.datasets import LabelSource
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, DataError, IntegrityError, ScenewiseError
from scenewise.features.store import FeatureStore, open_store, write_store
from scenewise.results.rows import UNDEFINED

pytestmark = pytest.mark.slow

SET = ("steps=6", "width=16", "segments-per-scene=4", "checkpoint-every=3")
TINY = BenchmarkConfig(methods=("reconstruction", "contrastive"), seeds=2, set=SET, device="cpu", jobs=1)
FLAGS = ["--set", *SET, "--device", "cpu", "--jobs", "1"]
BALLAST = 2**30
"""Bytes that the parent holds while a child is measured."""
SUFFIXES = ("html", "md", "csv", "tex", "json")


def tiny_store(folder: Path) -> Path:
    """Two scenes; a bicycle in each, abnormal in one of them and normal in the other."""
    random = np.random.default_rng(0)
    videos = []
    for place, scene in enumerate(("lawn", "road")):
        for number in range(2):
            videos.append(write_video(folder, scene, f"{number}", "train", scene_features(place, 80, 12, random)))
        features = scene_features(place, 90, 12, random)
        features[30:60] += random.normal(size=(30, 12))
        events = [{"class": "bicycle", "first_frame": 30, "last_frame": 59, "abnormal": scene == "lawn"}]
        events += [{"class": "cart|van", "first_frame": 70, "last_frame": 79, "abnormal": True}]
        labels = np.zeros(90, np.uint8)
        labels[70:80] = 1
        labels[30:60] = scene == "lawn"
        truth = folder.parent / "truth" / scene
        truth.mkdir(parents=True, exist_ok=True)
        np.save(truth / "0.npy", labels)
        (truth / "0.events.json").write_text(json.dumps(events))
        more = {"labels": LabelSource(truth / "0.npy"), "events": str(truth / "0.events.json")}
        videos.append(write_video(folder, scene, "0", "test", features, **more))
    videos.sort(key=lambda video: (video.split == "test", video.scene, video.name))
    write_store(FeatureStore(folder, Fingerprint({"kind": "test"}, {}), tuple(videos), {}, ()))
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_store(tmp_path_factory.mktemp("data") / "features")


@pytest.fixture(scope="module")
def finished(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command by both protocols; the first run is made in a separate process, as all are outside tests."""
    out = tmp_path_factory.mktemp("finished") / "out"
    chosen = ["--methods", "reconstruction", "contrastive", "--seeds", "1", "--protocol", "published"]
    ballast = np.ones(BALLAST // 8)  # getrusage would count it for every child from here on
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "in_child", lambda job: (in_child if job.run.name == "reconstruction-0" else make)(job))
        assert run(["benchmark", str(store), "--out", str(out), *chosen, *FLAGS]) == 0
    assert ballast.all()
    return out


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make runs in this process, which is faster; gives their names."""
    made: list[str] = []

    def make_here(job: Job) -> None:
        made.append(job.run.name)
        make(job)

    monkeypatch.setattr(module, "in_child", make_here)
    return made


class Cells(HTMLParser):
    """The texts of a page's table rows, a cell as often as it is wide."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.inside = int(dict(attrs).get("colspan") or 1)
            self.rows[-1] += [""] * self.inside

    def handle_endtag(self, tag: str) -> None:
        self.inside = 0 if tag in ("td", "th") else self.inside

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def markdown_rows(path: Path) -> list[list[str]]:
    lines = [line for line in path.read_text().splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.replace("\\|", "\N{BROKEN BAR}").strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("stem", ["table", "table-published"])
def test_every_format_holds_the_same_figures(finished: Path, stem: str) -> None:
    table = json.loads((finished / f"{stem}.json").read_text())
    keys = [column["key"] for column in table["columns"]]
    assert {"frame_auc_micro", "scene_auc_mean", "frame_auc_macro", "event_auc/bicycle/where_normal", "parameters",
            "training_seconds", "scoring_rate", "peak_memory"} <= set(keys)  # fmt: skip
    assert [(row["method"], row["kind"]) for row in table["rows"]] == [
        ("reconstruction", "measured"), ("contrastive", "measured"),
        ("best constant per scene", "constant"), ("0 or 1 per scene", "constant")]  # fmt: skip
    with (finished / f"{stem}.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    written = markdown_rows(finished / f"{stem}.md")
    shown = Cells((finished / f"{stem}.html").read_text()).rows
    assert {len(row) for row in shown} == {len(keys) + 3}
    narrow = ("scene_auc_mean", "frame_auc_micro", "event_level/share_found", "event_level/false_alarms_per_hour")
    in_markdown = [key for key in narrow if key in keys]
    assert {len(line) for line in written} == {len(in_markdown) + 3}
    by_name = {row[0].split("\n")[0].removesuffix(" 1 seed"): row for row in shown}
    for row, line, cells in zip(table["rows"], lines, written[3:], strict=True):
        assert line["method"] == row["method"] == cells[0].removesuffix(" (constant)")
        for place, key in enumerate(keys, 3):
            figure = row["figures"][key]
            for part in ("mean", "deviation", "low", "high"):
                text = line[key if part == "mean" else f"{key}:{part}"]
                assert (float(text) if text else None) == figure[part]
            texts = [by_name[row["method"]][place].strip()]
            texts += [cells[3 + in_markdown.index(key)].replace("*", "")] if key in in_markdown else []
            if figure["mean"] is None:
                assert {text.split()[0] for text in texts} == {UNDEFINED}
            elif "auc" in key:
                assert {text.split()[0] for text in texts} == {f"{100 * figure['mean']:.1f}"}


def test_the_figures_are_those_of_the_runs(finished: Path) -> None:
    for stem, folder in (("table", "evaluation"), ("table-published", "evaluation-published")):
        table = json.loads((finished / f"{stem}.json").read_text())
        for row in table["rows"][:2]:
            metrics = json.loads((finished / f"runs/{row['method']}-0" / folder / "metrics.json").read_text())
            figures = row["figures"]
            assert figures["frame_auc_micro"]["mean"] == metrics["frame_auc_micro"]
            ends = metrics["intervals"]["frame_auc_micro"]
            assert [figures["frame_auc_micro"][end] for end in ("low", "high")] == ends and ends[0] < ends[1]
            assert figures["event_auc/bicycle/where_normal"]["mean"] == metrics["event_auc"]["bicycle"]["where_normal"]
        assert table["data"]["frames"] <= 180 and table["data"]["pairs_within_scene"] == metrics["pairs_within_scene"]


def test_every_format_marks_figures_chosen_on_test_data(finished: Path) -> None:
    for suffix in SUFFIXES:
        chosen, strict = ((finished / f"{stem}.{suffix}").read_text() for stem in ("table-published", "table"))
        assert "published" in chosen
        if suffix != "csv":
            assert "chosen on test data" in chosen.lower().replace("_", " ")
            assert "Chosen on test data" not in strict
    assert json.loads((finished / "table-published.json").read_text())["chosen_on_test_data"] is True
    assert json.loads((finished / "table.json").read_text())["chosen_on_test_data"] is False


def test_costs_are_those_of_the_process_that_made_the_run(finished: Path) -> None:
    for row in json.loads((finished / "table.json").read_text())["rows"][:2]:
        figures = {key: figure["mean"] for key, figure in row["figures"].items()}
        described = json.loads((finished / f"runs/{row['method']}-0/run.json").read_text())["facts"]
        assert figures["parameters"] == described["parameters"] and figures["training_seconds"] == described["seconds"]
        assert figures["scoring_rate"] > 0
        assert 2**26 < figures["peak_memory"] < 2**33


def test_a_peak_is_not_the_parents(finished: Path) -> None:
    assert read_cost(finished / "costs/reconstruction-0/cost.json").peak_memory < peak_memory() - BALLAST / 2


def test_nothing_is_done_twice_and_the_table_stays(
    finished: Path, store: Path, here: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(finished, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    config = replace(TINY, seeds=1, protocol="published")
    run_benchmark(store, out, config)
    changed = [path for path, content in before.items() if path.read_bytes() != content]
    assert here == [] and [path.name for path in changed if path.suffix != ".html"] in ([], ["SHA256SUMS"])
    run_benchmark(store, out, replace(config, methods=("contrastive", "variational")))
    assert here == ["variational-0"]
    run_benchmark(store, out, replace(config, seeds=2))
    assert here == ["variational-0", "reconstruction-1", "contrastive-1"]
    rows = json.loads((out / "table.json").read_text())["rows"]
    assert [row["seeds"] for row in rows[:2]] == [[0, 1], [0, 1]]
    pooled = rows[0]["figures"]["frame_auc_micro"]
    assert pooled["deviation"] == pytest.approx(np.std(pooled["values"], ddof=1))


def test_a_stopped_benchmark_goes_on_to_the_same_figures(
    store: Path, here: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def figures(out: Path) -> list[list[object]]:
        table = json.loads((out / "table.json").read_text())
        costs = ("training_seconds", "scoring_rate", "peak_memory")
        return [[v for key, v in row["figures"].items() if key not in costs] for row in table["rows"]]

    config = replace(TINY, seeds=1)
    whole = run_benchmark(store, tmp_path / "whole", config)
    assert here == ["reconstruction-0", "contrastive-0"]

    def stop_at_the_second(job: Job) -> None:
        if job.run.name == "contrastive-0":
            raise KeyboardInterrupt
        make(job)

    with monkeypatch.context() as patched:
        patched.setattr(module, "in_child", stop_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            run_benchmark(store, tmp_path / "stopped", config)
    here.clear()
    stopped = run_benchmark(store, tmp_path / "stopped", config)
    assert here == ["contrastive-0"]
    assert figures(tmp_path / "whole") == figures(tmp_path / "stopped")
    assert [path.name for path in whole.tables] == [path.name for path in stopped.tables]


def test_changed_labels_are_evaluated_again_and_runs_stay(here: list[str], tmp_path: Path) -> None:
    store = tiny_store(tmp_path / "features")
    config = replace(TINY, methods=("reconstruction",), seeds=1)
    run_benchmark(store, tmp_path / "out", config)
    weights = (tmp_path / "out/runs/reconstruction-0/model.safetensors").stat().st_mtime_ns
    before = json.loads((tmp_path / "out/table.json").read_text())["data"]["abnormal_frames"]
    labels = tmp_path / "truth/road/0.npy"
    np.save(labels, np.pad(np.load(labels), (0, 0)).astype(np.float32) * 0)
    run_benchmark(store, tmp_path / "out", config)
    assert here == ["reconstruction-0"] * 2
    assert json.loads((tmp_path / "out/table.json").read_text())["data"]["abnormal_frames"] == before - 10
    assert (tmp_path / "out/runs/reconstruction-0/model.safetensors").stat().st_mtime_ns == weights


def test_other_settings_are_refused(
    finished: Path, store: Path, here: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = replace(TINY, seeds=1, protocol="published")
    for other, message in (
        (replace(config, set=("steps=7", *SET[1:])), "steps=7"),
        (TINY, "--protocol published, now strict"),
    ):
        with pytest.raises(ConfigError, match=message):
            run_benchmark(store, finished, other)
    with pytest.raises(ConfigError, match="--data"):
        run_benchmark(tiny_store(tmp_path / "features"), finished, config)
    with pytest.raises(ConfigError, match="--encoder"):
        run_benchmark(store, finished, replace(config, encoder="motion-grid"))
    for flags, message in (
        (["--methods", "reconstruction", "magic"], "no magic"),
        (["--methods", "reconstruction", "reconstruction"], "twice"),
        (["--seeds", "0"], "--seeds"),
        (["--set", "steps=0"], "--steps"),
        (["--set", "steps=many"], "--set steps=many: expected a whole number"),
        (["--set", "stepz=3"], "stepz"),
        (["--set", "steps"], "NAME=VALUE"),
        (["--methods", "nowhere.module:Method"], "cannot be imported"),
        (["--fps", "30"], "--fps"),
    ):
        assert run(["benchmark", str(store), "--out", str(tmp_path / "o"), *flags]) == 2
        printed = capsys.readouterr()
        assert message in printed.err and printed.err.count("\n") == 1
    assert here == [] and not (tmp_path / "o").exists()


def test_the_published_table_comes_to_a_strict_benchmark(
    finished: Path, store: Path, here: list[str], tmp_path: Path
) -> None:
    config = replace(TINY, methods=("contrastive",), seeds=1)
    run_benchmark(store, tmp_path, config)
    figures = read_json(tmp_path / "runs/contrastive-0/evaluation/metrics.json", format_version=1)["frame_auc_micro"]
    weights = {path.parent.name: path.read_bytes() for path in tmp_path.glob("runs/*/model.safetensors")}
    written = run_benchmark(store, tmp_path, replace(config, protocol="published"))
    assert here == ["contrastive-0"] * 2
    assert weights == {path.parent.name: path.read_bytes() for path in tmp_path.glob("runs/*/model.safetensors")}
    assert {path.stem for path in written.tables} == {"table", "table-published"}
    for stem in ("table", "table-published"):
        added, at_once = (
            next(
                row
                for row in read_json(folder / f"{stem}.json", format_version=1)["rows"]
                if row["method"] == "contrastive"
            )
            for folder in (tmp_path, finished)
        )
        for key in ("frame_auc_micro", "scene_auc_mean"):
            assert added["figures"][key] == at_once["figures"][key]
    assert added["figures"]["frame_auc_micro"]["mean"] >= figures
    assert "chosen on test data" in (tmp_path / "report-published.html").read_text()
    run_benchmark(store, tmp_path, replace(config, protocol="published"))
    assert len(here) == 2


def test_methods_that_contrast_scenes_are_skipped_for_one_scene(
    store: Path, here: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(store, tmp_path / "lawn")
    many = open_store(tmp_path / "lawn")
    write_store(replace(many, videos=tuple(video for video in many.videos if video.scene == "lawn")))
    command = ["benchmark", str(tmp_path / "lawn"), "--out", str(tmp_path / "out"), "--seeds", "1", *FLAGS]
    assert run([*command, "--methods", "reconstruction", "contrastive"]) == 2
    refused = capsys.readouterr().err
    assert "--methods contrastive" in refused and refused.count("\n") == 1 and here == []
    assert run(command) == 0 and here == ["reconstruction-0"]
    printed = capsys.readouterr()
    assert {"fusion is skipped", "contrastive is skipped", "contrastive+classification is skipped"} <= set(
        re.findall(r"\S+ is skipped", " ".join(printed.err.split()))
    )
    assert "1 scene," in printed.out and "by the scene's name alone" not in printed.out


def test_from_a_data_set_a_deterministic_method_runs_once_beside_one_model_a_scene(
    tiny_dataset: Path, here: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["benchmark", str(tiny_dataset), "--out", str(tmp_path), "--encoder", "motion-grid", "--seeds", "2"]
    command += ["--methods", "fusion", "object-memory/pooled", "reconstruction", "reconstruction/scene", *FLAGS]
    assert run([*command, "--protocol", "published"]) == 0
    assert here == ["fusion-0", "object-memory-pooled-0", "reconstruction-0", "reconstruction-scene-0",
                    "reconstruction-1", "reconstruction-scene-1"]  # fmt: skip
    table = json.loads((tmp_path / "table.json").read_text())
    rows = {row["method"]: row for row in table["rows"]}
    assert [(rows[name]["feature"], rows[name]["scene_aware"], rows[name]["deterministic"], len(rows[name]["seeds"]))
            for name in ("fusion", "object-memory/pooled", "reconstruction", "reconstruction/scene")] == [
        ("object", True, True, 1), ("object", False, True, 1), ("image", False, False, 2), ("image", True, False, 2)
    ]  # fmt: skip
    assert rows["fusion"]["figures"]["parameters"]["mean"] > 0
    assert rows["fusion"]["figures"]["frame_auc_micro"]["deviation"] is None
    assert "fusion (deterministic)" in (tmp_path / "table.md").read_text()
    assert "<small>deterministic</small>" in (tmp_path / "table.html").read_text()
    published = json.loads((tmp_path / "table-published.json").read_text())
    assert [row["method"] for row in published["rows"] if row["kind"] == "measured"] == ["reconstruction"]
    # From a data set, features are extracted once.
    manifest = (tmp_path / "features/manifest.json").read_bytes()
    capsys.readouterr()
    assert run([*command, "--protocol", "published", "--json"]) == 0 and len(here) == 6
    result = json.loads(capsys.readouterr().out)
    assert result["tables"]["table"]["data"]["frames"] == 100 and Path(result["reports"][0]).is_file()
    assert (tmp_path / "features/manifest.json").read_bytes() == manifest
    checked = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=False)
    assert checked.returncode == 0


def test_methods_that_the_data_does_not_allow(
    store: Path, here: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["benchmark", str(store), "--out", str(tmp_path), "--seeds", "1", *FLAGS]
    assert run([*command, "--methods", "fusion", "reconstruction"]) == 2
    assert "--methods fusion" in capsys.readouterr().err and here == []
    command = ["benchmark", str(store), "--out", str(tmp_path), "--methods", "fusion", "--protocol", "published"]
    assert run(command) == 2
    assert "--protocol published chooses among checkpoints" in capsys.readouterr().err


def test_without_test_videos_there_is_nothing_to_compare(
    make_store: Callable[..., FeatureStore], here: list[str], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="test videos"):
        run_benchmark(make_store({"road": [60, 60]}).folder, tmp_path / "out", TINY)


def a_job(features: Path, folder: Path, **settings: object) -> Job:
    return Job(
        features=features,
        run=folder / "run",
        cost=folder / "cost.json",
        method="autoencoder",
        settings=settings,
        protocols=["strict"],
        evaluated={},
        metric=[],
        device="cpu",
        commands=[],
    )


def test_a_childs_mistakes_are_the_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job(tmp_path / "none", tmp_path)
    with pytest.raises(IntegrityError) as expected:
        make(job)
    with pytest.raises(IntegrityError) as raised:
        in_child(job)
    assert str(raised.value) == str(expected.value)
    killed = tmp_path / "killed"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(killed))
    with pytest.raises(ScenewiseError, match="killed by signal 9"):
        in_child(job)


def test_what_the_system_refuses_a_child_is_one_line(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError) as raised:
        in_child(a_job(store, tmp_path / "file"))
    assert raised.value.errno in (errno.ENOTDIR, errno.EEXIST) and str(tmp_path / "file") in str(raised.value)
    out = tmp_path / "out"
    (out / "runs").mkdir(parents=True)
    (out / "runs" / "reconstruction-0").write_text("mine")
    command = ["benchmark", str(store), "--out", str(out), "--methods", "reconstruction", "--seeds", "1", *FLAGS]
    assert run(command) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error and str(out / "runs" / "reconstruction-0") in error


FAILING = """
from scenewise import Method, ScenewiseError

class Strange(ScenewiseError):
    pass

class Failing(Method):
    name, summary, deterministic = "failing", "raises while it learns", True

    def fit(self, store, settings, work, *, resume=False):
        raise KeyError("no such scale")

    def open(self, run, device): ...

class Mistaken(Failing):
    def fit(self, store, settings, work, *, resume=False):
        raise Strange("too few videos")
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Failing", ["failing_methods:Failing", "KeyError: 'no such scale' (in fit, ", "line 11"]),
     ("Mistaken", ["too few videos"])],
)  # fmt: skip
def test_a_method_of_ones_own_that_fails_is_one_line(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str,
    expected: list[str],
) -> None:  # fmt: skip
    (tmp_path / "failing_methods.py").write_text(FAILING)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    command = ["benchmark", str(store), "--out", str(tmp_path / "out"), "--methods", f"failing_methods:{name}"]
    assert run(command) == 2
    sys.modules.pop("failing_methods")
    *shown, line = capfd.readouterr().err.splitlines()
    assert all(part in line for part in expected) and "Traceback" not in "".join(shown)


def test_a_child_ends_with_its_parent(store: Path, tmp_path: Path) -> None:
    job = a_job(store, tmp_path, steps=10**6, checkpoint_every=10**6)
    command = [sys.executable, "-m", "scenewise.benchmark.run_in_process"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    child.stdin.write(job.as_line() + "\n")
    child.stdin.close()  # as the system does when the parent is gone
    assert child.wait(timeout=120) == 1
    assert not (tmp_path / "run/run.json").exists()
