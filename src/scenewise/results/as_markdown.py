"""The benchmark's table in Markdown."""

import re
from html import escape

from scenewise.evaluation.metric import Metric
from scenewise.results.notes import headline, notes
from scenewise.results.rows import Row, ideal_text
from scenewise.results.table import Table


def as_markdown(table: Table) -> str:
    """One wide table, so that what belongs together stays together, and the notes below it."""
    table = table.visible()
    head = ["", "feature", "scene-aware", *(f"{column.group}: {column.name}" for column in table.columns)]
    rule = ["---", "---", "---", *("---:" for _ in table.columns)]
    ideal = ["*ideal*", "", "", *(ideal_text(column.ideal, column.unit) for column in table.columns)]
    rows = [_line(row, table.columns) for row in table.rows]
    lines = [map(_plain, head), rule, ideal, *(map(_plain, row) for row in rows)]
    written = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n\n".join([f"**{_plain(headline(table))}**", written, *map(_plain, notes(table))]) + "\n"


def _plain(text: str) -> str:
    """`text` so that Markdown shows it as it is: no name in it becomes markup, a link or HTML."""
    return re.sub(r"[\\|*_`\[\]~]", r"\\\g<0>", escape(text, quote=False))


def _line(row: Row, columns: tuple[Metric, ...]) -> list[str]:
    about = row.kind if row.kind != "measured" else "deterministic" if row.deterministic else ""
    name = f"{row.title} ({about})" if about else row.title
    scene_aware = "" if row.scene_aware is None else "yes" if row.scene_aware else "no"
    return [name, row.feature or "", scene_aware, *(_cell(row, column) for column in columns)]


def _cell(row: Row, column: Metric) -> str:
    """`83.4 ± 1.2 (80.1 to 86.0)`."""
    cell = row.cell(*column.path)
    return f"{cell.text()}{f' ({cell.bounds()})' if cell.interval else ''}"
