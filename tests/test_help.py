"""`--help`: groups with the basics first, every flag once, nothing cut; and where a command writes without --out."""

import re
from pathlib import Path

import pytest

from scenewise.cli import run
from scenewise.cli.app import app
from scenewise.cli.default_out import out_or_default

COMMANDS = ("extract", "train", "evaluate", "report", "score", "benchmark", "try", "split", "street", "demo", "accept")


def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """What `--help` prints in a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*arguments, "--help"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_stands_once_and_nothing_is_cut(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [command, *(["--method", "autoencoder"] if command == "train" else [])]
    text = shown(capsys, monkeypatch, *arguments)
    assert "…" not in text and max(map(len, text.splitlines())) <= 80
    flags = [flag for flag in re.findall(r"^│ [* ]{0,3}(--[a-z0-9-]+)", text, re.MULTILINE) if flag[:5] != "--no-"]
    known = {argument.name for argument in app[command].assemble_argument_collection()}
    assert sorted(flags) == sorted(name for name in known if name.startswith("--"))
    assert "--empty-" not in text and "[default: False]" not in text and "[default: ()]" not in text


@pytest.mark.parametrize("command", ["extract", "train", "evaluate", "score", "benchmark"])
def test_the_basics_come_first_and_what_every_command_has_last(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    headings = re.findall(r"^╭─ (.*?) ─+╮$", shown(capsys, monkeypatch, command), re.MULTILINE)
    assert headings[0] == "Arguments" and headings[-1] == "For every command" and len(headings) >= 4
    assert command == "evaluate" or headings[1] == "Basics"


def test_what_is_written_is_named_after_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert out_or_default(Path("given"), Path("cameras"), "features") == Path("given")
    assert capsys.readouterr().err == ""
    assert out_or_default(None, Path("data/cameras"), "features") == Path("cameras-features")
    assert capsys.readouterr().err == "writing to cameras-features, unless --out names another folder\n"
    assert out_or_default(None, Path("cameras-features"), "fusion") == Path("cameras-fusion")
    assert out_or_default(None, Path("cameras-fusion"), "scored") == Path("cameras-fusion-scored")
    assert out_or_default(None, Path("x"), "my.module:Class") == Path("x-my-module-Class")
    assert out_or_default(None, Path(), "features") == Path(f"{tmp_path.name}-features")


def test_a_default_folder_that_holds_something_else_is_left_alone(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    foreign = tmp_path / f"{tiny_dataset.name}-features"
    foreign.write_text("mine")
    assert run(["extract", str(tiny_dataset), "--encoder", "motion-grid"]) == 2
    printed = capsys.readouterr().err
    assert foreign.read_text() == "mine" and "found a file" in printed and "extract train" not in printed


def test_usage_lines_name_their_arguments(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (*COMMANDS, "schema", "datasets", "features"):
        assert "[ARGS]" not in shown(capsys, monkeypatch, command)
