"""HDF5 files: whatever h5py raises on the content of a damaged file is ValueError."""

from collections.abc import Iterator
from contextlib import contextmanager

from scenewise.errors import ScenewiseError
from scenewise.formats.reasons import in_short


@contextmanager
def hdf5_errors() -> Iterator[None]:
    """Inside, what h5py raises becomes ValueError with a reason in few words; errors of ours stay as they are."""
    try:
        yield
    except ScenewiseError:
        raise
    except Exception as error:  # the library decodes names, types and sizes of any kind: its errors share no base
        raise ValueError(f"damaged ({in_short(error)})") from error
