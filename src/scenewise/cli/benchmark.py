"""`scenewise benchmark`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scenewise.cli import default_out
from scenewise.cli.app import ConfigFile, Json, app, command_line, give
from scenewise.cli.default_out import out_or_default
from scenewise.cli.help_groups import BENCHMARK, HelpInGroups
from scenewise.cli.require_there import require_folder
from scenewise.config import BenchmarkConfig


@app.command(help_formatter=HelpInGroups(groups=BENCHMARK))
def benchmark(
    data: Path,
    /,
    *,
    out: Path | None = None,
    settings: Annotated[
        BenchmarkConfig, Parameter(name="*", consume_multiple=True, negative_iterable=())
    ] = BenchmarkConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Train and evaluate several methods, each with several seeds, on the same features; write one table.

    Parameters
    ----------
    data
        Folder of a data set, or a folder of features that `extract` or `features import` wrote.
    out
        Folder to write to, or to complete: table.html, .md, .tex, .csv and .json, report.html, and the runs; by
        default DATA-benchmark in the current folder.
    """
    require_folder(data, "the folder of a data set, or of features")
    from scenewise.benchmark.benchmark import run_benchmark
    from scenewise.results.summary_line import summary_line
    from scenewise.results.write_table import in_format

    out = out_or_default(out, data, default_out.BENCHMARK)
    written = run_benchmark(data, out, settings, [command_line()])
    tables = [in_format(table, "terminal", settings.columns) for table in written.compared]
    lines = [line for table in tables for line in (*table.split("\n"), "")]
    give(written.as_json(), [*lines, summary_line(written.compared[0], written.page)], json)
