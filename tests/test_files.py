"""Whole files and checksums."""

import subprocess
from pathlib import Path

import pytest

from scenewise.checksums import check, read_as_one, read_json, record_checksums, recorded_checksums, require_written
from scenewise.errors import IntegrityError
from scenewise.files import append_text, whole_file, write_bytes, write_json


def test_an_error_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_bytes(path, b"old")
    with pytest.raises(RuntimeError), whole_file(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_checksums_are_those_of_sha256sum(tmp_path: Path) -> None:
    for name in ("a.txt", "sub/b with space.txt"):
        write_bytes(tmp_path / name, name.encode())
    record_checksums(tmp_path, ["a.txt", "sub/b with space.txt"])
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_changed_byte_is_noticed_and_named(tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    write_bytes(path, bytes(range(64)))
    record_checksums(tmp_path, ["data.bin"])
    assert check(path) == path
    for position in range(64):
        content = bytearray(range(64))
        content[position] ^= 1
        path.write_bytes(content)
        with pytest.raises(IntegrityError, match=r"data\.bin"):
            check(path)


def test_missing_and_unlisted_files_are_refused(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"1")
    with pytest.raises(IntegrityError, match="not listed"):
        check(tmp_path / "a")
    with pytest.raises(IntegrityError, match="missing"):
        check(tmp_path / "b")


def test_lines_of_vanished_files_go(tmp_path: Path) -> None:
    for name in "ab":
        write_bytes(tmp_path / name, b"1")
    record_checksums(tmp_path, ["a", "b"])
    (tmp_path / "a").unlink()
    record_checksums(tmp_path, ["b"])
    assert list(recorded_checksums(tmp_path)) == ["b"]


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"format": 2})
    record_checksums(tmp_path, ["a.json"])
    assert read_json(tmp_path / "a.json", format_version=2)["format"] == 2
    with pytest.raises(IntegrityError, match="newer"):
        read_json(tmp_path / "a.json", format_version=1)


def test_json_never_holds_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not (tmp_path / "a.json").exists()


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    (tmp_path / ".writing-a.txt").symlink_to("precious.txt")
    write_bytes(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new" and not (tmp_path / "a.txt").is_symlink()
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_a_link_that_the_file_replaces_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    (tmp_path / "a.txt").symlink_to("precious.txt")
    write_bytes(tmp_path / "a.txt", b"new")
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_what_a_kill_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".writing-a.txt").write_bytes(b"half of something longer")
    write_bytes(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("name", ["a" * 250 + ".npy", "a" * 255, "é" * 125 + ".json"])
def test_names_of_any_length(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with whole_file(path) as temporary:
        assert temporary.suffix == path.suffix
        temporary.write_bytes(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("name", ["../precious", "/etc/passwd", "a/../../b", "./a", "a//b", "", "..", "a/\0"])
def test_a_list_that_names_files_outside_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  {name}\n")
    for read in (recorded_checksums, require_written):
        with pytest.raises(IntegrityError, match="SHA256SUMS: the line"):
            read(tmp_path)


@pytest.mark.parametrize(
    "name", ["two\nlines", "back\\slash", "a\rb", "\u2028\x85\x0b", "not utf-8 \udcff", "\\n", " a "]
)
def test_names_of_all_kinds_are_listed_as_sha256sum_lists_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"1")
    record_checksums(tmp_path, [name])
    assert recorded_checksums(tmp_path).keys() == {name} and check(tmp_path / name)
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_temporary_file_that_was_removed_or_replaced_is_told(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    path = tmp_path / "a.txt"
    for replace in (lambda one: None, lambda one: one.symlink_to("precious.txt"), lambda one: one.write_text("theirs")):
        with pytest.raises(IntegrityError, match=r"a\.txt: .*while the command ran"), whole_file(path) as temporary:
            temporary.unlink()
            replace(temporary)
        assert not path.exists() and (tmp_path / "precious.txt").read_text() == "mine"
    append_to = tmp_path / "link.csv"
    append_to.symlink_to("precious.txt")
    with pytest.raises(OSError):
        append_text(append_to, "more")
    with pytest.raises(FileNotFoundError):
        append_text(tmp_path / "gone.csv", "more")


def test_what_was_written_has_to_be_there(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_bytes(tmp_path / name, b"1")
    record_checksums(tmp_path, ["a"])
    require_written(tmp_path, ["a"])
    with pytest.raises(IntegrityError, match="SHA256SUMS"):
        require_written(tmp_path, ["b"])
    (tmp_path / "a").unlink()
    with pytest.raises(IntegrityError, match="/a: expected what this command wrote"):
        require_written(tmp_path)


def test_a_folder_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"1")
    record_checksums(tmp_path, ["a"])
    with read_as_one(tmp_path):
        pass
    with pytest.raises(IntegrityError, match="another command replaced"), read_as_one(tmp_path):
        write_bytes(tmp_path / "a", b"2")
        record_checksums(tmp_path, ["a"])
