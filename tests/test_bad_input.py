"""What goes wrong outside the program: one clear line, the right exit code, nothing half-written.

Damaged labels, features and runs are tested beside what reads them (evaluation/test_protocol.py, features/, segments/).
"""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cyclopts import App

from scenewise import checksums, files
from scenewise.cli import run

pytestmark = pytest.mark.slow

SMALL = ["--method", "autoencoder",
         "--steps", "4000", "--segments-per-scene", "4", "--width", "16", "--latent", "8", "--feed-forward", "16",
         "--checkpoint-every", "10", "--device", "cpu"]  # fmt: skip


@pytest.fixture(scope="module")
def extracted(tiny_dataset_of_all: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    features = tmp_path_factory.mktemp("extracted") / "features"
    assert extract(tiny_dataset_of_all, features) == 0
    return features


def extract(data: Path, out: Path) -> int:
    return run(["extract", str(data), "--out", str(out), "--encoder", "motion-grid", "--no-objects"])


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, "No space left"), (errno.EROFS, "Read-only"), (errno.EACCES, "Permission")]
)
def test_a_target_that_cannot_be_written(
    tiny_dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    told: str,
) -> None:
    def fails(descriptor: int) -> None:
        raise OSError(number, os.strerror(number), "features")

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", fails)
        assert extract(tiny_dataset, tmp_path / "f") == 2
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error
    assert not [path for path in (tmp_path / "f").rglob("*") if path.is_file()]
    assert extract(tiny_dataset, tmp_path / "f") == 0


def test_a_target_that_is_a_file(tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f").write_text("mine")
    assert extract(tiny_dataset, tmp_path / "f") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert (tmp_path / "f").read_text() == "mine"


@pytest.mark.parametrize("out", ["afile/inside", "/proc/nothing", "/proc/nothing/inside"])
def test_a_target_that_cannot_be_made(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    if out.startswith("/proc") and not Path("/proc").is_dir():
        pytest.skip("this system has no /proc")
    (tmp_path / "afile").write_text("mine")
    assert extract(tiny_dataset, tmp_path / out) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert str(tmp_path / out).removesuffix("/inside") in error and "choose another path" in error


def test_a_full_disk_names_the_target_though_the_system_does_not(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", fails)
    assert extract(tiny_dataset, tmp_path / "f") == 2
    assert str(tmp_path / "f") in capsys.readouterr().err


def test_a_missing_file_that_nobody_named_is_a_fault_of_ours(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from scenewise.features import extract as module

    monkeypatch.setattr(module, "load_dataset", lambda root: Path("/nowhere/template").read_bytes())
    assert extract(tiny_dataset, tmp_path / "f") == 1
    assert "FileNotFoundError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["extract", "d", "--out", "f"], "the same command goes on from here"),
        (["street", "d"], "the same command goes on from here"),
        (["demo"], "the same command goes on from here"),
        (["score", "r", "v.mp4", "--out", "s"], "the same command goes on from here"),
        (["train", "f", "--out", "r"], "the same command with --resume goes on"),
        (["evaluate", "r"], "the same command starts it again"),
        (["report", "r"], "the same command starts it again"),
    ],
)
def test_ctrl_c_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    def stopped(arguments: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(App, "__call__", lambda app, arguments: stopped(arguments))
    assert run(command) == 130
    assert words in capsys.readouterr().err


def test_a_fault_of_ours_is_a_traceback_and_exit_code_1(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from scenewise.features import extract as module

    monkeypatch.setattr(module, "load_dataset", lambda root: 1 / 0)
    assert extract(tiny_dataset, tmp_path / "f") == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_ctrl_c_leaves_what_can_be_gone_on_with(tiny_dataset: Path, tmp_path: Path) -> None:
    features = tmp_path / "features"
    command = ["extract", str(tiny_dataset), "--out", str(features), "--encoder", "motion-grid", "--no-objects"]
    command += ["--block", "4"]
    process = subprocess.Popen(
        [sys.executable, "-m", "scenewise", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background ignores it
    )
    while not features.exists() and process.poll() is None:
        time.sleep(0.005)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    printed, error = process.communicate(timeout=60)
    assert process.returncode == 130 and "stopped" in error and "Traceback" not in error and printed == ""
    assert run(command) == 0


@pytest.mark.parametrize("name", ["manifest.json", "train/road/00/000000.safetensors"])
def test_a_changed_byte_in_the_features_is_named(
    extracted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    features = Path(shutil.copytree(extracted, tmp_path / "features"))
    path = features / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert run(["train", str(features), "--out", str(tmp_path / "run"), *SMALL]) == 2
    assert path.name in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "run" / "run.json").exists()


def test_features_from_a_newer_version(extracted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    features = Path(shutil.copytree(extracted, tmp_path / "features"))
    manifest = json.loads((features / "manifest.json").read_text()) | {"format": 99}
    files.write_json(features / "manifest.json", manifest)
    checksums.record_checksums(features, ["manifest.json"])
    assert run(["train", str(features), "--out", str(tmp_path / "run"), *SMALL]) == 2
    assert "newer" in capsys.readouterr().err
