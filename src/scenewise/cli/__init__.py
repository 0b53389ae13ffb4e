"""The command line: `run` and `main`. The commands are in the modules imported here."""

import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper

from cyclopts import CycloptsError

from scenewise.cli import benchmark as benchmark
from scenewise.cli import datasets as datasets
from scenewise.cli import features as features
from scenewise.cli import history as history
from scenewise.cli import recordings as recordings
from scenewise.cli import schema as schema
from scenewise.cli import stages as stages
from scenewise.cli.app import OutputClosed, app
from scenewise.cli.config_file import config_file
from scenewise.cli.system_errors import line_for_user
from scenewise.cli.train import register_train
from scenewise.errors import PartlyDoneError, ScenewiseError
from scenewise.visible import visible

INTERRUPTED = {
    "accept": "the run is as it was",
    "undo": "the run is as it was",
    "train": "the same command with --resume goes on from here",
    "evaluate": "the same command starts it again",
    "report": "the same command starts it again",
    "datasets": "the same command starts it again",
}
GOES_ON = "the same command goes on from here"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments` (default: those of the process) name, and exit with its exit code.

    0 success, 2 a user's mistake (one line on standard error), 3 some of several videos failed, 1 a fault of the
    program (a traceback), 130 Ctrl-C, 141 if the reader of standard output has closed it.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error does: a name need not be printable
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run the command that `arguments` name; returns the exit code."""
    try:
        if arguments[:1] in ([], ["train"], ["--help"], ["-h"]):
            register_train(arguments)
        app.config = config_file(app, arguments)
        app(arguments)
    except PartlyDoneError as error:
        return _mistake(str(error), code=3)
    except (CycloptsError, ScenewiseError) as error:
        return _mistake(str(error))
    except KeyboardInterrupt:
        print(f"scenewise: stopped; {INTERRUPTED.get(''.join(arguments[:1]), GOES_ON)}", file=sys.stderr)
        return 130
    except OutputClosed:
        return 141  # 128 + SIGPIPE, as shells report a command whose output `head` has closed
    except (OSError, MemoryError) as error:
        refused = line_for_user(error, arguments)
        if refused:
            return _mistake(refused)
        traceback.print_exc()
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _mistake(message: str, code: int = 2) -> int:
    print(visible(f"scenewise: {' '.join(message.split())}"), file=sys.stderr)
    return code
