"""The command line, as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scenewise.cli import run

TRAIN = ["--steps", "20", "--segments-per-scene", "4", "--width", "16", "--latent", "8", "--feed-forward", "16",
         "--checkpoint-every", "10", "--device", "cpu"]  # fmt: skip


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a mistaken command prints: one line on standard error, nothing on standard output, exit code 2."""
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and "Traceback" not in printed.err
    return printed.err


def test_from_videos_to_report(tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    features, trained = str(tmp_path / "features"), str(tmp_path / "run")
    assert run(["extract", str(tiny_dataset), "--out", features, "--encoder", "motion-grid"]) == 0
    assert run(["train", features, "--out", trained, *TRAIN]) == 0
    capsys.readouterr()
    assert run(["evaluate", trained, "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert metrics == json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    assert metrics["videos"] == 2 and metrics["frames"] == 100
    assert np.load(tmp_path / "run/evaluation/scores/road_00.npy").shape == (50,)
    assert run(["evaluate", trained]) == 0
    table = capsys.readouterr().out
    assert "1 seed" in table and "road" in table
    assert run(["report", trained]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "run/report.html")
    page = (tmp_path / "run/report.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "") and "road" in page


def test_settings_come_from_a_file_and_flags_beat_it(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = str(tmp_path / "features")
    assert run(["extract", str(tiny_dataset), "--out", features, "--encoder", "motion-grid"]) == 0
    config = tmp_path / "run.toml"
    config.write_text('steps = 10\nobjective = "reconstruction"\nsegments-per-scene = 4\nwidth = "16"\nseed = 3\n')
    assert run(["train", features, "--out", str(tmp_path / "run"), "--config", str(config), "--seed", "5"]) == 0
    described = json.loads((tmp_path / "run/run.json").read_text())["config"]
    assert (described["steps"], described["objective"], described["seed"]) == (10, "reconstruction", 5)
    config.write_text("stepz = 10\n")
    error = told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert "no setting stepz" in error and "nearest is steps" in error
    config.write_text("steps = = 10\n")
    assert "run.toml" in told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert "none.toml" in told(capsys, "train", features, "--out", tmp_path / "other", "--config", "none.toml")


def test_mistakes_are_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such folder" in told(capsys, "extract", tmp_path / "none", "--out", tmp_path / "f")
    assert "scenewise extract" in told(capsys, "train", tmp_path / "none", "--out", tmp_path / "r")
    assert "scenewise train" in told(capsys, "evaluate", tmp_path / "none")
    assert "at least one" in told(capsys, "report")
    assert "--steps" in told(capsys, "train", "f", "--out", "r", "--stepz", "3")
    assert "--steps" in told(capsys, "train", "f", "--out", "r", "--steps", "0")
    assert "--objective" in told(capsys, "train", "f", "--out", "r", "--objective", "contrastiv")
    assert "train" in told(capsys, "trian", "f")
    assert "--stride" in told(capsys, "train", "f", "--out", "r", "--stride", "17")


@pytest.mark.parametrize("command", ["street", "extract", "train", "evaluate", "report", "demo"])
def test_help_states_every_setting_with_its_sentence(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "--config" in text and "--json" in text
    if command == "train":
        assert "Frames a segment (T). [default: 16]" in text
        assert "--resume" in text and "--segments-per-scene" in text and "scene-agnostic" in text


def test_help_needs_none_of_the_heavy_packages() -> None:
    code = (
        "import sys; from scenewise.cli import run; run(['--help']); "
        "heavy = {'torch', 'transformers', 'openvino', 'sklearn', 'matplotlib', 'av', 'cv2', 'numpy'}; "
        "sys.exit(bool(heavy & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
