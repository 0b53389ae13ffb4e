"""Cells of numbers in Matlab files, read by scipy in a process of its own.

scipy's `loadmat` trusts the file: with scipy 1.17, 17 of 1,824 small changes to one 304-byte file end the process with
a segmentation or bus error, and others ask for all memory. In a child process that is one error message. Files of
Matlab 7.3 are HDF5, not this format, and are refused.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.formats.regular_file import require_regular

MEMORY = 3 << 30
"""Bytes of address space. The longest of Avenue's videos has 0.4 GB of masks."""
SECONDS = 600
REFUSED = 3
"""The child's exit code if the file is readable and is not what was expected; its output says why."""
DAMAGED = "it is damaged: copy it again"


def read_cell(path: Path, name: str, expected: str) -> list[NDArray[Any]]:
    """The arrays in the cell `name`, in Matlab's order (down the columns).

    Raises DataError, which says what was `expected`, if the file is missing, damaged or of another version, holds no
    such cell, or the cell holds something else than arrays of real numbers.
    """
    try:
        require_regular(path)
    except OSError as error:
        raise DataError(f"{path}: {expected}, but it cannot be read ({error.strerror})") from error
    with tempfile.TemporaryDirectory(prefix="scenewise-") as folder:
        arrays = Path(folder) / "cell.npz"
        # -P and these paths: the child imports this program as it runs, and nothing from the working directory.
        command = [sys.executable, "-P", "-m", __name__, str(path.absolute()), name, str(arrays)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
        try:
            child = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise DataError(f"{path}: {expected}; it was not read within {SECONDS} seconds: copy it again") from error
        if child.returncode != 0:
            raise DataError(f"{path}: {expected}, a cell called {name}; {_reason(child)}")
        with np.load(arrays, allow_pickle=False) as archive:
            return [archive[f"arr_{number}"] for number in range(len(archive.files))]


def _reason(child: subprocess.CompletedProcess[str]) -> str:
    """Why a child process gave no cell, in a few words."""
    if child.returncode == REFUSED:
        return child.stdout.strip()
    if child.returncode < 0:
        return f"{DAMAGED} (its reader was ended by signal {-child.returncode})"
    return f"its reader failed ({(child.stderr.strip().splitlines() or ['no message'])[-1][:200]})"


def load_cell(path: Path, name: str) -> list[NDArray[Any]]:
    """The same in this process, for files that are trusted. Raises ValueError, which says why it is refused."""
    import scipy.io  # only the child needs it

    try:
        version, _ = scipy.io.matlab.matfile_version(path)
    except Exception:  # of an empty file and of other formats, scipy raises several
        version = None
    if version != 1:
        raise ValueError("it is not a .mat file of version 5 to 7; save it again in Matlab with -v7")
    try:
        with warnings.catch_warnings(action="ignore"):
            found = scipy.io.loadmat(path, variable_names=[name]).get(name)
    except Exception as error:  # whatever its reader meets in a damaged file
        raise ValueError(DAMAGED) from error
    if found is None:
        raise ValueError("found nothing of that name")
    if not isinstance(found, np.ndarray) or found.dtype.kind != "O":
        raise ValueError("found something else of that name")
    entries = list(found.ravel(order="F"))
    if not all(isinstance(entry, np.ndarray) and entry.dtype.kind in "biuf" for entry in entries):
        raise ValueError("one of its entries is not an array of real numbers")
    return entries


def _main(path: str, name: str, out: str) -> int:
    """What the child process does: write the cell's arrays to `out`."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit; a lower one may hold already
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        entries = load_cell(Path(path), name)
    except ValueError as error:
        print(error)
        return REFUSED
    np.savez(out, *entries)
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
