"""An evaluation's folder: replaced as a whole, by one command at a time, and never with anybody else's files in it."""

import json
from pathlib import Path

import numpy as np
import pytest

from scenewise.checksums import check
from scenewise.errors import ConfigError
from scenewise.evaluation.folder import evaluation_to_write, write_evaluation


def write(run: Path, number: int, videos: tuple[str, ...] = ("a_00",)) -> None:
    with evaluation_to_write(run, "strict") as out:
        write_evaluation(out, {name: np.full(3, number, np.float32) for name in videos}, {"number": number})


def number_in(run: Path) -> int:
    folder = run / "evaluation"
    number = int(json.loads(check(folder / "metrics.json").read_text())["number"])
    for path in (folder / "scores").iterdir():
        assert (np.load(check(path, folder), allow_pickle=False) == number).all()
    return number


def test_it_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path, 1, ("a_00", "a_01"))
    (tmp_path / "evaluation" / "SHA256SUMS").unlink()  # the names still tell that all of it is ours
    write(tmp_path, 2)
    assert number_in(tmp_path) == 2
    assert [path.name for path in (tmp_path / "evaluation" / "scores").iterdir()] == ["a_00.npy"]
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation"]


@pytest.mark.parametrize("name", ["notes.txt", "scores/notes.txt", "a/b.npy"])
def test_other_files_are_not_lost(tmp_path: Path, name: str) -> None:
    write(tmp_path, 1)
    path = tmp_path / "evaluation" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(ConfigError, match=name):
        write(tmp_path, 2)
    assert path.read_text() == "mine"
    path.unlink()
    assert number_in(tmp_path) == 1


def test_two_commands_do_not_evaluate_a_run_at_once(tmp_path: Path) -> None:
    with evaluation_to_write(tmp_path, "strict"), pytest.raises(ConfigError, match="another command"):
        write(tmp_path, 1)
    with evaluation_to_write(tmp_path, "published"):
        write(tmp_path, 2)  # the other protocol has another folder
    assert number_in(tmp_path) == 2


def test_a_failing_evaluation_brings_back_the_one_that_a_kill_set_aside(tmp_path: Path) -> None:
    write(tmp_path, 1)
    (tmp_path / "evaluation").rename(tmp_path / ".old-evaluation")
    with pytest.raises(RuntimeError), evaluation_to_write(tmp_path, "strict"):
        raise RuntimeError
    assert number_in(tmp_path) == 1
