"""The benchmark's table as one self-contained page, in the report's own style."""

from scenewise.results.notes import CHOSEN, KINDS, headline, notes
from scenewise.results.rows import ideal_text
from scenewise.results.table import Table
from scenewise.templates import template


def as_html(table: Table, report: str) -> str:
    """The page; `report` is the file name of the report to link beside it."""
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
    )


def _lowest(table: Table) -> float:
    """The lower end of the scale on which the leading AUC are drawn: 0.5, or by tenths what all of them need."""
    drawn = [column for column in table.columns if column.leads_its_group and column.on_auc_scale]
    cells = [row.cell(*column.path) for column in drawn for row in table.rows]
    values = [value for cell in cells for value in (*cell.values, *(cell.interval or ()))]
    return min([0.5, *(int(10 * value) / 10 for value in values)])
