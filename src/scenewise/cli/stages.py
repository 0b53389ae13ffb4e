"""One command a stage. Heavy imports are inside the commands, so that `scenewise --help` answers at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from scenewise.cli.app import ConfigFile, Flat, Json, app, command_line, give, print_out
from scenewise.cli.default_out import FEATURES, SCORED, out_or_default, said
from scenewise.cli.help_groups import EVALUATE, EXTRACT, SCORE, HelpInGroups
from scenewise.cli.require_there import require_folder, require_videos
from scenewise.config import DemoConfig, EvaluateConfig, ExtractConfig, Parallel, Protocol, ScoreConfig, StreetConfig
from scenewise.counted import counted
from scenewise.errors import ConfigError, DataError, PartlyDoneError

Format = Literal["terminal", "markdown", "latex", "csv", "json", "html"]
A_RUN = "a run, the folder that `scenewise train` wrote"


@app.command
def street(
    folder: Path,
    /,
    *,
    settings: Annotated[StreetConfig, Flat] = StreetConfig(),  # noqa: B008  frozen, and its defaults show in --help
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Render the street data set: scenes with different rules of what is normal, as H.264 files with labels.

    Parameters
    ----------
    folder
        New folder to write to, or one with the same settings to complete.
    """
    from scenewise.street import render_street

    written = render_street(folder, settings)
    give({"folder": str(folder), "videos": len(written)}, [f"{counted(len(written), 'video')} in {folder}"], json)


@app.command(help_formatter=HelpInGroups(groups=EXTRACT))
def extract(
    data: Path,
    /,
    *,
    out: Path | None = None,
    settings: Annotated[ExtractConfig, Flat] = ExtractConfig(),  # noqa: B008
    parallel: Annotated[Parallel, Flat] = Parallel(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Turn every frame of a data set into features with a frozen encoder.

    Parameters
    ----------
    data
        Folder of the data set: train/SCENE/VIDEO.mp4, test/SCENE/VIDEO.mp4 and labels/SCENE/VIDEO.npy; or a layout
        of `datasets list`; or a dataset.json.
    out
        Folder of features to write, or to complete; by default DATA-features in the current folder.
    """
    require_folder(data, "the folder of a data set")
    from scenewise.encoders import require_used
    from scenewise.features.extract import extract

    require_used(settings, "device")
    out = out_or_default(out, data, FEATURES)
    summary = extract(data, out, settings, parallel=parallel)
    rate = f" at {counted(round(summary.frames / summary.seconds), 'frame')} per second" if summary.frames else ""
    lines = [
        f"{counted(len(summary.extracted), 'video')} extracted ({counted(summary.frames, 'frame')}{rate}), "
        f"{len(summary.kept)} found whole and kept, {len(summary.failed)} failed; features in {out}"
    ]
    if summary.lost:
        lines.append(
            f"{counted(summary.lost, 'frame')} could not be decoded; each repeats the frame before it and is marked"
        )
    lines += summary.notes
    if summary.shard:
        lines.append(
            f"shard {summary.shard} is done; after all shards, the same command without --shard completes {out}"
        )
    lines += [f"failed: {reason}" for reason in dict.fromkeys(failed["reason"] for failed in summary.failed)]
    give(summary.as_json(), lines, json)


@app.command(usage="Usage: scenewise evaluate [OPTIONS] RUNS...", help_formatter=HelpInGroups(groups=EVALUATE))
def evaluate(
    *runs: Annotated[
        Path, Parameter(help="Folders that `train` wrote; the figures are written to evaluation/ in each of them.")
    ],
    settings: Annotated[
        EvaluateConfig, Parameter(name="*", consume_multiple=True, negative_iterable=())
    ] = EvaluateConfig(),  # noqa: B008
    form: Annotated[
        Format, Parameter(name="--format", help="How the table is printed; csv, json and html have every figure.")
    ] = "terminal",
    columns: Annotated[
        tuple[str, ...],
        Parameter(
            consume_multiple=True,
            negative_iterable=(),
            help="Figures to show, named as in metrics.json, such as scene_auc_mean event_auc/car; all: every one.",
        ),
    ] = (),
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Score the test videos of each run's features, and compare the scores with the labels: one table of all runs."""
    if not runs:
        raise ConfigError("evaluate: expected the folder of at least one run")
    for run in runs:
        require_folder(run, A_RUN)
    from scenewise.protocols import evaluate as evaluate_run
    from scenewise.results.columns import require_known
    from scenewise.results.table import table_of
    from scenewise.results.write_table import in_format

    if not settings.metric:
        require_known(columns)
    metrics = [evaluate_run(run, settings) for run in runs]
    if json or settings.unlabelled:
        lines = [
            f"{counted(len(one['per_video']), 'test video')} scored without labels; scores in "
            f"{run / 'evaluation/scores'}"
            for run, one in zip(runs, metrics, strict=True)
        ]
        give(metrics[0] if len(runs) == 1 else {"runs": metrics}, lines, json)
    else:
        print_out(in_format(table_of(metrics), form, columns))


@app.command(usage="Usage: scenewise report [OPTIONS] RUNS...")
def report(
    *runs: Annotated[
        Path, Parameter(help="Folders of evaluated runs; runs that differ in the seed alone are one model.")
    ],
    out: Annotated[
        Path | None, Parameter(help="HTML file to write; by default report.html in the run, or beside several.")
    ] = None,
    png: Annotated[Path | None, Parameter(help="Folder to write the pictures to as well, as PNG and SVG.")] = None,
    protocol: Annotated[
        Protocol, Parameter(help="Evaluation to show; published is marked as chosen on test data.")
    ] = "strict",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write one self-contained page: tables of figures, score curves, the same class of event in several scenes."""
    if not runs:
        raise ConfigError("report: expected the folder of at least one evaluated run")
    for run in runs:
        require_folder(run, A_RUN)
    from scenewise.evaluation.folder import read_metrics
    from scenewise.report.page import REPORTS, write_report
    from scenewise.results.summary_line import summary_line
    from scenewise.results.table import table_of

    if out is None:
        out = said((runs[0] if len(runs) == 1 else runs[0].parent) / REPORTS[protocol], "file")
    written = write_report(runs, out, [command_line()], png, protocol)
    lines = [
        *([f"pictures in {png}"] if png else []),
        summary_line(table_of([read_metrics(run, protocol) for run in runs]), written),
    ]
    give({"report": str(written), "pictures": str(png) if png else None}, lines, json)


@app.command(usage="Usage: scenewise score [OPTIONS] RUN VIDEOS...", help_formatter=HelpInGroups(groups=SCORE))
def score(
    run: Path,
    /,
    *videos: Annotated[
        str, Parameter(help="Videos, folders of pictures, folders that hold either, or a stream (rtsp://...).")
    ],
    out: Path | None = None,
    settings: Annotated[ScoreConfig, Flat] = ScoreConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Score new videos, without labels: a table of scores, the events, and the score curve.

    Parameters
    ----------
    run
        Folder that `train` wrote.
    out
        Folder to write to: a folder for each video, with scores.csv, events.json, pictures and the score
        curve; by default RUN-scored in the current folder.
    """
    require_folder(run, A_RUN)
    require_videos(videos)
    from scenewise.inference.score_videos import in_lines, score_videos

    summary = score_videos(run, videos, out_or_default(out, run, SCORED), settings)
    if summary.videos or json:
        give(summary.as_json(), in_lines(summary), json)
    if summary.failed:
        reasons = "; ".join(failed["reason"] for failed in summary.failed)
        if not summary.videos:
            raise DataError(reasons)
        raise PartlyDoneError(
            f"{len(summary.failed)} of {len(summary.failed) + len(summary.videos)} not scored: {reasons}"
        )


@app.command
def demo(
    *,
    out: Annotated[Path, Parameter(help="Folder to write to.")] = Path("runs/demo"),
    settings: Annotated[DemoConfig, Flat] = DemoConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Render the street, and compare the default method with two autoencoders on it: a table and a report."""
    from scenewise.demo import demo
    from scenewise.progress import at_most
    from scenewise.results.story import COLUMNS

    with at_most(COLUMNS):
        result = demo(out, settings, [command_line()])
    if not json:
        _print_story(result["metrics"])
    give(result, [f"The report: {result['report']}"], json)


def _print_story(metrics: Sequence[dict[str, Any]]) -> None:
    """Print what evaluations say in one sentence, three numbers and a small table."""
    from rich.console import Console

    from scenewise.results.story import print_story, story_of
    from scenewise.results.table import table_of

    console = Console(markup=False, highlight=False)
    with console.capture() as captured:
        print_story(story_of(table_of(metrics)), console)
    print_out("\n".join(line.rstrip() for line in captured.get().split("\n")))
