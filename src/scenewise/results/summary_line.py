"""What a table says in one line: the best model within scenes, and what one constant per scene reaches."""

from pathlib import Path

from scenewise.results.ranking import WITHIN, best_within
from scenewise.results.rows import share
from scenewise.results.table import POOLED_AUC, Table


def summary_line(table: Table, page: Path) -> str:
    """`best within scenes: fusion, 78.0 % (63.5 to 89.6); one constant per scene: ...; the page: FILE`."""
    best = best_within(table.measured)
    if best is None:
        return f"no scene has normal and abnormal labels, so nothing is measured within scenes; the page: {page}"
    cell = best.row.cell(WITHIN)
    interval = f" ({cell.bounds()})" if cell.interval else ""
    constant = table.constants[0]
    within, pooled = share(constant.cell(WITHIN).mean), share(constant.cell(*POOLED_AUC).mean)
    chosen = ", chosen on test data" if table.chosen_on_test_data else ""
    return (
        f"best within scenes{chosen}: {best.name}, {best.figure} %{interval}; "
        f"one constant per scene: {within} % within, {pooled} % pooled; the page: {page}"
    )
