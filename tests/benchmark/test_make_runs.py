"""Runs side by side: the same results, what the features do not allow, the time left; every form."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from test_benchmark import FLAGS, TINY, tiny_store

from scenewise.benchmark import make_runs as module
from scenewise.benchmark.benchmark import run_benchmark
from scenewise.benchmark.forms import all_forms, every_form
from scenewise.benchmark.run_in_process import Job, make
from scenewise.benchmark.side_by_side import Children, side_by_side
from scenewise.benchmark.time_left import TimeLeft
from scenewise.cli import run
from scenewise.config import BenchmarkConfig
from scenewise.errors import DataError


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_store(tmp_path_factory.mktemp("data") / "features")


def test_every_form_is_there_once() -> None:
    names = every_form(BenchmarkConfig())
    assert len(names) == len({*names}) and {*names} <= all_forms().keys()
    assert {"fusion", "fusion/pooled", "reconstruction", "contrastive", "variational"} <= {*names}
    assert "autoencoder" not in names, "its default form is called contrastive"


@pytest.mark.slow
def test_side_by_side_gives_the_same_weights_and_scores(store: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        run_benchmark(store, tmp_path / f"{jobs}", replace(TINY, seeds=1, jobs=jobs))
    for name in ("reconstruction-0", "contrastive-0"):
        for file in ("model.safetensors", "evaluation/scores/road_0.npy"):
            one, two = (tmp_path / jobs / "runs" / name / file for jobs in ("1", "2"))
            assert one.read_bytes() == two.read_bytes()
    assert {path.parent.name for path in (tmp_path / "2/costs").glob("*/cost.json")} == {
        "reconstruction-0", "contrastive-0"}  # fmt: skip
    assert (tmp_path / "2/figure.png").is_file() and (tmp_path / "2/figure.svg").is_file()


@pytest.mark.slow
def test_all_skips_by_name_what_the_features_do_not_allow(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []

    def make_but_one(job: Job) -> None:
        made.append(job.run.name)
        if job.run.name.startswith("variational"):
            raise DataError("too little footage for it")
        make(job)

    monkeypatch.setattr(module, "in_child", make_but_one)
    command = ["benchmark", str(store), "--out", str(tmp_path), "--seeds", "2", *FLAGS, "--methods", "all"]
    assert run(command) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "note: variational is skipped: too little footage for it" in said
    assert "note: fusion is skipped: the method scores moving objects" in said and "left" in said
    assert "variational-0" in made and "variational-1" not in made
    rows = {row["method"] for row in json.loads((tmp_path / "table.json").read_text())["rows"]}
    assert {"reconstruction", "reconstruction/scene", "contrastive"} <= rows and "variational" not in rows
    made.clear()
    assert run(command) == 0 and {name.partition("-")[0] for name in made} == {"variational", "patch"}
    named = ["benchmark", str(store), "--out", str(tmp_path / "named"), "--seeds", "1", *FLAGS]
    assert run([*named, "--methods", "reconstruction", "variational"]) == 2
    assert "too little footage" in capsys.readouterr().err


def test_an_error_ends_those_beside_it_and_begins_no_other() -> None:
    begun = []

    def one(number: int, children: Children) -> None:
        begun.append(number)
        if number == 1:
            raise DataError("the second one fails")
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], text=True) as child:
            children.add(child)
        assert child.returncode == -15

    with pytest.raises(DataError, match="second"):
        side_by_side(range(50), 2, one)
    assert len(begun) <= 4


def test_the_time_left_goes_by_runs_of_the_same_kind() -> None:
    now = [0.0]
    left = TimeLeft({"a-0": "a", "b-0": "b", "a-1": "a", "b-1": "b", "c-0": "c"}, 2, lambda: now[0])
    assert left.seconds() is None
    left.begin("a-0")
    left.begin("b-0")
    now[0] = 10
    left.finish("a-0")
    left.begin("a-1")
    now[0] = 14
    left.finish("b-0")  # 14 s
    # a-1 has run for 4 of 10 s; b-1 takes 14 s; c-0 as the mean of both kinds, 12 s
    assert left.seconds() == pytest.approx((6 + 14 + 12) / 2)
    left.drop("c-0")
    assert left.seconds() == pytest.approx(14), "one run is not divided"
    left.begin("b-1")
    now[0] = 100
    left.finish("a-1")
    left.finish("b-1")
    assert left.seconds() == 0
