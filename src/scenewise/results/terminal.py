"""The table in a terminal, nothing wider than it: a line a model, and below it each scene and class of event.

The first table has every model and the constants, with the few figures that say most, or those that were chosen, each
interval in a column of its own. The second one has a line a figure: of one model with its interval, of several as many
models as fit, the default first.
"""

import textwrap
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import groupby

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Drawn
from rich.text import Text

from scenewise.counted import counted
from scenewise.evaluation.metric import Metric
from scenewise.methods import DEFAULT
from scenewise.results.best import best_of
from scenewise.results.columns import chosen_columns
from scenewise.results.lacking import lacking
from scenewise.results.notes import CHOSEN, notes
from scenewise.results.ranking import in_order
from scenewise.results.rows import UNDEFINED, Row, Spread, ideal_text, in_unit
from scenewise.results.table import Table

WIDEST = 10_000
"""Characters that a table is given to say how many it wants."""
NAME_WIDTH = 23
"""Characters to which names fold before anything else gives way."""
HEAD_WIDTH = 11
"""Characters to which heads fold, unless their figures are wider."""
INTERVAL = "95 % interval"
Draw = Callable[[int], Drawn]
"""A table whose first column has so many characters."""


def print_table(table: Table, console: Console, names: Sequence[str] = ()) -> None:
    """Print the tables and the notes on them. `names`: the columns to show, see `chosen_columns`; then without details.

    Raises ConfigError if a column is not known.
    """
    shown = table.visible()
    columns = chosen_columns(shown.columns, names)
    if table.chosen_on_test_data:
        console.print(Text(CHOSEN, style="bold"))
    for drawn in _summaries(shown, columns, console):
        console.print(drawn)
    said = columns[:1] if len(shown.measured) == 1 else columns  # of one model there is room for each interval
    rest = [] if names else [column for column in shown.columns if not column.further and column not in said]
    if rest:
        drawn, left = _details(shown, rest, console)
        console.print(drawn)
        if left:
            console.print(Text(f"{counted(left, 'more model')}: --format csv has the figures of all.", style="dim"))
    told = shown.with_columns(tuple(dict.fromkeys((*columns, *rest))))
    console.print(Text(" ".join(notes(told)), style="dim"))


def _fitted(draw: Draw, console: Console, *, anyway: bool = False) -> Drawn | None:
    """The table, with folded names if it must be; None if it is too wide even so, unless it is drawn `anyway`."""

    def wanted(name_width: int) -> int:
        return Measurement.get(console, console.options.update(max_width=WIDEST), draw(name_width)).maximum

    room = console.width - wanted(NAME_WIDTH)
    if room < 0 and not anyway:
        return None
    return draw(NAME_WIDTH + max(room, 0))


def _summaries(table: Table, columns: Sequence[Metric], console: Console) -> list[Drawn]:
    """As few tables of all models as fit. In one that is too wide, the first column alone keeps its interval."""
    with_interval = [column.key for column in columns if any(cell.interval for cell in table.cells(column))]
    for kept in (with_interval, with_interval[:1]):
        last = len(columns) == 1 and kept == with_interval[:1]
        drawn = _fitted(partial(_summary, table, columns, kept), console, anyway=last)
        if drawn:
            return [drawn]
    middle = (len(columns) + 1) // 2
    return [*_summaries(table, columns[:middle], console), *_summaries(table, columns[middle:], console)]


def _summary(table: Table, columns: Sequence[Metric], with_interval: Collection[str], name_width: int) -> Drawn:
    """A line a model and a constant; intervals behind the columns `with_interval`."""
    models = enumerate(in_order(table.measured))
    names = [(_named(name, row, first=place == 0), row) for place, (name, row) in models]
    known = [row for row in table.constants if any(row.cell(*column.path).values for column in columns)]
    titles: list[Text | str] = ["ideal", *(name for name, _ in names), *(row.title for row in known)]
    drawn = _empty(max(len(str(title)) for title in titles), name_width)
    is_best = best_of(table)
    lines: list[list[Text | str]] = [[] for _ in titles]
    for column in columns:
        cells = [row.cell(*column.path) for _, row in names]
        missing = [lacking(column, cell, table.tested) for cell in cells]
        texts = [
            Text(_short(cell, column) if cell.values else words or UNDEFINED, "bold" if is_best(row, column) else "")
            for cell, words, (_, row) in zip(cells, missing, names, strict=True)
        ]
        constants = [_short(row.cell(*column.path), column) for row in known]
        _add(drawn, column.short or column.name, [text.plain for text in texts])
        _extend(lines, [ideal_text(column.ideal, column.unit), *texts, *constants])
        if column.key in with_interval:
            drawn.add_column(INTERVAL, style="dim", no_wrap=True)
            bounds = [cell.bounds() or words for cell, words in zip(cells, missing, strict=True)]
            _extend(lines, ["", *bounds, *[""] * len(constants)])
    for place, (title, line) in enumerate(zip(titles, lines, strict=True)):
        of_model = 0 < place <= len(names)
        drawn.add_row(title, *line, style="" if of_model else "dim", end_section=place == 0)
    return drawn


def _details(table: Table, columns: Sequence[Metric], console: Console) -> tuple[Drawn, int]:
    """A line a figure of as many models as fit; and how many do not."""
    models = in_order(table.measured)
    for fitting in range(min(len(models), console.width // 6), 1, -1):
        drawn = _fitted(partial(_figures, table, columns, models[:fitting]), console)
        if drawn:
            return drawn, len(models) - fitting
    drawn = _fitted(partial(_figures, table, columns, models[:1]), console, anyway=True)
    return drawn or _empty(0, 0), len(models) - 1


def _figures(table: Table, columns: Sequence[Metric], models: Sequence[tuple[str, Row]], name_width: int) -> Drawn:
    """A line a figure and a column a model; of one model with its interval."""
    drawn = _empty(max(len(column.name) for column in columns), name_width)
    drawn.add_column("ideal", justify="right", style="dim", no_wrap=True)
    for name, row in models:
        _add(drawn, name, [row.cell(*column.path).text() for column in columns])
    alone = len(models) == 1
    if alone:
        drawn.add_column(INTERVAL, style="dim", no_wrap=True)
    is_best = best_of(table)
    for _, group in groupby(columns, key=lambda column: column.group):
        for column in group:
            cells = [row.cell(*column.path) for _, row in models]
            bold = ["bold" if is_best(row, column) else "" for _, row in models]
            texts = [Text(cell.text(), style) for cell, style in zip(cells, bold, strict=True)]
            interval = [cells[0].bounds() or lacking(column, cells[0], table.tested)] if alone else []
            drawn.add_row(Text(column.name), ideal_text(column.ideal, column.unit), *texts, *interval)
        drawn.add_section()
    return drawn


def _empty(longest: int, name_width: int) -> Drawn:
    """A table with a column for names of at most `longest` characters, which fold to `name_width`."""
    drawn = Drawn(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    drawn.add_column("percent", overflow="fold", width=min(longest, name_width))
    return drawn


def _add(drawn: Drawn, head: str, figures: Sequence[str]) -> None:
    """Add a column of figures, its head folded if it is wider than they are."""
    width = max(HEAD_WIDTH, *map(len, figures))
    drawn.add_column(Text(textwrap.fill(head, width, break_long_words=False)), justify="right", no_wrap=True)


def _extend(lines: Sequence[list[Text | str]], cells: Sequence[Text | str]) -> None:
    for line, cell in zip(lines, cells, strict=True):
        line.append(cell)


def _named(name: str, row: Row, *, first: bool) -> Text:
    """`fusion, the default, deterministic`; of several forms of the default the first is what --method gives."""
    default = ", the default" if first and row.method == DEFAULT else ""
    return Text.assemble(name, (f"{default}, {row.seeds_text}", "dim"))


def _short(cell: Spread, column: Metric) -> str:
    """The figure, with its deviation if it is an AUC; empty if it is not known."""
    if cell.mean is None:
        return ""
    return cell.text() if column.on_auc_scale else in_unit(cell.mean, column.unit)
