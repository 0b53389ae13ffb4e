"""Archives with one array a video, and several crops of each picture."""

import os
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from scenewise.config.import_features import Crops
from scenewise.errors import DataError
from scenewise.features.foreign_file import FeatureFile, feature_files, open_foreign
from scenewise.features.foreign_tree import read_tree


def crops_of(rows: int, crops: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, crops, 6)).astype(np.float32)


def refused(file: FeatureFile | Path, crops: Crops = "mean") -> str:
    with pytest.raises(DataError) as caught, open_foreign(file, crops) as features:
        features.sample()
    return str(caught.value)


@pytest.mark.parametrize("kind", ["npy", "npz", "h5"])
@pytest.mark.parametrize("crops", ["mean", 0, 9])
def test_of_several_crops_the_mean_or_one_is_taken(tmp_path: Path, kind: str, crops: Crops) -> None:
    array = crops_of(20, 10)
    file = FeatureFile(tmp_path / f"video.{kind}", "01_0014" if kind == "npz" else None)
    if kind == "npy":
        np.save(file.path, array)
    elif kind == "npz":
        np.savez(file.path, **{"01_0014": array})
    else:
        with h5py.File(file.path, "w") as opened:
            opened["features"] = array
    slow = [[sum(row[:, column]) / 10 for column in range(6)] if crops == "mean" else row[crops] for row in array]
    with open_foreign(file, crops) as features:
        assert (features.frames, features.width, features.crops) == (20, 6, 10)
        found = np.concatenate([features.read(0, 7), features.read(7, 30)])
    assert found == pytest.approx(np.array(slow), abs=2e-3)


def test_crops_that_are_not_there_and_axes_in_another_order(tmp_path: Path) -> None:
    path = tmp_path / "video.npy"
    np.save(path, crops_of(20, 10))
    assert "it has 10 crops, numbered from 0 to 9" in refused(path, 10)
    np.save(path, crops_of(10, 32))
    assert "(10, 32, 6)" in refused(path) and "numpy.transpose" in refused(path)
    np.save(path, crops_of(10, 0))
    assert "1 to 16 crops" in refused(path)
    np.save(path, crops_of(10, 1)[:, 0])
    assert "it has none" in refused(path, 0)
    bad = crops_of(20, 10)
    bad[13, 4, 2] = np.nan
    np.save(path, bad)
    assert "frame 13 hold nan" in refused(path)
    bad[13, 4, 2], bad[13, 5, 2] = np.inf, -np.inf
    np.save(path, bad)
    assert "frame 13 hold" in refused(path)
    with open_foreign(path, 3) as features:  # a crop that is whole
        assert np.isfinite(features.sample()).all()


def test_arrays_of_archives_are_files_where_the_archive_lies(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    np.savez(tmp_path / "train.npz", **{"01_001": np.ones((4, 6)), "02/005": np.ones((4, 6)), "nameless": np.ones(3)})
    np.savez(tmp_path / "test" / "i3d.npz", **{"01_0014": np.ones((4, 6))})
    np.savez(tmp_path / "all.npz", **{"testing/02_0007": np.ones((4, 6)), "02_0008": np.ones((4, 6))})
    files, extra = read_tree(tmp_path)
    assert [video.title for video in files] == ["train/01/001", "train/02/005", "test/01/0014", "test/02/0007"]
    assert [str(file.key) for file in files.values()] == ["01_001", "02/005", "01_0014", "testing/02_0007"]
    assert {file.key for file in extra} == {"nameless", "02_0008"}
    np.savez(tmp_path / "test.npz", **{"01_0014": np.ones((4, 6))})
    with pytest.raises(DataError, match="would both be test/01/0014"):
        read_tree(tmp_path)


@pytest.mark.parametrize(
    "key", ["train/../x", "train/.._x", "train/01_..", "../train/01_1", "/train/01_1", "train/._x"]
)
def test_names_in_archives_lead_nowhere_else(tmp_path: Path, key: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive, archive.open(f"{key}.npy", "w") as file:
        np.save(file, np.ones((4, 6)))
    with pytest.raises(DataError, match="found no features"):
        read_tree(tmp_path)


def test_hostile_archives_are_refused_and_nothing_is_unpickled(tmp_path: Path) -> None:
    class Marks:
        def __reduce__(self) -> tuple:
            return os.mkdir, (str(tmp_path / "unpickled"),)

    path = tmp_path / "train.npz"
    np.savez(path, **{"01_1": np.array([[Marks()]], dtype=object)}, allow_pickle=True)
    message = refused(FeatureFile(path, "01_1"))
    assert "Python objects" in message and "train.npz, array 01_1" in message
    assert not (tmp_path / "unpickled").exists()
    np.savez_compressed(path, **{"01_1": np.zeros((100_000, 64))})
    assert "unpacks from" in refused(FeatureFile(path, "01_1"))
    np.savez(path, **{"01_1": np.zeros((4, 2), "U3")})
    assert "expected numbers" in refused(FeatureFile(path, "01_1"))
    np.savez(path, **{"01_1": np.zeros((0, 6))})
    assert "at least one frame" in refused(FeatureFile(path, "01_1"))
    np.savez(path, **{"01_1": np.ones((50, 6))})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"train\.npz: expected an \.npz archive"):
        feature_files(path)
