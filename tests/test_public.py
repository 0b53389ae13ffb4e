"""The public names, and the examples that use them."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scenewise

NOTEBOOK = Path(__file__).parents[1] / "examples" / "first_hour.ipynb"
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


def code_of(notebook: Path) -> list[str]:
    """The code cells of a notebook, in order."""
    cells = json.loads(notebook.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_cells(cells: list[str]) -> list[object]:
    """What each cell shows, run one after the other in one namespace: the value of its last line, as in Jupyter."""
    names: dict[str, object] = {"__name__": "__main__"}
    shown: list[object] = []
    for cell in cells:
        tree = ast.parse(cell)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        shown.append(None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names))
    return shown


def test_cells_share_a_namespace_and_show_their_last_value() -> None:
    assert run_cells(["one = 1", "two = one + 1\ntwo", "two"]) == [None, 2, 2]


def test_the_notebook_is_kept_without_outputs() -> None:
    notebook = json.loads(NOTEBOOK.read_text())
    assert notebook["nbformat"] == 4
    for cell in notebook["cells"]:
        assert cell["cell_type"] in ("markdown", "code") and cell["source"]
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.slow
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    cells = code_of(NOTEBOOK)
    shown = dict(zip(cells, run_cells(cells), strict=True))
    by_name = {cell.splitlines()[-1]: value for cell, value in shown.items()}
    assert repr(by_name["scores"]).startswith("Scores(000.mp4, walkway_b: ")
    assert repr(by_name["run"]).startswith("Loaded(fusion of ")
    assert by_name["scores.plot()"].axes[0].get_xlabel() == "seconds"
    row = by_name["table[int(scores.scores.argmax())]"]
    assert float(row["scene_score"]) == pytest.approx(by_name["scores"].scores.max(), abs=1e-4)
    assert "peak" in capsys.readouterr().out, "the video has an event"
