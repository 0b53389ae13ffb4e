"""Progress bars with an estimate of the time left, on standard error: standard output is for results."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from scenewise.visible import visible

console = Console(stderr=True, markup=False, highlight=False)
"""Prints names as they are: a video may be called `cam [front]`, and markup would drop the part in brackets."""


class _Description(TextColumn):
    """What is being done, with the name of a video: control characters in it are shown, not obeyed."""

    def __init__(self) -> None:
        super().__init__("{task.description}", markup=False)

    def render(self, task: Task) -> Text:
        return Text(visible(task.description))


def progress() -> Progress:
    """A progress display to use as a context manager: `with progress() as bar: task = bar.add_task("train", total=n)`.

    Without a terminal nothing is drawn while it runs; the last state is printed once at the end.
    """
    return Progress(
        _Description(),
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
    say(f"note: {text}")


def say(text: str) -> None:
    """Print one line on standard error; control characters in it are shown, not obeyed."""
    console.print(visible(text), soft_wrap=not _narrowed)


_narrowed = False
"""Whether lines are broken at a width of ours. If not, they are as long as they are, for whoever searches them."""


@contextmanager
def at_most(columns: int) -> Iterator[None]:
    """Meanwhile bars and lines on standard error are at most so many columns wide, and no wider than the terminal."""
    global _narrowed
    terminal = console.width
    console.width, _narrowed = min(terminal, columns), True
    try:
        yield
    finally:
        console.width, _narrowed = terminal, False
