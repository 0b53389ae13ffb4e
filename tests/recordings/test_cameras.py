"""Recordings are sorted by camera as people keep them: folders, files, days, names with a time."""

from pathlib import Path

import pytest

from scenewise.errors import DataError
from scenewise.recordings.cameras import camera_of, sort_by_camera


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def sorted_names(folder: Path) -> dict[str, list[str]]:
    return {name: [path.name for path in found] for name, found in sort_by_camera(folder).items()}


@pytest.mark.parametrize(("name", "camera"), [
    ("gate_20260101.mp4", "gate"), ("gate-2026-01-01 08.30.00.mp4", "gate"), ("625_201707211410.mp4", "folder"),
    ("20260101T083000Z.mkv", "folder"), ("car-detection.mp4", "car-detection"), ("cam1.mp4", "cam1"),
    ("12.avi", "folder"), ("east gate@20260101083000.ts", "east gate"),
])  # fmt: skip
def test_the_camera_is_what_is_left_without_the_time(name: str, camera: str) -> None:
    assert camera_of(Path(name), "folder") == camera


def test_folders_are_cameras_with_days_in_them(tmp_path: Path) -> None:
    root = tree(tmp_path, "gate/2026-01-10/a.mp4", "gate/2026-01-09/b.mp4", "gate/10.mp4", "gate/9.mp4", "yard/1.avi",
                "notes.txt", "empty/readme.md")  # fmt: skip
    assert sorted_names(root) == {"gate": ["9.mp4", "10.mp4", "b.mp4", "a.mp4"], "yard": ["1.avi"]}


def test_files_are_cameras_unless_they_differ_in_time_alone(tmp_path: Path) -> None:
    root = tree(tmp_path, "gate_20260102.mp4", "gate_20260101.mp4", "yard.mp4", "dock/1.mp4")
    assert sorted_names(root) == {
        "dock": ["1.mp4"], "gate": ["gate_20260101.mp4", "gate_20260102.mp4"], "yard": ["yard.mp4"],
    }  # fmt: skip


def test_one_flat_folder_of_dated_files_is_one_camera_named_after_it(tmp_path: Path) -> None:
    root = tree(tmp_path / "yard", "20260102.mp4", "20260101.mp4")
    assert sorted_names(root) == {"yard": ["20260101.mp4", "20260102.mp4"]}


def test_a_data_set_s_training_footage_comes_first(tmp_path: Path) -> None:
    root = tree(tmp_path / "set", "train/gate/05.mp4", "test/gate/01.mp4", "labels/gate/01.npy")
    assert sorted_names(root) == {"gate": ["05.mp4", "01.mp4"]}
    root = tree(tmp_path / "avenue", "train/16.avi", "test/08.avi", "labels/8_label.mat")
    assert sorted_names(root) == {"avenue": ["16.avi", "08.avi"]}


def test_one_file_is_one_camera(tmp_path: Path) -> None:
    assert sorted_names(tree(tmp_path, "gate.mp4") / "gate.mp4") == {"gate": ["gate.mp4"]}


@pytest.mark.parametrize("name", ["", "missing"])
def test_nothing_to_sort_is_said_with_what_was_expected(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="expected recordings"):
        sort_by_camera(tmp_path / name)


def test_the_address_of_a_stream_is_recognised() -> None:
    with pytest.raises(DataError, match="address of a stream"):
        sort_by_camera(Path("rtsp://camera/1"))
