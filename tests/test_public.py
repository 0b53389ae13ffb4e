"""The public names, and the examples that use them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scenewise

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
STREET = re.compile(r"StreetConfig\((.*?)\)")
RUN_ALL = """
import runpy, shutil, sys
from pathlib import Path
out, *examples = map(Path, sys.argv[1:])
for number, example in enumerate(examples):
    if number:
        shutil.copytree(out / "0" / "street", out / str(number) / "street")
    print("== ", end="")
    sys.argv = [str(example), str(out / str(number))]
    runpy.run_path(str(example), run_name="__main__")
"""


def test_public_names_are_there() -> None:
    for name in scenewise.__all__:
        assert getattr(scenewise, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        scenewise.nothing  # noqa: B018


@pytest.mark.slow
def test_examples_run(tmp_path: Path) -> None:
    """One process runs them all, for its imports take longer than the work; each finds the street of the first."""
    street = None
    for example in EXAMPLES:
        text = example.read_text()
        assert "workers=1" in text or '__name__ == "__main__"' in text, "a script whose workers run it again is guarded"
        assert len(text.splitlines()) < 60
        street = street or STREET.findall(text)
        assert STREET.findall(text) == street, "all show the same street, which is rendered once here"
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, str(tmp_path), *map(str, EXAMPLES)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(EXAMPLES[0].parent)])},
    )
    assert done.returncode == 0, done.stderr
    printed = dict(zip(("", *(example.name for example in EXAMPLES)), done.stdout.split("== "), strict=True))
    for example in EXAMPLES:
        assert len(printed[example.name].splitlines()) > 1, f"{example.name} prints what it found"
