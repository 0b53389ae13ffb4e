"""The command line: one command a stage.

Heavy imports stand inside the commands, so that `scenewise --help` answers at once.
"""

import difflib
import errno
import json as json_format
import os
import shlex
import sys
import tomllib
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from cyclopts.config import Toml

import scenewise
from scenewise.config import DemoConfig, EvaluateConfig, ExtractConfig, ScoreConfig, StreetConfig, TrainConfig
from scenewise.errors import ConfigError, DataError, ScenewiseError

app = App(
    name="scenewise",
    version=scenewise.__version__,
    help="Learns from normal footage of several fixed cameras what is normal in each, and scores new footage for it.",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)

ELSEWHERE = "choose another path"
TARGET_ERRORS = {
    errno.ENOSPC: "free some, or choose another disk",
    errno.EDQUOT: "free some, or choose another disk",
    errno.EROFS: ELSEWHERE,
    errno.EACCES: "allow it, or choose another path",
    errno.EPERM: "allow it, or choose another path",
    errno.ENOTDIR: f"a file stands where a folder is needed; {ELSEWHERE}",
    errno.EISDIR: f"a folder stands where a file is needed; {ELSEWHERE}",
    errno.EEXIST: f"a file stands where a folder is needed; {ELSEWHERE}",
    errno.ENAMETOOLONG: ELSEWHERE,
    errno.ELOOP: ELSEWHERE,
    errno.EINVAL: ELSEWHERE,
    errno.ENOENT: f"if it is there to be read, check its name; if it is to be written, {ELSEWHERE}",
}
"""What a disk or a path may refuse, and what to do: the user's to mend, not a fault of ours."""
OURS_UNLESS_NAMED = {errno.ENOENT, errno.EINVAL}
"""Those that our own mistakes cause as well; the user's only on a path that the command line names."""

INTERRUPTED = {
    "train": "the same command with --resume goes on from here",
    "evaluate": "the same command starts it again",
    "report": "the same command starts it again",
}
GOES_ON = "the same command goes on from here"

Flat = Parameter(name="*")
Json = Annotated[bool, Parameter(negative="", help="Print the result as JSON, for machines.")]
ConfigFile = Annotated[
    Path | None,
    Parameter(name="--config", help="TOML file with flags' names as keys; flags on the command line beat it."),
]


@app.command
def street(
    folder: Path,
    /,
    *,
    settings: Annotated[StreetConfig, Flat] = StreetConfig(),  # noqa: B008  frozen, and its defaults show in --help
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Render the street data set: camera scenes with rules of their own, as H.264 files with labels.

    Parameters
    ----------
    folder
        Where to write it; a new folder, or one of the same settings to complete.
    """
    from scenewise.datasets.street import render_street

    written = render_street(folder, settings)
    _result({"folder": str(folder), "videos": len(written)}, f"{len(written)} videos in {folder}", json)


@app.command
def extract(
    data: Path,
    /,
    *,
    out: Path,
    settings: Annotated[ExtractConfig, Flat] = ExtractConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Turn every frame of a data set into features with a frozen encoder.

    Parameters
    ----------
    data
        Folder of the data set: train/SCENE/VIDEO.mp4, test/SCENE/..., labels/SCENE/VIDEO.npy, or a dataset.json.
    out
        Folder of features to write, or to complete.
    """
    from scenewise.encoders import require_used
    from scenewise.features.extract import extract

    require_used(settings, "device")
    summary = extract(data, out, settings)
    rate = f" at {summary.frames / summary.seconds:.0f} frames a second" if summary.frames else ""
    lines = [
        f"{len(summary.extracted)} videos extracted ({summary.frames} frames{rate}), "
        f"{len(summary.kept)} found whole and kept, {len(summary.failed)} failed; features in {out}"
    ]
    if summary.lost:
        lines.append(f"{summary.lost} frames could not be decoded; each repeats the one before it and is marked")
    lines += summary.notes
    lines += [f"failed: {failed['reason']}" for failed in summary.failed]
    _result(summary.as_json(), "\n".join(lines), json)


@app.command
def train(
    features: Path,
    /,
    *,
    out: Path,
    settings: Annotated[TrainConfig, Flat] = TrainConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Learn from normal footage what is normal, scene by scene.

    Parameters
    ----------
    features
        Folder that `extract` wrote.
    out
        Folder of the run to write, or with --resume to go on with.
    """
    from scenewise.pipeline import train

    run = train(features, out, settings, [_command_line()])
    text = (
        f"best step {run.training['best_step']} of {run.training['steps']}, held-out error "
        f"{run.training['held_out_error']:.4f}; run in {out}"
    )
    _result({"run": str(out), "scenes": list(run.scenes), **run.training}, text, json)


@app.command
def evaluate(
    run: Path,
    /,
    *,
    settings: Annotated[EvaluateConfig, Flat] = EvaluateConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Score the test videos, and compare the scores with the labels.

    Parameters
    ----------
    run
        Folder that `train` wrote; the figures go into its evaluation/.
    """
    from scenewise.evaluation.protocol import evaluate

    metrics = evaluate(run, settings)
    if json:
        _result(metrics, "", json)
    else:
        _print_table([metrics])


@app.command
def report(
    *runs: Annotated[Path, Parameter(help="Folders of evaluated runs; seeds of one method are shown as one row.")],
    out: Annotated[
        Path | None, Parameter(help="HTML file to write; by default report.html in the one run, or beside several.")
    ] = None,
    png: Annotated[Path | None, Parameter(help="Folder to write the pictures into as well, as PNG and SVG.")] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write one self-contained page: the table, the same event here and there, score curves, how it was made."""
    from scenewise.report.page import write_report

    if not runs:
        raise ConfigError("report: expected at least one folder of an evaluated run")
    if out is None:
        out = (runs[0] if len(runs) == 1 else runs[0].parent) / "report.html"
    written = write_report(runs, out, [_command_line()], png)
    pictures = f"\npictures in {png}" if png else ""
    _result({"report": str(written), "pictures": str(png) if png else None}, f"{written}{pictures}", json)


@app.command
def score(
    run: Path,
    /,
    *videos: Annotated[Path, Parameter(help="Videos, folders of numbered frames, or folders that hold either.")],
    out: Path,
    settings: Annotated[ScoreConfig, Flat] = ScoreConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Score any new videos, without labels: a table of scores, the events, the curve.

    Parameters
    ----------
    run
        Folder that `train` wrote.
    out
        Folder to write into: one folder a video, with scores.csv, events.json, thumbnails and curve.
    """
    from scenewise.score.score_videos import in_lines, score_videos

    summary = score_videos(run, videos, out, settings)
    if summary.videos:
        _result(summary.as_json(), "\n".join(in_lines(summary)), json)
    if summary.failed:
        reasons = "; ".join(failed["reason"] for failed in summary.failed)
        raise DataError(reasons if not summary.videos else f"{len(summary.failed)} not scored: {reasons}")


@app.command
def demo(
    *,
    out: Annotated[Path, Parameter(help="Folder to write everything into.")] = Path("runs/demo"),
    settings: Annotated[DemoConfig, Flat] = DemoConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Render the street, and show scene-agnostic beside scene-aware on it: table and report."""
    from scenewise.demo import demo

    result = demo(out, settings, [_command_line()])
    if not json:
        _print_table(result["metrics"])
    _result(result, result["report"], json)


def _print_table(metrics: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console

    from scenewise.evaluation.summary import print_table, summarise

    console = Console(markup=False, highlight=False)
    with console.capture() as captured:
        print_table(summarise(metrics), console)
    _print(captured.get().rstrip("\n"))


def _result(result: dict[str, Any], text: str, as_json: bool) -> None:
    _print(json_format.dumps(result, indent=1) if as_json else text)


class _OutputClosed(Exception):  # noqa: N818  no error of anybody's
    """Whoever read standard output has closed it."""


def _print(text: str) -> None:
    """Print a result. Raises _OutputClosed; standard output then leads nowhere, so that the last flush is quiet too.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        print(text, flush=True)
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise _OutputClosed from error


def _command_line() -> str:
    return shlex.join(["scenewise", *sys.argv[1:]])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments` (default: the process's own) name, and leave with its exit code.

    0 success, 2 a user's mistake (one line on standard error), 1 a fault of ours (a traceback), 130 Ctrl-C, 141 where
    whoever reads our output has closed it.
    """
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run the command that `arguments` name; returns the exit code."""
    try:
        app.config = _config_file(arguments)
        app(arguments)
    except (CycloptsError, ScenewiseError) as error:
        return _mistake(str(error))
    except KeyboardInterrupt:
        print(f"scenewise: stopped; {INTERRUPTED.get(''.join(arguments[:1]), GOES_ON)}", file=sys.stderr)
        return 130
    except _OutputClosed:
        return 141  # what a shell says of other tools that `head` has heard enough of: 128 + SIGPIPE
    except OSError as error:
        if _is_the_users(error, arguments):
            path = error.filename or _value_of("--out", arguments) or "the target"
            return _mistake(f"{path}: {error.strerror}; {TARGET_ERRORS[error.errno or 0]}")
        traceback.print_exc()
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _mistake(message: str) -> int:
    print(f"scenewise: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _is_the_users(error: OSError, arguments: list[str]) -> bool:
    """Whether a path of the user's, or the disk it is on, refused what a command needs of it."""
    if error.errno not in TARGET_ERRORS:
        return False
    if error.errno not in OURS_UNLESS_NAMED:
        return True
    if not isinstance(error.filename, str):
        return False
    path = Path(error.filename).absolute()
    named = [Path(argument.partition("=")[2] or argument).absolute() for argument in arguments if argument]
    return any(path == one or path in one.parents or one in path.parents for one in named)


def _value_of(name: str, arguments: list[str]) -> str | None:
    """What follows the flag `name` among the arguments; "" where nothing does, None where it is not there."""
    for index, argument in enumerate(arguments):
        flag, given, value = argument.partition("=")
        if flag == name:
            return value if given else "".join(arguments[index + 1 : index + 2])
    return None


def _config_file(arguments: list[str]) -> tuple[Toml, ...]:
    """The source of settings that `--config FILE` among the arguments names; () where there is none.

    Raises ConfigError where it is no TOML file, or has a key that is no flag of the command.
    """
    path = _value_of("--config", arguments)
    if path is None:
        return ()
    try:
        settings = tomllib.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"--config {path}: expected a readable TOML file: {error}") from error
    _refuse_unknown_keys(arguments[0], path, settings)
    return (Toml(path, must_exist=True, use_commands_as_keys=False),)


def _refuse_unknown_keys(command: str, path: str, settings: dict[str, Any]) -> None:
    if command not in app:
        return  # told by the command line's own reading
    flags = {argument.name.removeprefix("--") for argument in app[command].assemble_argument_collection()}
    for key, value in settings.items():
        if isinstance(value, dict):
            raise ConfigError(f"--config {path}: settings are flat: write NAME = VALUE lines, no table [{key}]")
        if key.replace("_", "-") not in flags:
            nearest = difflib.get_close_matches(key.replace("_", "-"), flags, n=1)
            hint = f"the nearest is {nearest[0]}" if nearest else f"scenewise {command} --help lists them"
            raise ConfigError(f"--config {path}: {command} has no setting {key}; {hint}")
