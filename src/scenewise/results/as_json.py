"""The benchmark's table as JSON, with the value of every seed."""

from dataclasses import asdict
from typing import Any

from scenewise.results.notes import notes
from scenewise.results.rows import Row
from scenewise.results.table import Table

FORMAT = 1


def as_json(table: Table) -> dict[str, Any]:
    """Plain JSON: what was tested, the columns, the rows and the notes; shares in [0, 1], null if undefined."""
    return {
        "format": FORMAT,
        "protocol": table.tested.protocol,
        "chosen_on_test_data": table.chosen_on_test_data,
        "data": {name: value for name, value in asdict(table.tested).items() if name != "alike"},
        "columns": [{"key": one.key, **one.described()} for one in table.columns],
        "rows": [_row(table, row) for row in table.rows],
        "notes": notes(table),
    }


def _row(table: Table, row: Row) -> dict[str, Any]:
    cells = {column.key: row.cell(*column.path) for column in table.columns}
    return {
        "method": row.title,
        "kind": row.kind,
        "protocol": table.protocol_of(row),
        "feature": row.feature,
        "scene_aware": row.scene_aware,
        "seeds": list(row.seeds),
        "deterministic": row.deterministic,
        "figures": {key: {**cell.numbers(), "values": list(cell.values)} for key, cell in cells.items()},
    }
