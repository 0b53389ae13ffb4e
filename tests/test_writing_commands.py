"""Commands that write: each alone on its target, which is there at the end; links and errors of the disk are told."""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from scenewise import output_folder
from scenewise.benchmark import make_runs
from scenewise.benchmark.run_in_process import make
from scenewise.cli import run
from scenewise.output_folder import OutputFolder
from watched_writes import watched
from writing_commands import COMMANDS, Command, make_world

pytestmark = pytest.mark.slow
EVERY = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
ALL_BUT_LONG = pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one.name not in ("demo", "benchmark")], ids=lambda command: command.name
)


@pytest.fixture(scope="module")
def world(tiny_dataset_of_all: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_world(tmp_path_factory.mktemp("world"), tiny_dataset_of_all)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes of other processes are not seen."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(make_runs, "in_child", make)


class Case:
    """A command with its own copy of what it writes into."""

    def __init__(self, command: Command, world: Path, place: Path) -> None:
        self.run = place / "run"
        place.mkdir(exist_ok=True)
        if command.needs_run:
            shutil.copytree(world / "run", self.run)
        self.place, self.arguments = place, command.arguments(world, place)
        self.outputs = command.written(world, place)
        self.target = self.outputs[0]

    def files(self) -> set[str]:
        return {
            path.relative_to(self.place).as_posix()
            for path in self.place.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }


@pytest.fixture
def case(command: Command, world: Path, tmp_path: Path) -> Case:
    return Case(command, world, tmp_path)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The only line of the error that a command printed, without its notes and its progress."""
    error = capsys.readouterr().err
    assert "Traceback" not in error, error
    (line,) = [line for line in error.splitlines() if line.startswith("scenewise: ")]
    return line


@contextmanager
def locks_recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[Path]]:
    """The places that are locked now."""
    held: set[Path] = set()
    real = output_folder.lock

    @contextmanager
    def recording(place: Path, refusal: str) -> Iterator[None]:
        with real(place, refusal):
            held.add(place)
            try:
                yield
            finally:
                held.discard(place)

    with monkeypatch.context() as patched:
        patched.setattr(output_folder, "lock", recording)
        yield held


def belongs_to(path: Path, place: Path) -> bool:
    """Whether a write to `path` is one to the locked `place`, or to a temporary name beside it."""
    beside = [place.with_name(f"{prefix}{place.name}") for prefix in ("", ".writing-", ".old-", ".lock-")]
    return any(path.is_relative_to(one) for one in beside)


@EVERY
def test_a_command_holds_its_target_from_the_first_write_to_the_last(
    case: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    second: list[tuple[int, str]] = []
    outside: list[str] = []
    by_second: list[Path] = []

    with locks_recorded(monkeypatch) as held:

        def on_write(kind: str, path: Path) -> None:
            if path.name.startswith(".lock-"):
                return
            if not any(belongs_to(path, place) for place in held):
                outside.append(f"{kind} {path}")
            elif not second:
                second.append((-1, "it did not come back"))
                capsys.readouterr()
                with watched(lambda kind, path: by_second.append(path), case.place):
                    code = run(case.arguments)
                second[0] = code, one_line(capsys)

        with watched(on_write, case.place):
            code = run(case.arguments)
    assert code == 0, capsys.readouterr().err
    assert not outside
    ((refused, line),) = second
    assert refused == 2 and "another command is writing" in line
    assert all(path.name.startswith(".lock-") for path in by_second), "it wrote before it was refused"
    assert all(path.exists() for path in case.outputs)
    assert not [path for path in case.place.rglob(".*") if path.name.startswith((".lock", ".writing", ".old"))]


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def rename(path: Path) -> None:
    if path.exists():
        path.rename(path.with_name(f"{path.name} moved"))


def renames_of(case: Case, target: Path, act: Callable[[int], None]) -> int:
    """Run the command with `act` called before each of its renames in or beside `target`; returns the exit code."""
    seen = -1

    def on_write(kind: str, path: Path) -> None:
        nonlocal seen
        if kind == "os.rename" and belongs_to(path, target):
            seen += 1
            act(seen)

    with watched(on_write, case.place):
        return run(case.arguments)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, tuple[int, set[str]]]:
    """{command: the number of its last rename, and the files that it leaves}, as they become known."""
    return {}


@ALL_BUT_LONG
@pytest.mark.parametrize(("moment", "vanish"), [(0.0, remove), (0.5, rename), (1.0, remove), (1.0, rename)])
def test_an_output_that_vanishes_meanwhile_is_told(
    command: Command,
    world: Path,
    undisturbed: dict[str, tuple[int, set[str]]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    vanish: Callable[[Path], None],
    moment: float,
) -> None:
    if command.name not in undisturbed:
        counted: list[int] = []
        clean = Case(command, world, tmp_path / "clean")
        assert renames_of(clean, clean.target, counted.append) == 0
        undisturbed[command.name] = counted[-1], clean.files()
    renames, files = undisturbed[command.name]
    at = round(moment * renames)
    case = Case(command, world, tmp_path / "cut")
    capsys.readouterr()

    def act(number: int) -> None:
        if number == at:
            for name in (case.target, case.target.with_name(f".writing-{case.target.name}")):
                vanish(name)

    code = renames_of(case, case.target, act)
    if code == 0:  # what it reports is all there
        assert all(path.exists() for path in case.outputs)
        kept = {name for name in case.files() if " moved" not in name}
        assert kept == files
        return
    line = one_line(capsys)
    assert code == 2 and str(case.place) in line


def at_first(vanish: Callable[[Path], None], path: Path, number: int) -> None:
    if number == 0:
        vanish(path)


def test_a_run_that_vanishes_while_it_is_evaluated_is_told(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("evaluate", "evaluate published"):
        (command,) = [one for one in COMMANDS if one.name == name]
        for number, vanish in enumerate((remove, rename)):
            case = Case(command, world, tmp_path / f"{name} {number}")
            capsys.readouterr()
            assert renames_of(case, case.target, partial(at_first, vanish, case.run)) == 2
            assert str(case.run) in one_line(capsys)
            assert not (case.run / "evaluation" / "metrics.json").exists()


def replaced_by(run_folder: Path, other: Path) -> None:
    shutil.rmtree(run_folder)
    shutil.copytree(other, run_folder)


@pytest.mark.parametrize("words", [["evaluate"], ["evaluate", "--protocol", "published"], ["report"]])
def test_a_run_that_is_replaced_while_it_is_read_is_never_mixed(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """Another training and its evaluation take the run's place after its first file was read."""
    from scenewise.report import scored_videos
    from scenewise.runs.run import Run

    other = tmp_path / "other"
    flags = ["--method", "autoencoder", "--steps", "5", "--segments-per-scene", "2", "--width", "16"]
    assert run(["train", str(world / "features"), "--out", str(other), *flags, "--segment-length", "8"]) == 0
    assert run(["evaluate", str(other)]) == 0
    shutil.copytree(world / "run", tmp_path / "run")
    module, name = (scored_videos, "in_scene_scale") if words == ["report"] else (Run, "content")
    real, done = getattr(module, name), []

    def late(*arguments: object) -> object:
        if not done:
            done.append(True)
            replaced_by(tmp_path / "run", other)
        return real(*arguments)

    monkeypatch.setattr(module, name, late)
    before = (other / "evaluation/metrics.json").read_bytes()
    capsys.readouterr()
    assert run([words[0], str(tmp_path / "run"), *words[1:]]) == 2
    assert str(tmp_path / "run") in one_line(capsys) and done
    assert (tmp_path / "run/evaluation/metrics.json").read_bytes() == before
    assert not (tmp_path / "run/report.html").exists()


def test_scorings_of_different_videos_into_one_folder_may_run_side_by_side(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, videos = tmp_path / "out", [str(world / "data" / name) for name in ("test/road/00.mp4", "train/road/01.mp4")]
    score = ["score", str(world / "run"), "--scene", "road", "--out", str(out)]
    with OutputFolder(out / "01", "a scored video").lock():
        assert run([*score, videos[0]]) == 0
        capsys.readouterr()
        assert run([*score, *videos, "--threshold", "2"]) == 2
        assert str(out / "01") in one_line(capsys)
        assert json.loads((out / "00/events.json").read_text())["threshold"]["value"] == 1.0
    assert sorted(path.name for path in out.iterdir()) == ["00", "index.html"]


@ALL_BUT_LONG
@pytest.mark.parametrize("dangling", [True, False])
def test_a_target_that_is_a_link_is_refused_before_the_work(
    case: Case, capsys: pytest.CaptureFixture[str], dangling: bool
) -> None:
    elsewhere = case.place / "elsewhere"
    if not dangling and case.target.suffix == ".html":
        elsewhere.write_text("precious")
    elif not dangling:
        elsewhere.mkdir()
        (elsewhere / "precious.txt").write_text("mine")
    if case.target.exists():
        remove(case.target)
    case.target.parent.mkdir(exist_ok=True)
    case.target.symlink_to(elsewhere)
    before, writes = case.files(), []
    capsys.readouterr()
    with watched(lambda kind, path: writes.append(path), case.place):
        assert run(case.arguments) == 2
    assert "found a link to" in one_line(capsys)
    assert all(path.name.startswith(".lock-") for path in writes)
    assert case.target.is_symlink() and case.files() == before


@ALL_BUT_LONG
@pytest.mark.parametrize("prefix", [".writing-", ".old-", ".lock-"])
def test_a_link_at_a_temporary_name_is_not_followed(
    case: Case, capsys: pytest.CaptureFixture[str], prefix: str
) -> None:
    elsewhere = case.place / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.txt").write_text("mine")
    case.target.parent.mkdir(exist_ok=True)
    planted = case.target.with_name(f"{prefix}{case.target.name}")
    planted.symlink_to(elsewhere / "precious.txt" if prefix == ".lock-" else elsewhere)
    capsys.readouterr()
    code = run(case.arguments)
    assert code == 0 or (code == 2 and one_line(capsys))
    assert [path.name for path in elsewhere.iterdir()] == ["precious.txt"]
    assert (elsewhere / "precious.txt").read_text() == "mine" and not case.target.is_symlink()


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("extract", "train"),
        ("extract", "test/road"),
        ("extract", "backgrounds"),
        ("features import", "train"),
        ("street", "labels"),
        ("demo", "runs"),
        ("demo", "street"),
        ("benchmark", "costs"),
    ],
)
def test_a_link_inside_the_target_is_refused_before_the_work(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, inside: str
) -> None:
    (command,) = [one for one in COMMANDS if one.name == name]
    case = Case(command, world, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (case.target / inside).parent.mkdir(parents=True)
    (case.target / inside).symlink_to(tmp_path / "elsewhere")
    capsys.readouterr()
    assert run(case.arguments) == 2
    line = one_line(capsys)
    assert f"out/{inside}" in line or f"found {inside}" in line
    assert not list((tmp_path / "elsewhere").iterdir())


NAMES = """ENOSPC EDQUOT EFBIG EIO ESTALE EMFILE ENFILE ENOMEM ETXTBSY EBUSY EROFS EACCES EPERM ENXIO ENODEV ENOTCONN
           EREMOTEIO ETIMEDOUT EAGAIN ENOTEMPTY EXDEV EOPNOTSUPP ENAMETOOLONG ELOOP"""


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one.name in ("train", "score --annotate")], ids=lambda one: one.name
)
@pytest.mark.parametrize("name", NAMES.split())
def test_what_the_system_refuses_in_the_middle_is_one_line(
    case: Case, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    number = getattr(errno, name)

    def refuse(seen: int) -> None:
        if seen == 2:
            raise OSError(number, os.strerror(number))

    capsys.readouterr()
    assert renames_of(case, case.target, refuse) == 2
    line = one_line(capsys)
    assert os.strerror(number) in line and str(case.place) in line and "; " in line
    assert not case.target.exists()


@EVERY
def test_a_disk_that_fails_in_the_middle_of_any_command_is_one_line(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(seen: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(case.target))

    capsys.readouterr()
    assert renames_of(case, case.target, refuse) == 2
    line = one_line(capsys)
    assert str(case.target) in line and "Input/output error" in line and "look after the disk" in line


def test_too_little_memory_is_one_line(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError("Unable to allocate 9 TiB")

    from scenewise.evaluation import protocol

    monkeypatch.setattr(protocol, "open_store", fails)
    assert run(["evaluate", str(world / "run")]) == 2
    assert "out of memory (Unable to allocate 9 TiB); " in one_line(capsys)
