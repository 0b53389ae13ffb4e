"""The command line: one command a stage.

Heavy imports stand inside the commands, so that `scenewise --help` answers at once.
"""

import json as json_format
import os
import shlex
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

import scenewise
from scenewise.config import DemoConfig, EvaluateConfig, ExtractConfig, ScoreConfig, StreetConfig, TrainConfig
from scenewise.errors import ConfigError, DataError, ScenewiseError
from scenewise.refused_paths import told_to_the_user
from scenewise.settings_file import config_file

app = App(
    name="scenewise",
    version=scenewise.__version__,
    help="Learns from normal footage of several fixed cameras what is normal in each, and scores new footage for it.",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)

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
    if summary.videos or json:
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
        app.config = config_file(app, arguments)
        app(arguments)
    except (CycloptsError, ScenewiseError) as error:
        return _mistake(str(error))
    except KeyboardInterrupt:
        print(f"scenewise: stopped; {INTERRUPTED.get(''.join(arguments[:1]), GOES_ON)}", file=sys.stderr)
        return 130
    except _OutputClosed:
        return 141  # what a shell says of other tools that `head` has heard enough of: 128 + SIGPIPE
    except OSError as error:
        refused = told_to_the_user(error, arguments)
        if refused:
            return _mistake(refused)
        traceback.print_exc()
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _mistake(message: str) -> int:
    print(f"scenewise: {' '.join(message.split())}", file=sys.stderr)
    return 2
