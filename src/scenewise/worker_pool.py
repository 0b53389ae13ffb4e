"""Tasks shared out among processes of this machine; a process that dies costs its own task another try, and no more.

    pool ── task ──> process 1: opened once, then one task after the other ── row ──> pool
         ── task ──> process 2 ...

Every process has its own share of the processor's cores for the libraries that use threads.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from traceback import format_exc
from typing import Any, Generic, NamedTuple, TypeVar

from scenewise.errors import ScenewiseError

Task = TypeVar("Task")
Row = TypeVar("Row")
Report = Callable[[Any], None]
Worker = Callable[[Task, Report], Row]
"""What a process does with one task; `report` sends word of what is done so far."""

TRIES = 2
"""A task whose process dies is tried so many times: memory may have been short for once."""


class Died(NamedTuple):
    """Stands in the place of a row: every process that had the task died."""

    reason: str
    """How, such as "ended by signal 9"."""


class _Member(Generic[Task]):
    """One process, and the number of the task that it has."""

    def __init__(self, open_worker: Callable[[], Worker[Task, Any]], threads: int) -> None:
        # A forked process would share the locks of threads that it does not have.
        context = multiprocessing.get_context("spawn")
        self.connection, far = context.Pipe()
        self.process: BaseProcess = context.Process(target=_work, args=(far, open_worker, threads), daemon=True)
        self.process.start()
        far.close()  # so that the end of the process is the end of what can be received
        self.number: int | None = None

    def give(self, number: int, task: Task) -> None:
        """Let the process do `task`; if it is dead, its connection is at its end, which `wait` tells."""
        self.number = number
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(task)

    def death(self) -> str:
        """How the process, which has closed its connection, ended."""
        self.process.join()
        code = self.process.exitcode or 0
        return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_in_processes(
    tasks: Sequence[Task],
    open_worker: Callable[[], Worker[Task, Row]],
    workers: int,
    report: Callable[[int, Any], None],
) -> Iterator[tuple[int, Row | Died]]:
    """The number and the row of every task, as it is finished, from at most `workers` processes.

    `open_worker`, which can be pickled, is called once in each process. `report(number, word)` is called with every
    word that a worker sends of task `number`. What `open_worker` or a worker raises is raised here. When the caller
    stops early, the processes end.
    """
    waiting = list(range(len(tasks)))[::-1]
    tries = [0] * len(tasks)
    threads = max(1, cores() // workers)
    members: list[_Member[Task]] = []
    try:
        while waiting or any(member.number is not None for member in members):
            while waiting and len(members) < workers:
                members.append(_Member(open_worker, threads))
            for member in members:
                if waiting and member.number is None:
                    number = waiting.pop()
                    tries[number] += 1
                    member.give(number, tasks[number])
            for ready in wait([member.connection for member in members]):
                member = next(one for one in members if one.connection is ready)
                try:
                    kind, content = member.connection.recv()
                except (EOFError, ConnectionResetError):
                    members.remove(member)
                    lost, death = member.number, member.death()
                    member.connection.close()
                    if lost is None:
                        continue
                    if tries[lost] < TRIES:
                        waiting.append(lost)
                    else:
                        yield lost, Died(death)
                    continue
                if kind == "error":
                    raise content
                assert member.number is not None
                if kind == "word":
                    report(member.number, content)
                else:
                    done, member.number = member.number, None
                    yield done, content
    finally:
        for member in members:
            member.process.terminate()
        for member in members:
            member.process.join()
            member.connection.close()


def _work(connection: "Connection[Any, Any]", open_worker: Callable[[], Worker[Any, Any]], threads: int) -> None:
    """What a process does until no task comes any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes; the first one ends the others
    limit_threads(threads)
    try:
        worker = open_worker()
        while True:
            task = connection.recv()
            connection.send(("row", worker(task, lambda word: connection.send(("word", word)))))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the first process has ended
    except ScenewiseError as error:  # raised again by the first process
        connection.send(("error", error))
    except Exception:  # a fault of ours: it may be one that cannot be sent, but its traceback can
        connection.send(("error", RuntimeError(format_exc())))


def limit_threads(threads: int) -> None:
    """Let the libraries of this process use so many threads."""
    import cv2
    import torch

    cv2.setNumThreads(threads)
    torch.set_num_threads(threads)
