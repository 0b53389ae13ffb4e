"""The states of a run: what it was trained to, and what was added to it since. Each of them can be brought back.

RUN/
├── run.json, model.safetensors, ...    the current state
├── history.json                        what was done, when and by whom, and which state is the current one
└── history/0/, history/2/, ...         the other states, each as a run folder that can be opened by itself

A state is a whole folder, and a change replaces the run as a whole. Files that two states share are kept once, as hard
links. What was made of a state, its evaluation and its report, stays with it.
"""

import getpass
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from scenewise.checksums import check, read_json, record_checksums, recorded_checksums
from scenewise.clock import clock
from scenewise.counted import counted
from scenewise.errors import ConfigError, IntegrityError
from scenewise.files import write_json
from scenewise.formats.json_text import Form
from scenewise.output_folder import OutputFolder
from scenewise.runs.run import RUN_JSON, open_run
from scenewise.scoring.level import shown

FORMAT = 1
HISTORY = "history.json"
STATES = "history"
"""The folder of the other states."""
TRAINED = "trained"


@dataclass(frozen=True)
class State:
    """One state of a run."""

    number: int
    parent: int | None
    """The state that it was made from; None for what `train` wrote."""
    what: str
    """What was done: trained, accepted."""
    when: str
    """ISO 8601, in UTC."""
    by: str
    """Who did it; empty if that is unknown."""
    details: dict[str, Any] = field(default_factory=dict)
    """Plain JSON: what belongs to that kind of change."""


@dataclass(frozen=True)
class History:
    """All states of a run."""

    states: tuple[State, ...]
    current: int
    """Number of the state that the run is in."""

    def state(self, number: int) -> State:
        """The state of that number. Raises ConfigError if there is none."""
        for state in self.states:
            if state.number == number:
                return state
        known = f"{counted(len(self.states), 'state')}: {', '.join(str(state.number) for state in self.states)}"
        raise ConfigError(f"--to {number}: there is no such state; the run has {known}")

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"format": FORMAT, "current": self.current, "states": [asdict(state) for state in self.states]}


class _State(Form):
    number: Annotated[int, Field(ge=0)]
    parent: int | None
    what: str
    when: str
    by: str
    details: dict[str, Any]


class _History(Form):
    current: int
    states: Annotated[list[_State], Field(min_length=1)]


def read_history(run: str | Path) -> History:
    """The history of the run in the folder `run`. Raises IntegrityError if there is no run, or a file was changed."""
    run = Path(run)
    open_run(run)
    if HISTORY not in recorded_checksums(run):
        trained = datetime.fromtimestamp((run / RUN_JSON).stat().st_mtime, UTC)
        return History((State(0, None, TRAINED, _as_text(trained), ""),), 0)
    described = read_json(run / HISTORY, _History, format_version=FORMAT)
    history = History(tuple(State(**state) for state in described["states"]), described["current"])
    numbers = [state.number for state in history.states]
    if history.current not in numbers or len(set(numbers)) < len(numbers):
        raise IntegrityError(f"{run / HISTORY}: its states do not go together; train again")
    return history


def in_lines(history: History) -> list[str]:
    """A line for each state: its number, `*` for the current one, what was done, when, by whom, from what."""
    return [
        f"{'*' if state.number == history.current else ' '} {state.number}  {state.when}  {state.what}{_about(state)}"
        for state in history.states
    ]


def _about(state: State) -> str:
    """` in state 1 by anna: gate, 2 of /videos/07.mp4 at 0:24.0, ...`, as far as it is known."""
    known = state.details
    made = ("" if state.parent in (None, state.number - 1) else f" from state {state.parent}") + (
        f" by {state.by}" if state.by else ""
    )
    if "video" not in known:
        return made
    footage = known.get("footage_sha256")
    parts = [
        str(known.get("scene", "")),
        f"event {known['event']} of {known['video']}" if "event" in known else str(known["video"]),
        f"{clock(known['start'])} to {clock(known['end'])}" if "start" in known else "",
        f"footage {footage[:12]}" if footage else "",
        f"{shown(known['before'])} -> {shown(known['after'])}" if "after" in known else "",
    ]
    return f"{made}: {', '.join(filter(None, parts))}"


def who() -> str:
    """The name of the user who runs this process; empty if the system does not know."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a number without a name, as in containers
        return ""


@contextmanager
def lock_run(run: Path) -> Iterator[None]:
    """Hold the run for this process, and finish or take back what a kill left. Raises ConfigError if it is held."""
    folder = OutputFolder(run, "a run")
    with folder.lock():
        folder.recover()
        yield


@contextmanager
def next_state(run: Path, what: str, details: dict[str, Any], by: str) -> Iterator[Path]:
    """Give a folder with all files of the current state, to be changed; on leaving without an error it is the next.

    Write files whole (`write_bytes`, `write_json`): they may be links to those of the current state. The caller holds
    `lock_run`. After an error or a kill, the run is as it was before.
    """
    history = read_history(run)
    number = max(state.number for state in history.states) + 1
    state = State(number, history.current, what, _as_text(datetime.now(UTC)), by, details)
    with OutputFolder(run, "a run").replace() as fresh:
        for name in recorded_checksums(run):
            if name != HISTORY and not name.startswith(f"{STATES}/"):
                _link(check(run / name, run), fresh / name)
        _keep_others(run, fresh, history, leaving_out=number)
        yield fresh
        write_json(fresh / HISTORY, History((*history.states, state), number).as_json())


def undo(run: str | Path, to: int | None = None) -> History:
    """Bring the run in the folder `run` back to the state `to`, by default the one before the current one.

    A state that was undone can be brought back likewise. Raises ConfigError if there is no such state, or another
    command is writing the run; IntegrityError if a file of the state was changed.
    """
    run = Path(run)
    with lock_run(run):
        history = read_history(run)
        target = history.state(history.current).parent if to is None else history.state(to).number
        if target is None:
            raise ConfigError(f"{run}: is as it was trained, and there is nothing to undo; see: scenewise history")
        if target == history.current:
            return history
        kept = run / STATES / str(target)
        open_run(kept)
        recorded = recorded_checksums(kept)
        for name in recorded:
            check(kept / name, kept)
        pages = [path.name for path in kept.iterdir() if path.is_file() and path.name not in recorded]
        changed = History(history.states, target)
        with OutputFolder(run, "a run").replace(unrecorded=pages) as fresh:
            _link_tree(kept, fresh)
            _keep_others(run, fresh, history, leaving_out=target)
            write_json(fresh / HISTORY, changed.as_json())
    return changed


def _keep_others(run: Path, fresh: Path, history: History, leaving_out: int) -> None:
    """Link all states but `leaving_out` into `fresh`/history: the current one of `run`, and those kept there."""
    for state in history.states:
        if state.number == leaving_out:
            continue
        kept = fresh / STATES / str(state.number)
        if state.number == history.current:
            _link_tree(run, kept, without=(HISTORY, STATES))
            record_checksums(kept, ())  # without the history, which is that of the run
        else:
            _link_tree(run / STATES / str(state.number), kept)


def _link_tree(source: Path, target: Path, without: Sequence[str] = ()) -> None:
    """Link the files of a folder, at any depth; links and hidden files are left out."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.name in without or path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            _link_tree(path, target / path.name)
        else:
            _link(path, target / path.name)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _as_text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
