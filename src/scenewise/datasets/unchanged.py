"""Files of a data set that `scenewise street` or `datasets build` wrote are read only as they were written.

Data sets of others may hold a SHA256SUMS too, of any form and age: it is not read.
"""

import json
from pathlib import Path

from scenewise.checksums import recorded_checksums, sha256_of
from scenewise.errors import DataError
from scenewise.formats.regular_file import open_regular

DATASET_JSON = "dataset.json"


def refuse_changed(path: Path) -> None:
    """Raise DataError if `path` lies in a data set that we wrote, and a byte of it was changed since."""
    for root in path.parents[:3]:
        expected = recorded_checksums(root).get(path.relative_to(root).as_posix()) if _is_ours(root) else None
        if expected is not None and path.is_file() and sha256_of(path) != expected:
            raise DataError(
                f"{path}: its bytes are not those that were written (SHA-256 differs); write the data set again"
            )


def _is_ours(root: Path) -> bool:
    try:
        with open_regular(root / DATASET_JSON) as file:
            return bool(json.loads(file.read()).get("made_by"))
    except (OSError, ValueError, AttributeError):
        return False
