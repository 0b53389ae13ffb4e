"""The benchmark's table as CSV."""

import csv
import io

from scenewise.results.table import Table

PARTS = ("", ":deviation", ":low", ":high")


def as_csv(table: Table) -> str:
    """A line a row; of every figure KEY, KEY:deviation, KEY:low and KEY:high, shares in [0, 1], empty if unknown."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    figures = [f"{column.key}{part}" for column in table.columns for part in PARTS]
    writer.writerow(["method", "kind", "protocol", "feature", "scene_aware", "seeds", "deterministic", *figures])
    for row in table.rows:
        about = [row.title, row.kind, table.protocol_of(row) or "", row.feature or ""]
        known = [row.scene_aware, len(row.seeds), row.deterministic]
        values = [value for column in table.columns for value in row.cell(*column.path).numbers().values()]
        writer.writerow([*about, *known, *("" if value is None else value for value in values)])
    return written.getvalue()
