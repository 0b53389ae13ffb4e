"""The application behind the command line: flags that commands share, and how results are printed."""

import json as json_format
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

import scenewise
from scenewise.cli.help_groups import GENERAL, HelpInGroups
from scenewise.errors import ConfigError
from scenewise.visible import visible

app = App(
    name="scenewise",
    version=scenewise.__version__,
    help="Learn what is normal for each of several fixed cameras, and score new footage frame by frame.",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
    help_formatter=HelpInGroups(),
)

Flat = Parameter(name="*")
Json = Annotated[bool, Parameter(negative="", group=GENERAL, help="Print the result as JSON.")]
ConfigFile = Annotated[
    Path | None,
    Parameter(
        name="--config",
        group=GENERAL,
        help="TOML file of settings, named like the flags; flags on the command line take precedence.",
    ),
]


def give(result: dict[str, Any], lines: Sequence[str], as_json: bool) -> None:
    """Print the result of a command: `result` as JSON, or `lines`, in which control characters are shown."""
    written = json_format.dumps(result, indent=1).split("\n") if as_json else lines
    print_out("\n".join(map(visible, written)))


class OutputClosed(Exception):  # noqa: N818  not an error
    """The reader of standard output has closed it."""


def print_out(text: str) -> None:
    """Print a result. Raises OutputClosed if its reader has gone, ConfigError if it cannot be written.

    After either, standard output discards what the interpreter still flushes.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        print(text, flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise OutputClosed from error
        raise ConfigError(
            f"standard output: {error.strerror}; the command has done its work, and only its result cannot be printed"
        ) from error


def command_line() -> str:
    """The command as the user gave it: the files that it writes record it."""
    return shlex.join(["scenewise", *sys.argv[1:]])
