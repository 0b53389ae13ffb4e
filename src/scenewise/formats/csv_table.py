"""Tables as CSV."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from scenewise.formats.regular_file import open_regular


def read_table(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a table as {column: cell}. Raises ValueError if it is no CSV.

    Rows of another number of cells than the first are passed over: a kill may leave one.
    """
    with io.TextIOWrapper(open_regular(path), "utf-8", newline="") as file:
        rows = csv.reader(file)
        try:
            columns = next(rows, [])
            for row in rows:
                if len(row) == len(columns):
                    yield dict(zip(columns, row, strict=True))
        except csv.Error as error:
            raise ValueError(f"no CSV: {error}") from error
