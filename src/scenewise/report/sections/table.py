"""The table of all figures, and every AUC also as a place on one common scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenewise.evaluation.metric import Metric
from scenewise.report.drawing import GREY, LINE, QUIET, colour
from scenewise.report.evaluated_runs import Model
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content, Frames, Pictures
from scenewise.results.notes import notes
from scenewise.results.rows import ideal_text, share
from scenewise.results.table import Table

TITLE = "Table"
MARKERS = ("o", "s", "^", "D", "v", "P", ".")
"""One a model, so that a grey print tells them apart."""
NAME, IDEAL, MODEL, BOUNDS, CONSTANT, PICTURE = 2.5, 0.5, 1.25, 0.8, 0.8, 2.0
"""Widths of the columns in inches."""
ABNORMAL = "#c8324a"
"""As on the page."""
ROW = 0.19
"""Height of a line in inches."""


@dataclass(frozen=True, eq=False)
class TableContent(Content):
    """The table."""

    models: list[Model]
    table: Table
    notes: list[str]
    """What a reader of the table has to know."""
    lowest: float
    """The lower end of the scale on which its AUC are drawn."""
    chosen: str | None
    """What marks the table if figures were chosen on test data."""

    def pictures(self, frames: Frames) -> Pictures:
        """The table."""
        return {"table": lambda: draw_table(self)}


def show(gathered: Gathered) -> TableContent | None:
    """The table of all models; None without labels, since no figure is defined then."""
    if not gathered.labelled:
        return None
    table = gathered.table
    return TableContent(gathered.models, table, notes(table), _lowest(table), gathered.chosen)


def _lowest(table: Table) -> float:
    """The tenth below every AUC and interval in the table, at most 0.4, so that chance is inside."""
    drawn = [column for column in table.columns if column.on_auc_scale]
    cells = [row.cell(*column.path) for column in drawn for row in table.measured]
    values = [value for cell in cells for value in (*cell.values, *(cell.interval or ()))]
    return min(0.4, *(int(10 * value) / 10 for value in values)) if values else 0.4


def draw_table(content: TableContent) -> Figure:
    """The table for papers, group by group."""
    groups = content.table.groups
    lines = 3 + sum(1.4 + len(columns) for _, columns in groups)
    width = _place(content, 1.0) + 0.3
    drawing = Figure((width, ROW * (lines + 0.6)))
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(lines + 0.3, -0.3))
    axes.set_axis_off()
    _head(axes, content)
    at = 3.0
    for name, columns in groups:
        at += 0.4
        axes.text(0.1, at + 0.5, name, color=QUIET, va="center")
        at += 1
        for column in columns:
            axes.axhline(at, 0.1 / width, 1 - 0.1 / width, color=LINE, lw=0.5)
            _line(axes, content, column, at + 0.5)
            at += 1
    return drawing


def _bounds(content: TableContent) -> float:
    """Inches for the intervals beside a model's figures."""
    cells = (cell for column in content.table.columns for cell in content.table.cells(column))
    return BOUNDS if any(cell.interval for cell in cells) else 0.0


def _head(axes: Axes, content: TableContent) -> None:
    right = NAME + IDEAL
    axes.text(0.1, 2.9, "percent", va="bottom")
    if content.chosen:
        axes.text(0.1, 0.55, content.chosen, va="top", weight="bold", color=ABNORMAL)
    axes.text(right, 2.9, "ideal", va="bottom", ha="right", color=QUIET)
    for model in content.models:
        right += MODEL + _bounds(content)
        label = model.name.replace(" (", "\n(").replace("), ", ")\n") + f"\n{model.row.seeds_text}"
        axes.text(right, 0.55, label, va="top", ha="right", fontsize=7)
        axes.plot(right - 0.06, 0.2, MARKERS[model.accent], color=colour(model.accent), ms=4.5, mew=0)
    for row in content.table.constants:
        right += CONSTANT
        axes.text(
            right, 2.9, row.title.replace(" a scene", "\na scene"), va="bottom", ha="right", fontsize=7, color=QUIET
        )
    for value in (content.lowest, 0.5, 1.0):
        axes.text(_place(content, value), 2.9, share(value, 0), va="bottom", ha="center", fontsize=7, color=QUIET)


def _line(axes: Axes, content: TableContent, column: Metric, at: float) -> None:
    right, bounds = NAME + IDEAL, _bounds(content)
    weight = "bold" if column.leads_its_group else "normal"
    axes.text(0.1, at, column.name, va="center", weight=weight)
    axes.text(right, at, ideal_text(column.ideal, column.unit), va="center", ha="right", color=QUIET)
    for cell in content.table.cells(column):
        right += MODEL + bounds
        axes.text(right - bounds, at, cell.text(), va="center", ha="right", weight=weight)
        axes.text(right, at, cell.bounds(), va="center", ha="right", fontsize=6.5, color=QUIET)
    for constant in content.table.constant_cells(column):
        right += CONSTANT
        axes.text(right, at, constant.text(), va="center", ha="right", color=QUIET)
    if column.on_auc_scale:
        _picture(axes, content, column, at)


def _picture(axes: Axes, content: TableContent, column: Metric, at: float) -> None:
    """Every model's mean, the range of its seeds and, thinner, its interval; a ring is the best constant, a stroke the
    ideal.
    """
    axes.plot(_places(content, (content.lowest, 1.0)), [at, at], color=GREY, lw=0.8, zorder=1)
    if column.ideal is not None:
        axes.plot([_place(content, column.ideal)] * 2, [at - 0.35, at + 0.35], color=QUIET, lw=1, zorder=2)
    best_constant = content.table.constant_cells(column)[0].mean
    if best_constant is not None:
        axes.plot(_place(content, best_constant), at, "o", mfc="none", mec=QUIET, ms=5, zorder=3)
    for number, (model, cell) in enumerate(zip(content.models, content.table.cells(column), strict=True)):
        if cell.mean is None:
            continue
        height = at + 0.3 * (number - (len(content.models) - 1) / 2)
        shade = colour(model.accent)
        if cell.interval:
            axes.plot(_places(content, cell.interval), [height] * 2, color=shade, lw=0.6, zorder=4)
        axes.plot(_places(content, (min(cell.values), max(cell.values))), [height] * 2, color=shade, lw=2, zorder=4)
        axes.plot(_place(content, cell.mean), height, MARKERS[model.accent], color=shade, ms=4, mew=0, zorder=5)


def _places(content: TableContent, values: Sequence[float]) -> list[float]:
    return [_place(content, value) for value in values]


def _place(content: TableContent, value: float) -> float:
    """Inches from the left where an AUC stands."""
    left = NAME + IDEAL + (MODEL + _bounds(content)) * len(content.models)
    left += CONSTANT * len(content.table.constants) + 0.3
    return left + (PICTURE - 0.4) * (value - content.lowest) / (1 - content.lowest)
