"""The command line, as a user meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scenewise.cli import run
from scenewise.config import DemoConfig
from scenewise.demo import demo_runs
from scenewise.progress import console, progress

TRAIN = ["--method", "autoencoder",
         "--steps", "20", "--segments-per-scene", "4", "--width", "16", "--latent", "8", "--feed-forward", "16",
         "--checkpoint-every", "10", "--device", "cpu"]  # fmt: skip


@pytest.fixture(scope="module")
def features(tiny_dataset_of_all: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tiny data set's features, without objects."""
    out = str(tmp_path_factory.mktemp("cli") / "features")
    assert run(["extract", str(tiny_dataset_of_all), "--out", out, "--encoder", "motion-grid", "--no-objects"]) == 0
    return out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a mistaken command prints: one line on standard error, nothing on standard output, exit code 2."""
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and "Traceback" not in printed.err
    return printed.err


@pytest.mark.slow
def test_from_videos_to_report(features: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained = str(tmp_path / "run")
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
    written = capsys.readouterr()
    assert written.out.startswith("best within scenes: ") and written.out.endswith(
        f"page: {tmp_path}/run/report.html\n"
    )
    assert f"writing to {tmp_path}/run/report.html" in written.err
    page = (tmp_path / "run/report.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "") and "road" in page


def test_settings_come_from_a_file_and_flags_beat_it(
    features: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "run.toml"
    config.write_text('method = "autoencoder"\nsteps = 10\n')
    with config.open("a") as file:
        file.write('objective = "reconstruction"\nsegments-per-scene = 4\nwidth = "16"\nseed = 3\n')
    assert run(["train", features, "--out", str(tmp_path / "run"), "--config", str(config), "--seed", "5"]) == 0
    described = json.loads((tmp_path / "run/run.json").read_text())["settings"]
    assert (described["steps"], described["objective"], described["seed"]) == (10, "reconstruction", 5)
    config.write_text('method = "autoencoder"\nstepz = 10\n')
    error = told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert "--stepz is not a setting" in error and "nearest is --steps" in error
    config.write_text("steps = = 10\n")
    assert "run.toml" in told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert "none.toml" in told(capsys, "train", features, "--out", tmp_path / "other", "--config", "none.toml")
    config.write_text("[steps]\na = 3\n")
    assert "settings are flat" in told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    config.write_text('method = "autoencoder"\nsegments_per_scenes = 3\n')
    error = told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert "nearest is --segments-per-scene" in error
    config.write_text("zzzz = 3\n")
    error = told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert "nearest" not in error and "--scope, --smoothing" in error
    config.write_text('method = "fusion"\nsteps = 3\n')
    error = told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert f"{config}: --steps is not a setting of --method fusion; it belongs to --method autoencoder" in error
    config.write_text("resum = true\n")
    error = told(capsys, "train", features, "--out", tmp_path / "other", "--config", config)
    assert "no setting resum" in error and "nearest is resume" in error
    error = told(capsys, "evaluate", "r", "--config", config)
    assert "evaluate has no setting resum" in error


def test_mistakes_are_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such folder" in told(capsys, "extract", tmp_path / "none", "--out", tmp_path / "f")
    assert "scenewise extract" in told(capsys, "train", tmp_path / "none", "--out", tmp_path / "r")
    assert "scenewise train" in told(capsys, "evaluate", tmp_path / "none")
    assert "at least one" in told(capsys, "report")
    autoencoder = ("train", "f", "--out", "r", "--method", "autoencoder")
    assert "--steps" in told(capsys, *autoencoder, "--stepz", "3")
    assert "--steps" in told(capsys, *autoencoder, "--steps", "0")
    assert "--objective" in told(capsys, *autoencoder, "--objective", "contrastiv")
    assert "train" in told(capsys, "trian", "f")
    assert "--stride" in told(capsys, *autoencoder, "--stride", "17")
    assert "fusion" in told(capsys, "train", "f", "--out", "r", "--method", "fusio")
    assert "cannot be imported" in told(capsys, "train", "f", "--out", "r", "--method", "nowhere.module:Method")
    assert "has no Method" in told(capsys, "train", "f", "--out", "r", "--method", "json:Method")


@pytest.mark.parametrize(
    "mistake",
    [
        "train f --out r --method autoencoder --seed 99999999999999999999999",
        "train f --out r --method autoencoder --dropout nan",
        "train f --out r --smoothing nan",
        "train f --out r --smoothing inf",
        "train f --out r --method autoencoder --temperature nan",
        "train f --out r --method autoencoder --learning-rate 0",
        "train f --out r --method autoencoder --segment-fps inf",
        "train f --out r --method autoencoder --memory-budget inf",
        "extract d --out f --fps nan",
        "extract d --out f --fps inf",
        "extract d --out f --fps 1e9",
        "extract d --out f --std 0 1 1",
        "extract d --out f --mean nan 1 1",
        "score r v.mp4 --out s --threshold nan",
        "score r v.mp4 --out s --merge inf",
        "street s --seed -1",
        "demo --out d --street-seed 4294967296",
        "demo --out d --segments-per-scene 1",
        "train f --out r --method autoencoder --segments-per-scene 1",
        "train f --out r --method autoencoder --scenes-per-batch 1",
    ],
)
def test_numbers_have_bounds(mistake: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = mistake.split()
    flag = next(word for word in words if word.startswith("--") and word not in ("--out", "--method"))
    assert flag in told(capsys, *words)


@pytest.mark.parametrize(
    "flags",
    ["--objective contrastive", "--steps 40", "--width 64", "--no-standardise", "--wandb", "--segment-fps 5"],
)
@pytest.mark.parametrize("method", ["", "--method object-memory"])
def test_a_setting_of_another_method_is_refused(capsys: pytest.CaptureFixture[str], flags: str, method: str) -> None:
    error = told(capsys, "train", "f", "--out", "r", *flags.split(), *method.split())
    assert flags.split()[0] in error and "--method autoencoder" in error and not Path("r").exists()
    assert "its settings are --scope, --smoothing" in error


@pytest.mark.parametrize(
    ("method", "flag", "expected"),
    [
        ("fusion", "--factor", "its settings are --scope, --smoothing"),
        ("fusion", "--stepz", "its settings are --scope, --smoothing"),
        ("fusion", "--smothing", "the nearest is --smoothing"),
        ("autoencoder", "--no-seed", "not a setting of --method autoencoder; the nearest is --seed"),
        ("autoencoder", "--stepz", "the nearest is --steps"),
        ("fusion", "--outt", "--out?"),
    ],
)
def test_a_setting_that_no_method_has_names_the_nearest(
    capsys: pytest.CaptureFixture[str], method: str, flag: str, expected: str
) -> None:
    error = told(capsys, "train", "f", "--out", "r", "--method", method, f"{flag}=3")
    assert flag in error and expected in error


def test_features_without_objects_say_the_way_out(
    features: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = told(capsys, "train", features, "--out", tmp_path / "run")
    assert "--method fusion" in error and "--no-objects" in error and "--method autoencoder" in error
    assert run(["train", features, "--out", str(tmp_path / "run"), *TRAIN]) == 0


@pytest.mark.parametrize(
    ("encoder", "flag"),
    [
        ("motion-grid", "--fit crop"),
        ("motion-grid", "--device cuda"),
        ("motion-grid", "--precision float32"),
        ("motion-grid", "--mean 0 0 0"),
        ("motion-grid", "--std 1 1 1"),
        ("motion-grid", "--colour rgb"),
        ("clip-vit-l-14", "--colour rgb"),
        ("facebook/dino", "--mean 0 0 0"),
        ("facebook/dino", "--std 1 1 1"),
        ("openvino:none.onnx", "--device cuda"),
        ("openvino:none.onnx", "--weights w"),
    ],
)
def test_a_flag_that_the_encoder_would_ignore_is_refused(
    tiny_dataset: Path, capsys: pytest.CaptureFixture[str], encoder: str, flag: str
) -> None:
    error = told(capsys, "extract", tiny_dataset, "--out", tiny_dataset / "f", "--encoder", encoder, *flag.split())
    assert flag.split()[0] in error and encoder in error


@pytest.mark.parametrize("command", ["street", "extract", "train", "evaluate", "report", "score", "demo"])
def test_help_states_every_setting_with_its_sentence(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, *(["--method", "autoencoder"] if command == "train" else []), "--help"]) == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "--config" in text and "--json" in text
    if command == "train":
        assert "Frames a segment (T). [default: 16]" in text
        assert "--resume" in text and "--segments-per-scene" in text and "scene-agnostic" in text


def test_help_shows_exactly_the_settings_of_the_method(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for method in ("fusion", "autoencoder", "variational"):
        assert run(["train", "--method", method, "--help"]) == 0
        shown[method] = capsys.readouterr().out
    assert "--scope" in shown["fusion"] and "--steps" not in shown["fusion"]
    assert "--steps" in shown["autoencoder"] and "--divergence-weight" not in shown["autoencoder"]
    assert "--divergence-weight" in shown["variational"]


def test_help_needs_none_of_the_heavy_packages() -> None:
    code = (
        "import sys; from scenewise.cli import run; run(['--help']); "
        "heavy = {'torch', 'transformers', 'openvino', 'sklearn', 'matplotlib', 'av', 'cv2', 'numpy'}; "
        "sys.exit(bool(heavy & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


@pytest.mark.slow
def test_a_demo_of_other_settings_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "demo"
    tiny = ["--scenes", "4", "--videos", "1", "--frames", "48", "--size", "128x72", "--steps", "2", "--width", "16",
            "--segments-per-scene", "2", "--checkpoint-every", "2"]  # fmt: skip
    assert run(["demo", "--out", str(out), *tiny, "--seeds", "1"]) == 0
    weights = (out / "runs/contrastive-0/model.safetensors").read_bytes()
    error = told(capsys, "demo", "--out", out, *tiny[:-1], "3", "--seeds", "1")
    assert "--checkpoint-every 2, now 3" in error and "--steps" not in error and "another --out" in error
    assert (out / "runs/contrastive-0/model.safetensors").read_bytes() == weights
    assert not [path for path in out.rglob("*") if path.name.startswith(".writing-")]


def test_a_full_demo_has_three_runs_of_each_autoencoder_and_the_same_default() -> None:
    short, full = demo_runs(DemoConfig()), demo_runs(DemoConfig(full=True))
    assert list(short) == ["fusion", "reconstruction-0", "contrastive-0"]
    assert len(full) == 1 + 2 * 3 and short.items() <= full.items()
    assert demo_runs(DemoConfig(full=True, seeds=5)).keys() > full.keys()


def test_names_in_brackets_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console.print("left out: cam [front]")
    with progress() as bar:
        bar.add_task("cam [front]", total=1)
    assert capsys.readouterr().err.count("cam [front]") == 2


def test_a_reader_that_stops_reading_is_no_error() -> None:
    command = [sys.executable, "-m", "scenewise", "datasets", "list"]  # printed as every command's result is
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert done.returncode == 141 and "Traceback" not in done.stderr and "Broken" not in done.stderr
