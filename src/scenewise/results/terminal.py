"""The table in a terminal, nothing wider than it: a line per figure, a column per model and a column a constant.

Models are columns, so that many scenes and classes of event make the table longer and not wider.
"""

import textwrap
from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Drawn
from rich.text import Text

from scenewise.results.notes import CHOSEN, notes
from scenewise.results.rows import Row, Spread, ideal_text
from scenewise.results.table import Table

NAME_WIDTH = 20
"""Characters that the figures' names have at least, before anything else has to give way."""
HEAD_WIDTH = 14
"""Characters to which the models' heads fold: the longest of their words."""
CONSTANT_WIDTH = 7
"""Characters to which the constants' heads fold."""
WIDEST = 10_000
"""Characters that a table is given to say how many it wants."""


def print_table(table: Table, console: Console) -> None:
    """Print the table without its further figures, and the notes on it.

    If the terminal is too narrow, names fold, intervals stand under their figures instead of beside them, heads fold,
    and at last there are several tables below one another.
    """
    shown = table.for_terminal().visible()
    for drawn in _tables(shown, shown.measured, console):
        console.print(drawn)
    console.print(Text(" ".join(notes(shown)), style="dim"))


def _tables(table: Table, models: Sequence[Row], console: Console) -> list[Drawn]:
    """As few tables of all the models as fit the terminal."""
    beyond = max(0, max(len(column.name) for column in table.columns) - NAME_WIDTH)
    for gap, head_width in (("  ", WIDEST), ("\n", WIDEST), ("\n", HEAD_WIDTH)):
        drawn = _drawn(table, models, gap, head_width)
        wanted = Measurement.get(console, console.options.update(max_width=WIDEST), drawn).maximum
        if wanted - beyond <= console.width:
            return [drawn]
    if len(models) == 1:
        return [drawn]
    middle = (len(models) + 1) // 2
    return [*_tables(table, models[:middle], console), *_tables(table, models[middle:], console)]


def _drawn(table: Table, models: Sequence[Row], gap: str, head_width: int) -> Drawn:
    """The models, with `gap` between a figure and its interval; heads wider than their figures fold to `head_width`."""
    title = CHOSEN if table.chosen_on_test_data else None
    drawn = Drawn(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, title=title)
    drawn.add_column("percent", overflow="fold")
    drawn.add_column("ideal", justify="right", style="dim", no_wrap=True)
    cells = [[_cell(row.cell(*column.path), gap) for row in models] for column in table.columns]
    for place, row in enumerate(models):
        head = f"{row.title}, {row.seeds_text}".replace(" (", ", ").replace(")", "").replace(", ", "\n")
        figures_width = max(cell_len(line) for line_cells in cells for line in line_cells[place].plain.split("\n"))
        width = max(figures_width, min(head_width, max(map(cell_len, head.split("\n")))))
        drawn.add_column(Text(head), justify="right", width=width, overflow="fold")
    for row in table.constants:
        head = textwrap.fill(row.title, CONSTANT_WIDTH, break_long_words=False)
        drawn.add_column(head, justify="right", style="dim", no_wrap=True)
    for _, lines in groupby(zip(table.columns, cells, strict=True), key=lambda line: line[0].group):
        for column, of_models in lines:
            name = Text(column.name, style="bold" if column.leads_its_group else "")
            constants = [row.cell(*column.path).text() for row in table.constants]
            drawn.add_row(name, ideal_text(column.ideal, column.unit), *of_models, *constants)
        drawn.add_section()
    return drawn


def _cell(cell: Spread, gap: str) -> Text:
    interval = (f"{gap}{cell.bounds()}", "dim") if cell.interval else ""
    return Text.assemble(cell.text(), interval, no_wrap=True)
