"""The application behind the command line: flags that commands share, and how results are printed."""

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
    help="Learn what is normal for each of several fixed cameras, and score new footage frame by frame.",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)

Flat = Parameter(name="*")
Json = Annotated[bool, Parameter(negative="", help="Print the result as JSON.")]
ConfigFile = Annotated[
    Path | None,
    Parameter(
        name="--config", help="TOML file of settings, named like the flags; flags on the command line take precedence."
    ),
]


def give(result: dict[str, Any], text: str, as_json: bool) -> None:
    """Print the result of a command: `result` as JSON, or `text`."""
    print_out(json_format.dumps(result, indent=1) if as_json else text)


class OutputClosed(Exception):  # noqa: N818  not an error
    """The reader of standard output has closed it."""


def print_out(text: str) -> None:
    """Print a result. Raises OutputClosed, after which standard output discards what the interpreter still flushes.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        print(text, flush=True)
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputClosed from error


def command_line() -> str:
    """The command as the user gave it: the files that it writes record it."""
    return shlex.join(["scenewise", *sys.argv[1:]])
