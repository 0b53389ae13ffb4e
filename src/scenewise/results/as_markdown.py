"""The benchmark's table in Markdown."""

import re
from html import escape

from scenewise.evaluation.metric import Metric
from scenewise.results.best import IsBest, best_of
from scenewise.results.notes import headline, notes
from scenewise.results.rows import Row, Spread, ideal_text
from scenewise.results.table import Table


def as_markdown(table: Table) -> str:
    """One table, so that what belongs together stays together, and the notes below it; the best of a column is bold."""
    table = table.visible()
    head = [
        "",
        "feature",
        "scene-aware",
        *(column.short or f"{column.group}: {column.name}" for column in table.columns),
    ]
    rule = ["---", "---", "---", *("---:" for _ in table.columns)]
    ideal = ["*ideal*", "", "", *(ideal_text(column.ideal, column.unit) for column in table.columns)]
    is_best = best_of(table)
    lines = [map(_plain, head), rule, ideal, *(_line(row, table.columns, is_best) for row in table.rows)]
    written = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n\n".join([f"**{_plain(headline(table))}**", written, *map(_plain, notes(table))]) + "\n"


def _plain(text: str) -> str:
    """`text` so that Markdown shows it as it is: no name in it becomes markup, a link or HTML."""
    return re.sub(r"[\\|*_`\[\]~]", r"\\\g<0>", escape(text, quote=False))


def _line(row: Row, columns: tuple[Metric, ...], is_best: IsBest) -> list[str]:
    about = row.kind if row.kind != "measured" else "deterministic" if row.deterministic else ""
    name = f"{row.title} ({about})" if about else row.title
    scene_aware = "" if row.scene_aware is None else "yes" if row.scene_aware else "no"
    figures = [_cell(row.cell(*column.path), bold=is_best(row, column)) for column in columns]
    return [_plain(name), row.feature or "", scene_aware, *figures]


def _cell(cell: Spread, *, bold: bool) -> str:
    """`**83.4 ± 1.2** (80.1 to 86.0)`."""
    figure = f"**{cell.text()}**" if bold else cell.text()
    return f"{figure}{f' ({cell.bounds()})' if cell.interval else ''}"
