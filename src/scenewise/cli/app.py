"""The command line's application: what its commands share, and how they print."""

import json as json_format
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

import scenewise

app = App(
    name="scenewise",
    version=scenewise.__version__,
    help="Learns from normal footage of several fixed cameras what is normal in each, and scores new footage for it.",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)

Flat = Parameter(name="*")
Json = Annotated[bool, Parameter(negative="", help="Print the result as JSON, for machines.")]
ConfigFile = Annotated[
    Path | None,
    Parameter(name="--config", help="TOML file with flags' names as keys; flags on the command line beat it."),
]


def give(result: dict[str, Any], text: str, as_json: bool) -> None:
    """Print what a command made: `result` for machines, or `text` for people."""
    print_out(json_format.dumps(result, indent=1) if as_json else text)


class OutputClosed(Exception):  # noqa: N818  no error of anybody's
    """Whoever read standard output has closed it."""


def print_out(text: str) -> None:
    """Print a result. Raises OutputClosed; standard output then leads nowhere, so that the last flush is quiet too.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        print(text, flush=True)
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputClosed from error


def command_line() -> str:
    """The command as it was given, for the files that it writes."""
    return shlex.join(["scenewise", *sys.argv[1:]])
