"""A missing path is said in the first second: before heavy imports, and with the name that was perhaps meant."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = {
    "extract camerass": "did you mean cameras?",
    "train camerass": "made by: scenewise extract",
    "evaluate camerass": "scenewise train",
    "report camerass": "scenewise train",
    "score camerass video.mp4": "scenewise train",
    "score cameras vide.mp4": "did you mean video.mp4?",
    "benchmark camerass": "of features",
    "try camerass": "recordings",
    "split camerass --out parts": "recordings",
    "datasets check camerass": "data set",
}


@pytest.mark.parametrize(("command", "told"), COMMANDS.items())
def test_a_missing_path_is_said_before_anything_heavy(command: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "cameras").mkdir()
    (tmp_path / "video.mp4").touch()
    code = (
        "import sys; from scenewise.cli import run; code = run(sys.argv[1:]); "
        "heavy = {'torch', 'transformers', 'openvino', 'av', 'cv2', 'numpy'} & sys.modules.keys(); "
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "there is no such" in done.stderr and told in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1 and [*tmp_path.iterdir()] != []
