"""Tasks in processes: every row comes back, a dying process costs its task one try, and errors are raised here."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from scenewise.errors import DataError
from scenewise.worker_pool import Died, Report, run_in_processes

pytestmark = pytest.mark.slow  # every process imports what it needs


def squares() -> Callable[[int, Report], int]:
    def square(task: int, report: Report) -> int:
        report(f"word of {task}")
        return task * task

    return square


def dying(folder: Path, times: int) -> Callable[[int, Report], int]:
    """Kills its own process at task 2, the first `times` times that it is tried."""

    def work(task: int, report: Report) -> int:
        if task == 2:
            (folder / str(time.perf_counter_ns())).touch()
            if len(list(folder.iterdir())) <= times:
                os.kill(os.getpid(), signal.SIGKILL)
        return task

    return work


def failing(error: Exception) -> Callable[[int, Report], int]:
    def work(task: int, report: Report) -> int:
        raise error

    return work


def never_opened() -> Callable[[int, Report], int]:
    raise DataError("no tools here")


def endless(folder: Path) -> Callable[[int, Report], int]:
    def work(task: int, report: Report) -> int:
        if task:
            (folder / str(os.getpid())).touch()
            time.sleep(600)
        while len(list(folder.iterdir())) < 1:
            time.sleep(0.01)
        return task

    return work


def silent(number: int, word: object) -> None:
    """Hears no word."""


def test_every_task_gives_its_row_and_its_words() -> None:
    words: list[tuple[int, object]] = []
    rows = dict(run_in_processes(range(7), squares, 2, lambda number, word: words.append((number, word))))
    assert rows == {number: number * number for number in range(7)}
    assert sorted(words) == [(number, f"word of {number}") for number in range(7)]


def test_a_task_whose_process_dies_once_is_done_by_another(tmp_path: Path) -> None:
    rows = dict(run_in_processes(range(5), partial(dying, tmp_path, 1), 2, silent))
    assert rows == {number: number for number in range(5)} and len(list(tmp_path.iterdir())) == 2


def test_a_task_that_kills_every_process_is_the_only_one_lost(tmp_path: Path) -> None:
    rows = dict(run_in_processes(range(5), partial(dying, tmp_path, 99), 2, silent))
    assert rows == {0: 0, 1: 1, 2: Died("ended by signal 9"), 3: 3, 4: 4}


def test_what_a_worker_raises_is_raised_here() -> None:
    with pytest.raises(DataError, match="broken input"):
        list(run_in_processes([1], partial(failing, DataError("broken input")), 1, silent))
    with pytest.raises(DataError, match="no tools here"):
        list(run_in_processes([1], never_opened, 1, silent))
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a fault of ours"):
        list(run_in_processes([1], partial(failing, ZeroDivisionError("a fault of ours")), 1, silent))


def test_processes_end_when_the_caller_stops(tmp_path: Path) -> None:
    rows = run_in_processes([0, 1], partial(endless, tmp_path), 2, silent)
    assert next(rows) == (0, 0)
    (still_at_work,) = (int(path.name) for path in tmp_path.iterdir())
    os.kill(still_at_work, 0)
    rows.close()  # type: ignore[attr-defined]  # a generator
    with pytest.raises(ProcessLookupError):
        os.kill(still_at_work, 0)
