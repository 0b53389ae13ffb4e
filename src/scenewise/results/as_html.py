"""The benchmark's table as one self-contained page, in the report's own style."""

from functools import partial

from scenewise.evaluation.metric import Metric
from scenewise.results.best import best_of
from scenewise.results.lacking import lacking
from scenewise.results.notes import CHOSEN, KINDS, headline, notes
from scenewise.results.rows import Row, ideal_text
from scenewise.results.table import Table
from scenewise.templates import template


def as_html(table: Table, report: str | None = None) -> str:
    """The page; `report` is the file name of the report to link beside it, if there is one."""
    table = table.visible()
    return template("scenewise.results", "benchmark.html.j2").render(
        table=table,
        headline=headline(table),
        notes=notes(table),
        chosen=CHOSEN.capitalize(),
        sections=[(kind, KINDS[kind], rows) for kind, rows in table.sections],
        report=report,
        ideal_text=ideal_text,
        model_styles=[],
        lowest=_lowest(table),
        is_best=best_of(table),
        lacking=partial(_lacking, table),
    )


def _lacking(table: Table, row: Row, column: Metric) -> str:
    """Why a model has no such figure or no interval, in a table that has intervals."""
    if row.kind != "measured" or not any(cell.interval for one in table.columns for cell in table.cells(one)):
        return ""
    return lacking(column, row.cell(*column.path), table.tested)


def _lowest(table: Table) -> float:
    """The lower end of the scale on which the leading AUC are drawn: 0.5, or by tenths what all of them need."""
    drawn = [column for column in table.columns if column.leads_its_group and column.on_auc_scale]
    cells = [row.cell(*column.path) for column in drawn for row in table.rows]
    values = [value for cell in cells for value in (*cell.values, *(cell.interval or ()))]
    return min([0.5, *(int(10 * value) / 10 for value in values)])
