"""The public names, and the examples that use them."""

import subprocess
import sys
from pathlib import Path

import pytest

import scenewise

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


def test_public_names_are_there() -> None:
    for name in scenewise.__all__:
        assert getattr(scenewise, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        scenewise.nothing  # noqa: B018


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_examples_run(example: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(example), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
