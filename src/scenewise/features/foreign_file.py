"""Opens a file of features made by another program. Everything it declares is checked before its data is read.

VIDEO.h5    as foreign_hdf5.py says
VIDEO.npy   one array (N, D) or (N, C, D)
ANY.npz     one such array a video; their names are those that files would have
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from scenewise.config.import_features import MEAN, Crops
from scenewise.errors import DataError
from scenewise.features.foreign_features import MOST_EXPANDED, ForeignFeatures, of_array, require_numbers
from scenewise.features.foreign_hdf5 import open_hdf5
from scenewise.formats.npy import npz_names, open_npy, read_npz

HDF5_SUFFIXES = frozenset({".h5", ".hdf5"})
SUFFIXES = HDF5_SUFFIXES | {".npy"}
"""Of files that hold one video."""
ARCHIVE = ".npz"
"""Of files that hold several."""


class FeatureFile(NamedTuple):
    """Where the features of one video are: a file, or an array of an archive."""

    path: Path
    key: str | None = None
    """The array's name in the archive, such as `01_0014` or `train/01_0014`."""

    def __str__(self) -> str:
        return str(self.path) if self.key is None else f"{self.path}, array {self.key}"

    @property
    def stem(self) -> str:
        """The name that says which video it is."""
        return self.path.stem if self.key is None else PurePosixPath(self.key).name


def feature_files(path: Path) -> list[FeatureFile]:
    """The videos' features in the file `path`: one a file, one an array of an archive, none in any other file.

    Raises DataError if an archive cannot be listed.
    """
    if path.suffix.lower() != ARCHIVE:
        return [FeatureFile(path)] if path.suffix.lower() in SUFFIXES else []
    try:
        return [FeatureFile(path, name) for name in npz_names(path)]
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: expected an .npz archive with one array a video, but {error}") from error


@contextmanager
def open_foreign(file: FeatureFile | Path, crops: Crops = MEAN) -> Iterator[ForeignFeatures]:
    """Open and check features; of several crops take the mean, or the one with the number `crops`.

    Raises DataError, naming the file and what is wrong with it.
    """
    if isinstance(file, Path):
        file = FeatureFile(file)
    if file.path.suffix.lower() in HDF5_SUFFIXES:
        with open_hdf5(file.path, crops) as features:
            yield features
    else:
        yield _open_array(file, crops)


def _open_array(file: FeatureFile, crops: Crops) -> ForeignFeatures:
    try:
        array = open_npy(file.path) if file.key is None else read_npz(file.path, file.key, MOST_EXPANDED)
    except (OSError, ValueError) as error:
        writer = "numpy.save, allow_pickle=False" if file.key is None else "numpy.savez, of arrays of numbers"
        raise DataError(
            f"{file}: expected an array (N, D) of numbers, but it cannot be read as one ({error}); write it with "
            f"{writer}"
        ) from error
    require_numbers(str(file), array.dtype)
    return of_array(str(file), array.shape, lambda first, stop: np.asarray(array[first:stop]), crops)
