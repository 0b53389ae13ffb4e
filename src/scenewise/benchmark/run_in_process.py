"""One run of the benchmark in a separate process, so that its memory can be measured.

`python -m scenewise.benchmark.run_in_process` reads its job, one line of JSON, from standard input, which stays open:
when it closes, the parent has ended, and this process ends too. A user's mistake, or an error in a method of the user's
own, or what the system refuses, is reported to the parent as one line of JSON on standard output.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scenewise import errors
from scenewise.benchmark.cost import Cost, peak_memory, read_cost, time_scoring, write_cost
from scenewise.benchmark.side_by_side import Children
from scenewise.config import EvaluateConfig, Protocol
from scenewise.errors import ScenewiseError
from scenewise.output_folder import OutputFolder
from scenewise.plug_in import is_plug_in
from scenewise.progress import note
from scenewise.protocols import evaluate
from scenewise.runs.run import RUN_JSON, open_run
from scenewise.runs.train import train

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""What the libraries read that compute: with more threads, sums depend on how many there are."""
NOTE = "note: "


@dataclass(frozen=True)
class Job:
    """A run to train, to evaluate by some protocols, and to measure the cost of."""

    features: Path
    run: Path
    cost: Path
    method: str
    settings: dict[str, Any]
    protocols: Sequence[Protocol]
    evaluated: dict[str, Any]
    """What the evaluation is made from; it is recorded beside the cost."""
    metric: Sequence[str]
    """The figures that `--metric` names."""
    device: str
    commands: Sequence[str]
    optional: bool = False
    """Whether the benchmark goes on without it if the features do not allow it."""

    def as_line(self) -> str:
        """One line of JSON."""
        return json.dumps({**asdict(self), **{name: str(getattr(self, name)) for name in ("features", "run", "cost")}})

    @classmethod
    def from_line(cls, line: str) -> "Job":
        """The job that `as_line` made a line of."""
        described = json.loads(line)
        paths = {name: Path(described[name]) for name in ("features", "run", "cost")}
        return cls(**{**described, **paths})


def make(job: Job) -> None:
    """Make the run in this process; what an earlier process finished is kept. Raises what `train` and `evaluate` do.

    A run without the checkpoints that the job asks for is trained again, to the same weights.
    """
    if (job.run / RUN_JSON).exists() and not _has_wanted_files(job):
        with OutputFolder(job.run, "a run").lock():
            shutil.rmtree(job.run)
    trained_before = (job.run / RUN_JSON).exists()
    earlier = read_cost(job.cost)
    train(job.features, job.run, job.method, job.settings, resume=True, commands=job.commands)
    # If the run was trained before, its peak was recorded then; without a record it is unknown.
    known = earlier.peak_memory if trained_before else peak_memory()
    write_cost(job.cost, Cost(peak_memory=known))
    for protocol in job.protocols:
        metric = tuple(job.metric) if protocol == "strict" else ()
        evaluate(job.run, EvaluateConfig(protocol=protocol, metric=metric, device=job.device))
    seconds, frames = time_scoring(job.run, job.features, job.device)
    peak = None if known is None else max(known, peak_memory())
    write_cost(job.cost, Cost(peak, seconds, frames, job.evaluated))


def _has_wanted_files(job: Job) -> bool:
    """Whether the existing run holds the files that the job's settings add."""
    run = open_run(job.run)
    return all(getattr(run.settings, name) == job.settings.get(name) for name in run.method.adding_settings)


def in_child(job: Job, children: Children | None = None) -> None:
    """`make` in a separate process. Raises the ScenewiseError that it raised, or one if the process was killed.

    If it is one of several `children`, its bars are not shown, and its notes name the run.
    """
    command = [sys.executable, "-m", "scenewise.benchmark.run_in_process"]
    pipe, environment = subprocess.PIPE, {**os.environ, **ONE_THREAD}
    with ExitStack() as stack:
        said = None if children is None else stack.enter_context(tempfile.TemporaryFile("w+", errors="replace"))
        child = stack.enter_context(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=said, text=True, env=environment)
        )
        if children is not None:
            children.add(child)
            stack.callback(children.remove, child)
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(job.as_line() + "\n")
            child.stdin.flush()
        except BrokenPipeError:  # it was killed before it read its job, as its exit code says
            with suppress(BrokenPipeError):
                child.stdin.close()
        output = child.stdout.read()
        child.wait()
        if said is not None:
            said.seek(0)
            _say_for(job, said.read(), failed=child.returncode == 1)
    if child.returncode == 2 and output:
        error = json.loads(output.splitlines()[-1])
        if error["kind"] == OSError.__name__:
            raise OSError(*error["message"])
        if error["kind"] == MemoryError.__name__:
            raise MemoryError(error["message"])
        raise getattr(errors, error["kind"], ScenewiseError)(error["message"])
    if child.returncode == -2 or child.returncode == 130:
        raise KeyboardInterrupt
    if child.returncode < 0:
        raise ScenewiseError(
            f"{job.run}: its process was killed by signal {-child.returncode}, as the system does if memory runs out; "
            "free some memory, or lower --segments-per-scene, and give the command again to go on"
        )
    if child.returncode:
        raise RuntimeError(f"{job.run}: its process failed; see the traceback above")


def _say_for(job: Job, text: str, *, failed: bool) -> None:
    """Show what a process wrote on standard error while others ran beside it: its notes; all of it if it failed."""
    if failed:
        sys.stderr.write(text)
    for line in text.splitlines():
        if line.startswith(NOTE) and not failed:
            note(f"{job.run.name}: {line.removeprefix(NOTE)}")


def main() -> int:
    """Read the job and make its run, as the child process; returns the exit code."""
    job = Job.from_line(sys.stdin.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        make(job)
    except ScenewiseError as error:
        return _tell(type(error).__name__, str(error))
    except OSError as error:
        if error.errno is None:
            raise
        return _tell(OSError.__name__, [error.errno, error.strerror, error.filename and os.fsdecode(error.filename)])
    except MemoryError as error:
        return _tell(MemoryError.__name__, str(error))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not is_plug_in(job.method):
            raise
        return _tell(ScenewiseError.__name__, _fault_of(job.method, error))
    return 0


def _tell(kind: str, message: str | list[Any]) -> int:
    """Report a mistake, or what the system refused, to the parent; returns the exit code."""
    print(json.dumps({"kind": kind, "message": message}))
    return 2


def _fault_of(method: str, error: Exception) -> str:
    """One line on what a method of the user's own raised, and on which of its lines."""
    frames = traceback.extract_tb(error.__traceback__)
    own = getattr(sys.modules.get(method.partition(":")[0]), "__file__", None)
    frame = next((frame for frame in reversed(frames) if frame.filename == own), frames[-1])
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"--methods {method}: expected scores, but the method failed with {what} (in {frame.name}, {frame.filename}, "
        f"line {frame.lineno}); correct it and give the command again: what is finished stays"
    )


def _end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
