"""Progress bars with an estimate of the time left, on standard error: standard output is for results."""

import sys

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
    console.print(visible(text), soft_wrap=True)
