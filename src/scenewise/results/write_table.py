"""One table in one format, as text."""

from collections.abc import Sequence
from json import dumps
from typing import Literal

from rich.console import Console

from scenewise.results.as_csv import as_csv
from scenewise.results.as_html import as_html
from scenewise.results.as_json import as_json
from scenewise.results.as_latex import as_latex
from scenewise.results.as_markdown import as_markdown
from scenewise.results.columns import ALL, chosen_columns
from scenewise.results.table import Table
from scenewise.results.terminal import print_table

Format = Literal["terminal", "markdown", "latex", "csv", "json", "html"]
FOR_MACHINES = ("csv", "json", "html")
"""Formats that have every column if none is chosen."""


def in_format(table: Table, form: Format, names: Sequence[str] = ()) -> str:
    """The table with the columns `names`, by default the short ones, or all where many fit.

    Raises ConfigError if a column is not known.
    """
    if form == "terminal":
        console = Console(markup=False, highlight=False)
        with console.capture() as captured:
            print_table(table, console, names)
        return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))
    names = names or ([ALL] if form in FOR_MACHINES else [])
    shown = table.with_columns(chosen_columns(table.columns, names))
    if form == "json":
        return dumps(as_json(shown), indent=1)
    write = {"markdown": as_markdown, "latex": as_latex, "csv": as_csv, "html": as_html}[form]
    return write(shown).rstrip("\n")
