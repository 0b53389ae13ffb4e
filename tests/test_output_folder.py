"""The folder a command writes: for one command at a time, whole or absent, and never anybody else's."""

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from scenewise.checksums import check, record_checksums, recorded_checksums
from scenewise.errors import ConfigError, IntegrityError
from scenewise.output_folder import OutputFolder, lock_all

NAME = "result"


@pytest.fixture
def out(tmp_path: Path) -> OutputFolder:
    return OutputFolder(tmp_path / NAME, "a result")


def write(out: OutputFolder, text: str, resume: bool = False) -> None:
    with out.replace(resume=resume) as folder:
        (folder / "part").mkdir(exist_ok=True)
        (folder / "part" / "values.txt").write_text(text)


def value(out: OutputFolder) -> str:
    """What `write` wrote, checked against SHA256SUMS."""
    return check(out.path / "part" / "values.txt", out.path).read_text()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def another_process(code: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs `code` and waits after its first line of output, until it is killed."""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def holder(path: Path) -> str:
    return (
        "from pathlib import Path; from scenewise.output_folder import OutputFolder\n"
        f"with OutputFolder(Path({str(path)!r}), 'a result').lock(): print('held', flush=True); input()\n"
    )


def test_the_second_process_gets_one_clear_line(out: OutputFolder, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(NAME)
    with another_process(holder(out.path)) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        for path in (out.path, tmp_path / "." / NAME, tmp_path / "link"):
            with pytest.raises(ConfigError) as refused, OutputFolder(path, "a result").lock():
                pass
            assert str(path) in str(refused.value) and "\n" not in str(refused.value)
        with OutputFolder(tmp_path / "other", "a result").lock():
            pass
        process.kill()
        process.wait()
        with out.lock():  # the kernel released it
            pass
    assert names_in(tmp_path) == ["link"]


def test_a_lock_is_gone_afterwards_and_a_leftover_locks_nothing(out: OutputFolder, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), out.lock():
        (lock,) = tmp_path.iterdir()
        assert lock.name.startswith(".")
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    lock.touch()
    with out.lock():
        pass
    assert not list(tmp_path.iterdir())
    lock.symlink_to("elsewhere")
    with pytest.raises(OSError), out.lock():
        pass
    assert names_in(tmp_path) == [lock.name], "a link is not followed"


def test_a_lock_leaves_no_folders_behind(tmp_path: Path) -> None:
    for name in ("runs/first/evaluation", "runs/second/evaluation"):
        with OutputFolder(tmp_path / name, "a result").lock():
            pass
    assert not list(tmp_path.iterdir())
    out = OutputFolder(tmp_path / "runs" / "third", "a result")
    with out.lock():
        write(out, "1")
    assert value(out) == "1"


def test_a_file_system_without_locks_is_named_once(
    out: OutputFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(FileLock, "acquire", fails)
    for text in ("1", "2"):
        with out.lock():
            write(out, text)
    assert value(out) == "2"
    assert capsys.readouterr().err.count("without locks") == 1


def test_success_replaces_the_whole_and_lists_everything(out: OutputFolder, tmp_path: Path) -> None:
    with out.replace() as folder:
        assert folder == out.unfinished and not list(folder.iterdir()) and not out.path.exists()
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "deep" / "er" / "a.txt").write_text("a")
        (folder / ".hidden").write_text("h")
        (folder / ".writing-b.txt").write_text("half")
        (folder / "link").symlink_to("deep/er/a.txt")
    assert names_in(out.path) == [".hidden", "SHA256SUMS", "deep", "link"]
    assert recorded_checksums(out.path).keys() == {"deep/er/a.txt", ".hidden"}
    (out.path / ".mine" / "x").mkdir(parents=True)
    out.path.joinpath("deep", ".notes").write_text("mine")
    write(out, "new")
    assert value(out) == "new" and names_in(tmp_path) == [NAME]
    assert names_in(out.path) == [".mine", "SHA256SUMS", "deep", "part"], "hidden files of the user's stay"
    assert names_in(out.path / "deep") == [".notes"] and (out.path / ".mine" / "x").is_dir()


@pytest.mark.parametrize("before", [True, False])
def test_an_error_changes_nothing(out: OutputFolder, tmp_path: Path, before: bool) -> None:
    if before:
        write(out, "old")
    with pytest.raises(RuntimeError), out.replace() as folder:
        (folder / "half.txt").write_text("half")
        raise RuntimeError
    assert names_in(tmp_path) == [NAME] * before
    assert not before or value(out) == "old"


def test_resuming_keeps_what_a_stopped_command_left(out: OutputFolder, tmp_path: Path) -> None:
    write(out, "old")
    with pytest.raises(KeyboardInterrupt), out.replace(resume=True) as folder:
        (folder / "first.txt").write_text("1")
        raise KeyboardInterrupt
    assert value(out) == "old" and names_in(out.unfinished) == ["first.txt"]
    with out.replace(resume=True) as folder:
        assert (folder / "first.txt").read_text() == "1"
        (folder / "second.txt").write_text("2")
    assert names_in(out.path) == ["SHA256SUMS", "first.txt", "second.txt"] and names_in(tmp_path) == [NAME]
    with pytest.raises(RuntimeError), out.replace(resume=True) as folder:
        (folder / "left.txt").write_text("left")
        raise RuntimeError
    with out.replace() as folder:
        assert not list(folder.iterdir()), "without resume it begins again"


@pytest.mark.parametrize(("kept", "expected"), [(0, "old"), (1, "old"), (2, "new")])
def test_a_kill_between_the_renames_loses_nothing(out: OutputFolder, tmp_path: Path, kept: int, expected: str) -> None:
    """Killed before the old folder steps aside, before the new one takes its place, and before the old one is gone."""
    write(out, "old")
    (out.path / ".mine").write_text("mine")
    code = f"""
import os, shutil, signal
from pathlib import Path
from scenewise.output_folder import OutputFolder

rename, left = os.rename, {kept}

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def counted(*paths, **more):
    global left
    if not left:
        killed()
    left -= 1
    rename(*paths, **more)

shutil.rmtree = killed
with OutputFolder(Path({str(out.path)!r}), "a result").replace() as folder:
    (folder / "part").mkdir()
    (folder / "part" / "values.txt").write_text("new")
    os.rename = counted
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    out.recover()
    assert value(out) == expected and (out.path / ".mine").read_text() == "mine"
    write(out, "next")
    assert value(out) == "next" and names_in(tmp_path) == [NAME]


@pytest.mark.parametrize("resume", [True, False])
def test_planted_links_are_not_followed(out: OutputFolder, tmp_path: Path, resume: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.txt").write_text("mine")
    out.unfinished.symlink_to(elsewhere)
    (tmp_path / f".old-{NAME}").symlink_to(elsewhere)
    write(out, "1", resume)
    write(out, "2", resume)
    assert value(out) == "2" and not out.path.is_symlink()
    assert names_in(elsewhere) == ["precious.txt"] and names_in(tmp_path) == ["elsewhere", NAME]


def test_a_link_or_a_file_is_refused_before_the_work(out: OutputFolder, tmp_path: Path) -> None:
    def refused() -> None:
        with pytest.raises(ConfigError, match=NAME):
            out.refuse_foreign()
        with pytest.raises(ConfigError, match=NAME), out.replace():
            pytest.fail("the work began")

    (tmp_path / "elsewhere").mkdir()
    for target in ("elsewhere", "nowhere"):
        out.path.symlink_to(target)
        refused()
        assert out.path.is_symlink()
        out.path.unlink()
    out.path.write_text("mine")
    refused()
    with pytest.raises(ConfigError, match="found a file"):
        out.record_settings({})
    assert out.path.read_text() == "mine"


def test_other_files_are_named_and_kept(out: OutputFolder, tmp_path: Path) -> None:
    out.refuse_foreign()  # a new folder
    write(out, "1")
    (out.path / ".hidden").write_text("")
    (out.path / "part" / ".writing-x").write_text("")
    out.refuse_foreign()
    for name in ("diary.txt", "part/diary.txt", "more/of/it.txt"):
        path = out.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
        with pytest.raises(ConfigError, match=name):
            out.refuse_foreign()
        with pytest.raises(ConfigError, match=name):
            out.refuse_foreign(lambda _: False)
        out.refuse_foreign(lambda found, name=name: found == name)
        assert path.read_text() == "mine"
        path.unlink()
    (out.path / "part" / "link").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="part/link"):
        out.refuse_foreign()
    (out.path / "part" / "link").unlink()
    (out.path / "SHA256SUMS").write_text("damaged")
    with pytest.raises(ConfigError, match=r"values\.txt"):
        out.refuse_foreign()


@pytest.mark.parametrize("length", [100, 250, 255])
def test_names_of_any_length(tmp_path: Path, length: int) -> None:
    out, other = (OutputFolder(tmp_path / (letter * length), "a result") for letter in "ab")
    assert out.unfinished != other.unfinished
    with out.lock(), other.lock():
        write(out, "1")
        write(out, "2")
    assert value(out) == "2" and names_in(tmp_path) == ["a" * length]


@pytest.mark.parametrize("path", [".", "sub/.."])
def test_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    (tmp_path / NAME / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / NAME)
    out = OutputFolder(Path(path), "a result")
    with out.lock():
        with pytest.raises(ConfigError), OutputFolder(tmp_path / NAME, "a result").lock():
            pass
        assert out.unfinished.parent.samefile(tmp_path)


SETTINGS = st.dictionaries(
    st.sampled_from(["steps", "street_seed", "size", "methods", "objects", "threshold"]),
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
    )
    | st.tuples(st.text(max_size=3), st.text(max_size=3)),
    min_size=1,
)


@given(SETTINGS, SETTINGS)
def test_a_claim_accepts_the_same_settings_and_names_the_flags_that_differ(
    settings: dict[str, object], others: dict[str, object]
) -> None:
    now = {name: others.get(name, value) for name, value in settings.items()}
    differing = {name for name in now if now[name] != settings[name]}
    now = {name: now[name] if name in differing else settings[name] for name in now}  # 0 and False are equal
    with tempfile.TemporaryDirectory() as folder:
        out = OutputFolder(Path(folder), "a demo")
        out.record_settings(settings)
        written = {path.name: path.read_bytes() for path in out.path.iterdir()}
        assert written.keys() == {"demo.json", "SHA256SUMS"}
        out.record_settings(settings)
        if differing:
            with pytest.raises(ConfigError) as refused:
                out.record_settings(now)
            flags = str(refused.value).partition("(")[2]
            assert all((f"--{name.replace('_', '-')} " in flags) == (name in differing) for name in now)
        else:
            out.record_settings(now)
        assert {path.name: path.read_bytes() for path in out.path.iterdir()} == written


def test_additions_are_accepted_in_one_direction(out: OutputFolder) -> None:
    settings = {"steps": 10, "methods": ("a", "b")}
    out.record_settings(settings)
    with pytest.raises(ConfigError, match="--steps 10, now 11"):
        out.record_settings({**settings, "steps": 11}, {"steps": (10, 12)})
    out.record_settings({**settings, "steps": 12}, {"steps": (10, 12)})
    with pytest.raises(ConfigError, match="--steps 12, now 10"):
        out.record_settings(settings, {"steps": (10, 12)})


def test_a_changed_claim_is_noticed(out: OutputFolder) -> None:
    out.record_settings({"steps": 10})
    path = out.path / "result.json"
    record_checksums(out.path, [path.name])
    path.write_bytes(path.read_bytes().replace(b"10", b"11"))
    with pytest.raises(IntegrityError, match=r"result\.json"):
        out.record_settings({"steps": 10})


def test_a_temporary_folder_that_was_removed_or_replaced_is_told(out: OutputFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious.txt").write_text("mine")
    write(out, "old")

    def link(folder: Path) -> None:
        folder.symlink_to(elsewhere)

    for replaced_by in (lambda folder: None, Path.mkdir, link):
        with pytest.raises(IntegrityError, match="while the command ran"), out.replace() as folder:
            shutil.rmtree(folder)
            replaced_by(folder)
        assert value(out) == "old" and names_in(tmp_path) == ["elsewhere", NAME]
    with pytest.raises(IntegrityError, match="while the command ran"), out.replace() as folder:
        shutil.rmtree(folder)
        (folder / "later.txt").write_text("written by name")
    with pytest.raises(FileNotFoundError), out.replace():
        Path("nowhere", "else").read_bytes()
    assert value(out) == "old" and names_in(elsewhere) == ["precious.txt"]


def test_resuming_follows_no_link_that_lies_in_the_temporary_folder(out: OutputFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "step-1.json").write_text("mine")
    (out.unfinished / "deep").mkdir(parents=True)
    (out.unfinished / "checkpoints").symlink_to(elsewhere)
    (out.unfinished / "deep" / "log.csv").symlink_to(elsewhere / "step-1.json")
    with out.replace(resume=True) as folder:
        (folder / "checkpoints").mkdir()
        (folder / "deep" / "log.csv").write_text("log")
    assert names_in(elsewhere) == ["step-1.json"] and (elsewhere / "step-1.json").read_text() == "mine"


def test_a_link_is_refused_in_every_place_of_the_output(out: OutputFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "road").mkdir(parents=True)
    out.path.mkdir()
    out.refuse_link(out.path / "train" / "road" / "00")
    (out.path / "train").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match=f"{NAME}/train: .*found a link to"):
        out.refuse_link(out.path / "train" / "road" / "00")
    (tmp_path / "disk").symlink_to(tmp_path)
    OutputFolder(tmp_path / "disk" / NAME, "a result").refuse_link()  # folders above it may be links
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(ConfigError, match="found a link to nowhere"), OutputFolder(tmp_path / "link", "it").lock():
        pass


def test_all_of_several_folders_are_held_or_none(tmp_path: Path) -> None:
    folders = [OutputFolder(tmp_path / f"{number}", "a result") for number in range(5)]
    with folders[3].lock():
        with pytest.raises(ConfigError, match=str(folders[3].path)), lock_all(folders):
            pytest.fail("it went on")
        with folders[0].lock():
            pass
    with lock_all(folders):
        for folder in folders:
            with pytest.raises(ConfigError), folder.lock():
                pass
    assert not list(tmp_path.iterdir())


def test_more_folders_than_files_may_be_open(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_now = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc").is_dir() else 64
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 20, hard))
    try:
        with lock_all([OutputFolder(tmp_path / f"{number}", "a result") for number in range(60)]):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
