"""Which figure of a column is the best: bold in every format."""

from collections.abc import Callable

from scenewise.evaluation.metric import Metric
from scenewise.results.rows import Row, Spread
from scenewise.results.table import Table

IsBest = Callable[[Row, Metric], bool]


def best_of(table: Table) -> IsBest:
    """Says of (row, column) whether no model of the table has a better mean, as it is printed.

    Models alone are compared: published rows have other features, and constants see no frame. A column that has fewer
    than two different figures has no best one.
    """
    best = {column.path: _best_text(table.cells(column), column) for column in table.columns}

    def is_best(row: Row, column: Metric) -> bool:
        return row.kind == "measured" and best[column.path] == _printed(row.cell(*column.path))

    return is_best


def _best_text(cells: list[Spread], column: Metric) -> str | None:
    known = {_printed(cell): cell.mean for cell in cells if cell.mean is not None}
    if len(known) < 2:
        return None
    return min(known, key=lambda text: _badness(known[text], column))


def _badness(mean: float | None, column: Metric) -> float:
    value = mean or 0.0
    if column.better == "nearer the ideal":
        return abs(value - (column.ideal or 0.0))
    return value if column.better == "lower" else -value


def _printed(cell: Spread) -> str:
    return cell.parts()[0]
