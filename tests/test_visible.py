"""Control, direction and zero-width characters in names are shown, wherever names are shown."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from scenewise.cli import run
from scenewise.features.store import FeatureStore
from scenewise.progress import note, progress, say
from scenewise.visible import visible, visible_lines, visible_values
from writing_commands import AUTOENCODER

DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\xad\u180e"
CONTROLS = "".join(map(chr, [*range(32), *range(127, 160)]))
SHOWN_IN_TEXT = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that show something: signs of Arabic, Syriac and Kaithi numbers and verses."""
HOSTILE = {"\x1b[31mred\x1b]0;title\x07": "\\u001b[31mred\\u001b]0;title\\u0007", "\u202egpj.live": "\\u202egpj.live"}


def test_whatever_shows_nothing_is_escaped_and_all_else_stays() -> None:
    for number in range(0x110000):
        one = chr(number)
        hidden = unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") and one not in SHOWN_IN_TEXT
        assert (visible(one) != one) == hidden or "\U000e0000" <= one <= "\U000e0fff" or unassigned(one), hex(number)
    for one in DIRECTIONS + ZERO_WIDTH + CONTROLS + "\u2028\u2029\udcff":
        assert visible(f"a{one}b") == f"a\\u{ord(one):04x}b"
    assert visible("Straße 7, 駅前, مدخل, 👍🏽 [x]\\n") == "Straße 7, 駅前, مدخل, 👍🏽 [x]\\n"


def unassigned(one: str) -> bool:
    return unicodedata.category(one) == "Cn"


def test_lines_and_values() -> None:
    assert visible_lines("a\n\tb\x1b\r") == "a\n\tb\\u001b\\u000d"
    text = json.dumps({"a\x7f\u202e": ["\x1b", 1.5, None]})
    assert json.loads(visible_lines(text)) == json.loads(text)
    assert visible_values({"a\x1b": ["\u202e", {"b": (1, None, "\n")}]}) == {
        "a\\u001b": ["\\u202e", {"b": [1, None, "\\u000a"]}]
    }


def test_notes_and_progress_show_them(capsys: pytest.CaptureFixture[str]) -> None:
    for name, shown in HOSTILE.items():
        note(name)
        say(f"{name}\nnote: forged")
        with progress() as bar:
            bar.add_task(name, total=1)
        error = capsys.readouterr().err
        assert error.count(shown) == 3 and name not in error and "\nnote: forged" not in error


@pytest.fixture
def hostile_run(make_store: Callable[..., FeatureStore], tmp_path: Path) -> Path:
    """A run of scenes with such names."""
    features = make_store({name: [40, 40] for name in HOSTILE}, {name: [30] for name in HOSTILE}).folder
    assert run(["train", str(features), "--out", str(tmp_path / "run"), *AUTOENCODER.split()]) == 0
    return tmp_path / "run"


def test_results_errors_tables_and_reports_show_them(hostile_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(hostile_run)]) == 0
    printed = capsys.readouterr()
    for name, shown in HOSTILE.items():
        assert name not in printed.out + printed.err and shown[:20] in printed.out
    for name, shown in HOSTILE.items():
        assert run(["evaluate", str(hostile_run.parent / name)]) == 2
        error = capsys.readouterr().err
        assert shown in error and name not in error and error.count("\n") == 1
    pictures = hostile_run.parent / "png"
    assert run(["report", str(hostile_run), "--png", str(pictures)]) == 0
    page = (hostile_run / "report.html").read_text()
    for text in (page, *(path.read_text() for path in pictures.glob("*.svg"))):
        assert not set(text) & set(DIRECTIONS + ZERO_WIDTH + CONTROLS) - {"\n", "\t"}
    assert all(shown in page for shown in HOSTILE.values())
    for path in pictures.glob("*.svg"):
        ElementTree.parse(path)
    capsys.readouterr()
    assert run(["report", str(hostile_run), "--json"]) == 0
    json.loads(capsys.readouterr().out)


def test_a_name_of_several_lines_is_one_line_of_a_result(
    tiny_dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.move(tiny_dataset / "train/road", tiny_dataset / "train/road\nnothing is wrong")
    assert run(["datasets", "check", str(tiny_dataset)]) == 2
    out = capsys.readouterr().out
    assert "road\\u000anothing is wrong" in out and "nothing is wrong" not in out.splitlines()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_result_that_cannot_be_printed_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "scenewise", "datasets", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "standard output: No space left" in done.stderr
