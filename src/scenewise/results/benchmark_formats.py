"""The benchmark's table as HTML, Markdown, CSV and JSON."""

import csv
import io
from pathlib import Path
from typing import Any

from scenewise.files import record_checksums, write_bytes, write_json
from scenewise.results.benchmark_page import page
from scenewise.results.benchmark_table import BenchmarkTable, Column, TableRow
from scenewise.results.benchmark_words import KINDS, in_words, notes, spread_in_words, title
from scenewise.results.rows import Spread

FORMAT = 1


def write_table(table: BenchmarkTable, stem: Path, report: Path) -> list[Path]:
    """Write STEM.html, .md, .csv and .json, and return their paths; `report` is the page to link beside it."""
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in ("html", "md", "csv", "json")]
    html, markdown, comma_separated, json = paths
    write_bytes(html, page(table, report.name).encode())
    write_bytes(markdown, as_markdown(table).encode())
    write_bytes(comma_separated, as_csv(table).encode())
    write_json(json, as_json(table))
    record_checksums(stem.parent, [path.name for path in (*paths, report)])
    return paths


def as_markdown(table: BenchmarkTable) -> str:
    """A table a group of columns would break apart what belongs together: one wide table, and the notes below it."""
    head = ["", "feature", "scene-aware", *(f"{column.group}: {column.name}" for column in table.columns)]
    rule = ["---", "---", "---", *("---:" for _ in table.columns)]
    ideal = ["*ideal*", "", "", *("" if one.ideal is None else in_words(one.ideal, one.unit) for one in table.columns)]
    lines = [head, rule, ideal]
    for row in table.rows:
        known = "" if row.scene_aware is None else "yes" if row.scene_aware else "no"
        about = row.kind if row.kind != "measured" else "deterministic" if row.deterministic else ""
        name = f"{row.method} ({about})" if about else row.method
        lines.append([name, row.feature or "", known, *(_text(row.cell(column), column) for column in table.columns)])
    written = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
    return "\n\n".join([f"**{title(table)}**", written, *notes(table)]) + "\n"


def _text(cell: Spread, column: Column) -> str:
    """`83.4 ± 1.2 (80.1 to 86.0)`."""
    mean, deviation, interval = spread_in_words(cell, column.unit)
    return f"{mean}{deviation}{f' ({interval})' if interval else ''}"


def as_csv(table: BenchmarkTable) -> str:
    """A line a row; of every figure KEY, KEY:deviation, KEY:low and KEY:high, shares in [0, 1], empty where unknown."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    parts = ("", ":deviation", ":low", ":high")
    figures = [f"{column.key}{part}" for column in table.columns for part in parts]
    writer.writerow(["method", "kind", "protocol", "feature", "scene_aware", "seeds", "deterministic", *figures])
    for row in table.rows:
        about = [row.method, row.kind, _protocol(table, row) or "", row.feature or ""]
        known = [row.scene_aware, len(row.seeds), row.deterministic]
        values = [value for column in table.columns for value in _numbers(row.cell(column)).values()]
        writer.writerow([*about, *known, *("" if value is None else value for value in values)])
    return written.getvalue()


def as_json(table: BenchmarkTable) -> dict[str, Any]:
    """The same for machines, with the value of every seed."""
    return {
        "format": FORMAT,
        "protocol": table.protocol,
        "chosen_on_test_data": table.chosen_on_test_data,
        "data": dict(table.data),
        "columns": [
            {"key": one.key, "group": one.group, "name": one.name, "unit": one.unit, "ideal": one.ideal}
            for one in table.columns
        ],
        "rows": [
            {
                "method": row.method,
                "kind": row.kind,
                "protocol": _protocol(table, row),
                "feature": row.feature,
                "scene_aware": row.scene_aware,
                "seeds": list(row.seeds),
                "deterministic": row.deterministic,
                "figures": {
                    one.key: {**_numbers(row.cell(one)), "values": list(row.cell(one).values)} for one in table.columns
                },
            }
            for row in table.rows
        ],
        "kinds": KINDS,
        "notes": notes(table),
    }


def _protocol(table: BenchmarkTable, row: TableRow) -> str | None:
    return None if row.kind == "published" else table.protocol


def _numbers(cell: Spread) -> dict[str, float | None]:
    low, high = cell.interval or (None, None)
    return {"mean": cell.mean, "deviation": cell.deviation, "low": low, "high": high}
