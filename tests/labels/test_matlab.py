"""Matlab files against scipy's reader, and damaged in every byte: none ends the program."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from scenewise.datasets import LabelSource
from scenewise.errors import DataError
from scenewise.labels.labels import read_labels
from scenewise.labels.matlab import read_cell

IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
TYPES = st.sampled_from(["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", "?"])
ARRAYS = st_numpy.arrays(
    TYPES, st_numpy.array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=5), elements=st.just(1) | st.just(0)
)


def cell(entries: list[np.ndarray]) -> np.ndarray:
    made = np.empty((1, len(entries)), object)
    made[0, :] = entries
    return made


@IN_ONE_FOLDER
@given(entries=st.lists(ARRAYS, max_size=4), compressed=st.booleans(), others=st.booleans())
def test_the_same_as_scipy_reads(entries: list[np.ndarray], compressed: bool, others: bool, tmp_path: Path) -> None:
    path = tmp_path / "labels.mat"
    before = {"a": np.arange(7.0), "text": "abc", "s": {"x": 1.0}, "more": cell([np.ones((2, 2))])} if others else {}
    scipy.io.savemat(path, {**before, "gt": cell(entries)}, do_compression=compressed)
    read = read_cell(path, "gt", "expected labels")
    expected = scipy.io.loadmat(path)["gt"].ravel()
    assert len(read) == len(expected) == len(entries)
    for one, other in zip(read, expected, strict=True):
        assert one.size == other.size == 0 or one.shape == other.shape
        np.testing.assert_array_equal(one.reshape(other.shape), other)


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
    assert scipy.io.loadmat(path)["gt"][0, 0].tolist() == [[3], [9]]  # the hand wrote what scipy reads
    assert [entry.tolist() for entry in read_cell(path, "gt", "expected labels")] == [[[3], [9]]]


@pytest.mark.parametrize("compressed", [False, True])
def test_no_damaged_byte_does_more_than_change_labels(compressed: bool, tmp_path: Path) -> None:
    path = tmp_path / "ped2.mat"
    entries = [np.array([[3.0], [9.0]]), np.array([[1, 4], [2, 6]], np.uint8)]
    scipy.io.savemat(path, {"gt": cell(entries)}, do_compression=compressed)
    whole = path.read_bytes()
    told = 0
    for place in range(len(whole)):
        for changed in (
            *(whole[:place] + bytes([value]) + whole[place + 1 :] for value in (0, 1, 15, 128, 255)),
            whole[:place],
        ):
            path.write_bytes(changed)
            try:
                assert len(read_labels(LabelSource(path, "mat-ranges", "1"), 30)) == 30
            except DataError as error:
                told += 1
                assert "ped2.mat" in str(error) and "\n" not in str(error)
    assert told > 3 * (len(whole) - 128)  # what is behind the header's free text and can be noticed


def test_a_bomb_is_no_longer_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "labels.mat"
    scipy.io.savemat(path, {"gt": cell([np.zeros((2, 1))])})
    header = path.read_bytes()[:128]
    bomb = zlib.compress(struct.pack("<II", 14, 64) + bytes(1 << 24))
    path.write_bytes(header + struct.pack("<II", 15, len(bomb)) + bomb)
    with pytest.raises(DataError, match=r"labels\.mat"):
        read_cell(path, "gt", "expected labels")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"MATLAB 7.3 MAT-file" + bytes(200), "Matlab 7.3"),
        (b"", "no .mat file"),
        (b"\x80\x04\x95" + bytes(200), "no .mat file"),
    ],
)
def test_other_files_are_told(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "labels.mat").write_bytes(content)
    with pytest.raises(DataError, match=told):
        read_cell(tmp_path / "labels.mat", "gt", "expected labels")
    with pytest.raises(DataError, match="No such file"):
        read_cell(tmp_path / "gone.mat", "gt", "expected labels")


def test_the_real_masks_are_the_same_as_scipy_reads(footage: Path) -> None:
    path = footage / "avenue/labels/21_label.mat"
    expected = scipy.io.loadmat(path)["volLabel"][0]
    read = read_cell(path, "volLabel", "expected masks")
    assert len(read) == len(expected)
    for one, other in zip(read, expected, strict=True):
        np.testing.assert_array_equal(one, other)
