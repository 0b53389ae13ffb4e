"""Features made elsewhere: every shape against a slow obvious reader; what is hostile or broken is refused by name."""

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.errors import DataError
from scenewise.features.foreign_file import open_foreign


def frames_of(count: int, width: int = 6, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


def read_whole(path: Path) -> np.ndarray:
    with open_foreign(path) as features:
        cut = max(features.frames // 3, 1)
        parts = [features.read(first, first + cut) for first in range(0, features.frames, cut)]
    return np.concatenate(parts)


def read_slowly(path: Path) -> np.ndarray:
    """One frame after the other by its number, counted up until there is none."""
    found = {}
    with h5py.File(path) as file:
        for name in file:
            found[int(name)] = np.array(file[name]).ravel().astype(np.float16)
    begin = min(found)
    return np.stack([found[begin + place] for place in range(len(found))])


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_whole(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "called", "count"), [((1, 6), "{}", 10_004), ((6,), "{:04d}", 1003), ((1, 6), "{:08d}", 300)]
)
def test_a_data_set_a_frame_is_read_in_the_order_of_the_numbers(
    tmp_path: Path, shape: tuple, called: str, count: int
) -> None:
    expected = frames_of(count)
    with h5py.File(tmp_path / "video.h5", "w") as file:
        for number in np.random.default_rng(1).permutation(len(expected)):
            file[called.format(number)] = expected[number].reshape(shape)
    found = read_whole(tmp_path / "video.h5")
    assert (found == expected.astype(np.float16)).all()
    if count < 10_000:  # the slow one takes long
        assert (found == read_slowly(tmp_path / "video.h5")).all()


@pytest.mark.parametrize("kind", ["plain", "gzip", "lzf", "chunked", "float16", "float64", "int8", "big-endian"])
def test_one_data_set_a_video(tmp_path: Path, kind: str) -> None:
    expected = frames_of(300) * 20
    more: dict[str, object] = {"gzip": {"compression": "gzip", "shuffle": True, "fletcher32": True},
                               "lzf": {"compression": "lzf"}, "chunked": {"chunks": (7, 4), "maxshape": (None, 6)}}.get(kind, {})  # fmt: skip  # noqa: E501
    dtype = {"big-endian": ">f4", "float16": "f2", "float64": "f8", "int8": "i1"}.get(kind, "f4")
    with h5py.File(tmp_path / "video.hdf5", "w") as file:
        file.create_dataset("features", data=expected.astype(dtype), **more)
    assert (read_whole(tmp_path / "video.hdf5") == expected.astype(dtype).astype(np.float16)).all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_npy_array(tmp_path: Path, order: str) -> None:
    expected = frames_of(300)
    np.save(tmp_path / "video.npy", np.asarray(expected, order=order))
    assert (read_whole(tmp_path / "video.npy") == expected.astype(np.float16)).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 9), st.booleans(), st.integers(0, 1), st.integers(0, 5))
def test_any_video_comes_out_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, count: int, width: int, flat: bool, begin: int, zeros: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "video.h5"
    expected = frames_of(count, width, seed=count)
    with h5py.File(path, "w") as file:
        for number, frame in enumerate(expected, begin):
            file[f"{number:0{zeros}d}"] = frame if flat else frame[None]
    assert (read_whole(path) == expected.astype(np.float16)).all()


def external_link(file: h5py.File) -> None:
    file["0"] = h5py.ExternalLink("/etc/hostname", "/")


def soft_link(file: h5py.File) -> None:
    file["0"] = h5py.SoftLink("/1")
    file["1"] = np.ones(6, np.float32)


def external_storage(file: h5py.File) -> None:
    elsewhere = Path(file.filename).with_name("elsewhere.bin")
    elsewhere.write_bytes(bytes(240))
    file.create_dataset("features", shape=(10, 6), dtype="f4", external=[(str(elsewhere), 0, 240)])


def virtual(file: h5py.File) -> None:
    other = Path(file.filename).with_name("other.h5")
    with h5py.File(other, "w") as source:
        source["features"] = frames_of(10)
    layout = h5py.VirtualLayout((10, 6), "f4")
    layout[:] = h5py.VirtualSource(other, "features", (10, 6))
    file.create_virtual_dataset("features", layout)


def never_written(file: h5py.File) -> None:
    file.create_dataset("features", shape=(10**9, 768), dtype="f4")


def half_written(file: h5py.File) -> None:
    made = file.create_dataset("features", shape=(100, 6), dtype="f4", chunks=(10, 6), compression="gzip")
    made[:50] = frames_of(50)


def bomb(file: h5py.File) -> None:
    file.create_dataset("features", data=np.zeros((100_000, 64), "f4"), compression="gzip", compression_opts=9)


def many_names_of_one_bomb(file: h5py.File) -> None:
    features = np.zeros((1, 60_000), "f4")
    features[:, :1000] = frames_of(1, 1000)  # so that each for itself unpacks to little enough
    file.create_dataset("0", data=features, compression="gzip")
    for number in range(1, 400):
        file[str(number)] = file["0"]


def in_a_group(file: h5py.File) -> None:
    file["video/0"] = np.ones((1, 6), np.float32)


def text(file: h5py.File) -> None:
    file["0"] = "not features"


def compound(file: h5py.File) -> None:
    file["0"] = np.zeros(6, [("x", "f4"), ("y", "f4")])


def reference(file: h5py.File) -> None:
    file.create_dataset("0", data=[file.ref] * 6, dtype=h5py.ref_dtype)


def empty(file: h5py.File) -> None:
    file["0"] = h5py.Empty("f4")


def nothing(_: h5py.File) -> None:
    pass


def four_axes(file: h5py.File) -> None:
    file["features"] = np.zeros((4, 10, 6, 2), "f4")


def two_rows_a_frame(file: h5py.File) -> None:
    file["0"], file["1"] = np.zeros((2, 6), "f4"), np.zeros((2, 6), "f4")


def other_width(file: h5py.File) -> None:
    file["0"], file["1"] = np.zeros(6, "f4"), np.zeros(7, "f4")


def a_frame_missing(file: h5py.File) -> None:
    for number in (0, 1, 3):
        file[str(number)] = np.zeros(6, "f4")


def from_five_on(file: h5py.File) -> None:
    file["5"], file["6"] = np.zeros(6, "f4"), np.zeros(6, "f4")


def twice(file: h5py.File) -> None:
    file["1"], file["01"] = np.zeros(6, "f4"), np.zeros(6, "f4")


def other_names(file: h5py.File) -> None:
    file["0"], file["1 "] = np.zeros(6, "f4"), np.zeros(6, "f4")


def foreign_filter(file: h5py.File) -> None:
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((10, 6))
    creation.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    h5py.h5d.create(file.id, b"features", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((10, 6)), creation)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (external_link, "link to elsewhere"),
        (soft_link, "link to elsewhere"),
        (external_storage, "in another file"),
        (virtual, "is virtual"),
        (never_written, "0 bytes of it are stored"),
        (half_written, "written completely"),
        (bomb, "written completely"),
        (many_names_of_one_bomb, "far more data"),
        (in_a_group, "not a data set"),
        (text, "expected numbers"),
        (compound, "expected numbers"),
        (reference, "expected numbers"),
        (empty, "holds no numbers"),
        (nothing, "no data set"),
        (four_axes, "(N, C, D)"),
        (two_rows_a_frame, "(2, 6)"),
        (other_width, "7 wide"),
        (a_frame_missing, "frame 2 is missing"),
        (from_five_on, "frame 1 is missing"),
        (twice, "there twice"),
        (other_names, "'1 '"),
        (foreign_filter, "plug-in"),
    ],
)
def test_hostile_and_broken_files_are_refused(tmp_path: Path, make: Callable[[h5py.File], None], problem: str) -> None:
    path = tmp_path / "video.h5"
    with h5py.File(path, "w") as file:
        make(file)
    assert problem in refused(path)


def test_a_file_that_is_no_hdf5_or_was_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "video.h5"
    with h5py.File(path, "w") as file:
        file["features"] = frames_of(500)
    path.write_bytes(path.read_bytes()[:5000])
    assert "HDF5" in refused(path)
    path.write_bytes(b"no features")
    assert "HDF5" in refused(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e6])
@pytest.mark.parametrize("kind", ["npy", "h5", "frames.h5"])
def test_what_is_no_finite_number_names_its_frame(tmp_path: Path, bad: float, kind: str) -> None:
    features, path = frames_of(40), tmp_path / f"video.{kind}"
    features[23, 4] = bad
    if kind == "npy":
        np.save(path, features)
    else:
        with h5py.File(path, "w") as file:
            if kind == "h5":
                file["x"] = features
            else:
                for number, frame in enumerate(features):
                    file[str(number)] = frame
    message = refused(path)
    assert "frame 23 " in message and ("65504" in message) == (bad == 1e6)


def test_pickles_and_other_arrays_in_npy_are_refused(tmp_path: Path) -> None:
    class Marks:
        def __reduce__(self) -> tuple:
            return os.mkdir, (str(tmp_path / "unpickled"),)

    path = tmp_path / "video.npy"
    np.save(path, np.array([[Marks()]], dtype=object), allow_pickle=True)
    assert "Python objects" in refused(path)
    np.savez(tmp_path / "archive.npz", features=frames_of(10))
    (tmp_path / "archive.npz").rename(path)
    assert "numpy.save" in refused(path)
    for array, problem in ((np.zeros(6), "(N, D)"), (np.zeros((2, 3, 4, 5)), "(N, C, D)"),
                        (np.zeros((0, 6)), "at least one"),
                        (np.array([["text"]]), "expected numbers"), (np.zeros((2, 3), complex), "expected numbers"),
                        (np.zeros((1, 70_000)), "65536")):  # fmt: skip
        np.save(path, array)
        assert problem in refused(path)
    assert not (tmp_path / "unpickled").exists()


def test_a_huge_declared_array_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    path = tmp_path / "video.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 768)})
        file.write(bytes(1000))
    assert "numpy.save" in refused(path)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (2**62, 2**62)})
    assert "numpy.save" in refused(path)
