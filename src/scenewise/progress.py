"""Progress bars with an estimate of the time left, on standard error: standard output is for results."""

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

console = Console(stderr=True, markup=False, highlight=False)
"""Prints names as they are: a video may be called `cam [front]`, and markup would drop the part in brackets."""


def progress() -> Progress:
    """A progress display to use as a context manager: `with progress() as bar: task = bar.add_task("train", total=n)`.

    Without a terminal nothing is drawn while it runs; the last state is printed once at the end.
    """
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("eta"),
        TimeRemainingColumn(),
        console=console,
        transient=sys.stderr.isatty(),
    )


def note(text: str) -> None:
    """Print one line for the user, on standard error, that starts with "note: "."""
    console.print(f"note: {text}", soft_wrap=True)
