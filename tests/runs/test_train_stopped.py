"""The command `train`, stopped by Ctrl-C or killed, and resumed: the same weights as without the interruption."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scenewise.cli import run as command
from scenewise.features.store import FeatureStore
from scenewise.output_folder import OutputFolder

FLAGS = ["--method", "autoencoder",
         "--steps", "150", "--segments-per-scene", "6", "--width", "16", "--latent", "8", "--feed-forward", "16",
         "--checkpoint-every", "10", "--segment-length", "8", "--keep-checkpoints", "3", "--device", "cpu"]  # fmt: skip
RUN = ["model.safetensors", "calibration.json", "log.csv", "kept/step-000100.safetensors"]


@pytest.mark.slow
def test_a_stopped_command_is_resumed_to_the_same_weights(
    make_store: Callable[..., FeatureStore], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    features = str(make_store({"a": [60, 60], "b": [60, 60]}).folder)
    whole = tmp_path / "whole"
    assert command(["train", features, "--out", str(whole), *FLAGS]) == 0
    for by in (signal.SIGINT, signal.SIGKILL):
        cut = tmp_path / by.name
        stopped_and_resumed(features, cut, by, capsys)
        for name in RUN:
            assert (cut / name).read_bytes() == (whole / name).read_bytes(), (by, name)


def stopped_and_resumed(features: str, cut: Path, by: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "scenewise", "train", features, "--out", str(cut), *FLAGS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background ignores it
    )
    checkpoints = OutputFolder(cut, "a run").unfinished / "checkpoints"
    while not list(checkpoints.glob("step-*.json")) and process.poll() is None:
        time.sleep(0.002)
    assert process.poll() is None, "it ended before it could be stopped"
    os.kill(process.pid, by)
    printed, error = process.communicate(timeout=60)
    assert printed == "" and "Traceback" not in error and not cut.exists()
    if by == signal.SIGINT:
        assert process.returncode == 130 and "--resume" in error
    capsys.readouterr()
    assert command(["train", features, "--out", str(cut), *FLAGS]) == 2
    assert "--resume" in capsys.readouterr().err
    assert command(["train", features, "--out", str(cut), *FLAGS, "--resume"]) == 0
    assert not checkpoints.parent.exists()
