"""benchmarks/gpu.py, which few machines can run in earnest: tried in small on the CPU, and without a GPU."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_script_measures_and_names_the_narrowest(tmp_path: Path) -> None:
    done = run("--device", "cpu", "--tiny", "--out", str(tmp_path / "gpu.json"))
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "gpu.json").read_text())
    for what in (
        "matrix products, bfloat16, TFLOP a second",
        "bare tower, float32, 4 a call, pictures a second",
        "encode, frames a second",
        "crops a second",
        "decoded by a process, 160x90, frames a second",
        "narrowest",
    ):
        assert what in found and what.split(",")[0] in done.stdout
    assert found["bare tower, float32, 4 a call, pictures a second"] > 0


@pytest.mark.slow
def test_without_a_gpu_the_script_says_so() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    done = run()
    assert done.returncode == 2 and done.stdout.startswith("no CUDA GPU") and "nothing was measured" in done.stdout
