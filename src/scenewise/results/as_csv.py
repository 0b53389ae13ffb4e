"""The benchmark's table as CSV."""

from scenewise.csv_cells import csv_lines
from scenewise.results.table import Table

PARTS = ("", ":deviation", ":low", ":high")


def as_csv(table: Table) -> str:
    """A line a row; of every figure KEY, KEY:deviation, KEY:low and KEY:high, shares in [0, 1], empty if unknown."""
    figures = [f"{column.key}{part}" for column in table.columns for part in PARTS]
    lines: list[list[object]] = [
        ["method", "kind", "protocol", "feature", "scene_aware", "seeds", "deterministic", *figures]
    ]
    for row in table.rows:
        about = [row.title, row.kind, table.protocol_of(row) or "", row.feature or ""]
        known = [row.scene_aware, len(row.seeds), row.deterministic]
        values = [value for column in table.columns for value in row.cell(*column.path).numbers().values()]
        lines.append([*about, *known, *("" if value is None else value for value in values)])
    return csv_lines(lines)
