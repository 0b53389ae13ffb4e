"""Matlab cells as scipy reads them, from a process of its own: no damaged file ends the program."""

import struct
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from scenewise.errors import DataError
from scenewise.labels.matlab import load_cell, read_cell

pytestmark = pytest.mark.slow

IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
TYPES = st.sampled_from(["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", "?"])
ARRAYS = st_numpy.arrays(
    TYPES, st_numpy.array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=5), elements=st.just(1) | st.just(0)
)


def cell(*entries: object) -> np.ndarray:
    made = np.empty((1, len(entries)), object)
    made[0, :] = entries
    return made


@IN_ONE_FOLDER
@given(entries=st.lists(ARRAYS, max_size=4), compressed=st.booleans(), others=st.booleans())
def test_cells_of_every_type_of_number(
    entries: list[np.ndarray], compressed: bool, others: bool, tmp_path: Path
) -> None:
    path = tmp_path / "labels.mat"
    before = {"a": np.arange(7.0), "text": "abc", "s": {"x": 1.0}, "more": cell(np.ones((2, 2)))} if others else {}
    scipy.io.savemat(path, {**before, "gt": cell(*entries)}, do_compression=compressed)
    read = load_cell(path, "gt")
    assert len(read) == len(entries)
    for one, other in zip(read, entries, strict=True):
        assert one.size == other.size == 0 or one.shape == other.shape
        np.testing.assert_array_equal(one.ravel(), other.ravel())


def test_the_child_process_returns_the_same_arrays(tmp_path: Path) -> None:
    path = tmp_path / "labels.mat"
    grid = np.empty((2, 2), object)
    grid[:] = [[np.zeros((0, 0)), np.arange(6.0).reshape(2, 3)], [np.array([[7]], np.uint8), np.array([[True]])]]
    scipy.io.savemat(path, {"gt": grid})
    read, expected = read_cell(path, "gt", "expected labels"), load_cell(path, "gt")
    assert [one.tolist() for one in read] == [[], [[7]], [[0, 1, 2], [3, 4, 5]], [[1]]]  # down the columns
    assert [one.dtype for one in read] == [one.dtype for one in expected]


def test_a_file_of_the_other_byte_order(tmp_path: Path) -> None:
    """Written out by hand: 2 x 1 doubles 3 and 9 in a cell of one."""

    def element(kind: int, data: bytes) -> bytes:
        return struct.pack(">II", kind, len(data)) + data + b"\0" * (-len(data) % 8)

    def head(array_class: int, name: bytes, *sizes: int) -> bytes:
        flags, dimensions = struct.pack(">II", array_class, 0), struct.pack(f">{len(sizes)}i", *sizes)
        return element(6, flags) + element(5, dimensions) + element(1, name)

    inner = head(6, b"", 2, 1) + element(9, struct.pack(">2d", 3, 9))
    outer = head(1, b"gt", 1, 1) + element(14, inner)
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(">H", 0x0100) + b"MI"
    path = tmp_path / "labels.mat"
    path.write_bytes(header + element(14, outer))
    assert [entry.tolist() for entry in load_cell(path, "gt")] == [[[3], [9]]]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *[(144, 15), (224, 255), (225, 255), (296, 0)],  # with scipy 1.17: segmentation and bus errors
        *[(223, 255), (295, 255)],  # more memory than there is
        *[(200, None), (300, None)],  # errors that scipy notices
    ],
)
def test_a_damaged_file_is_one_error_and_never_a_crash(place: int, value: int | None, tmp_path: Path) -> None:
    """One byte changed, or the file cut there."""
    path = tmp_path / "ped2.mat"
    scipy.io.savemat(path, {"gt": cell(np.array([[3.0], [9.0]]), np.array([[1, 4], [2, 6]], np.uint8))})
    whole = path.read_bytes()
    path.write_bytes(whole[:place] if value is None else whole[:place] + bytes([value]) + whole[place + 1 :])
    with pytest.raises(DataError, match=r"ped2\.mat: expected labels") as caught:
        read_cell(path, "gt", "expected labels")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500 + len(str(path))


MATLAB_7_3 = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"


@pytest.mark.parametrize("content", [MATLAB_7_3 + bytes(400), b"", b"\x80\x04\x95" + bytes(200)])
def test_other_formats_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "labels.mat").write_bytes(content)
    with pytest.raises(ValueError, match="version 5 to 7"):
        load_cell(tmp_path / "labels.mat", "gt")


@pytest.mark.parametrize(
    "content",
    [
        {"other": np.zeros(3)},
        {"gt": np.zeros((2, 3))},
        {"gt": "text"},
        {"gt": {"a": 1.0}},
        {"gt": cell("text")},
        {"gt": cell(np.array([[1j]]))},
        {"gt": cell(cell(np.array([[1], [2]])))},
        {"gt": cell({"a": 1.0})},
        {"gt": scipy.sparse.eye_array(3).tocsc()},
    ],
)
def test_what_is_no_cell_of_numbers_is_refused(content: dict[str, object], tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "labels.mat", content)
    with pytest.raises(ValueError, match=r"of that name|not an array of real numbers"):
        load_cell(tmp_path / "labels.mat", "gt")


def test_the_reason_comes_back_from_the_child(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "labels.mat", {"gt": "text"})
    with pytest.raises(DataError, match=r"labels\.mat: expected labels, a cell called gt; found something else"):
        read_cell(tmp_path / "labels.mat", "gt", "expected labels")
    with pytest.raises(DataError, match=r"gone\.mat.*No such file"):
        read_cell(tmp_path / "gone.mat", "gt", "expected labels")


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('it was run')")
    scipy.io.savemat(tmp_path / "labels.mat", {"gt": cell(np.array([[1], [2]]))})
    monkeypatch.chdir(tmp_path)
    assert read_cell(Path("labels.mat"), "gt", "expected labels")[0].tolist() == [[1], [2]]


def test_the_real_masks(footage: Path) -> None:
    path = footage / "avenue/labels/21_label.mat"
    masks = read_cell(path, "volLabel", "expected masks")
    assert len(masks) == 76 and {mask.shape for mask in masks} == {(360, 640)}
    assert np.flatnonzero([mask.any() for mask in masks])[[0, -1]].tolist() == [13, 65]
