"""What a benchmark writes of its runs: a table in every format, a figure and a report, by every protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scenewise.benchmark.figure import draw_benchmark, points_of
from scenewise.checksums import read_json, record_checksums, require_written
from scenewise.config import Protocol
from scenewise.files import require_there, write_bytes, write_json
from scenewise.report.page import REPORTS, write_report
from scenewise.report.pictures import write_picture
from scenewise.results.as_csv import as_csv
from scenewise.results.as_html import as_html
from scenewise.results.as_json import as_json
from scenewise.results.as_latex import as_latex
from scenewise.results.as_markdown import as_markdown
from scenewise.results.columns import ALL, chosen_columns
from scenewise.results.metrics_list import Metrics
from scenewise.results.table import Table, table_of
from scenewise.runs.run import RUN_JSON

TABLES: dict[Protocol, str] = {"strict": "table", "published": "table-published"}
FIGURES: dict[Protocol, str] = {"strict": "figure", "published": "figure-published"}


@dataclass(frozen=True)
class MadeRun:
    """A run that is trained, evaluated and measured."""

    method: str
    """Its name in the table."""
    folder: Path
    metrics: Mapping[Protocol, Metrics]
    """{protocol: content of its metrics.json}."""
    costs: Mapping[str, float | None]
    """The figures of the group "cost of a run"."""

    def row_of(self, protocol: Protocol) -> Metrics:
        """A row of the table: the figures by `protocol`, and the costs."""
        return {**self.metrics[protocol], **self.costs, "title": self.method}


@dataclass(frozen=True)
class Written:
    """The files that a benchmark wrote."""

    compared: tuple[Table, ...]
    """The table of every protocol with all its columns, the strict one first."""
    tables: tuple[Path, ...]
    """HTML, Markdown, CSV, LaTeX and JSON of every protocol, the strict one first."""
    reports: tuple[Path, ...]
    """The report of every protocol, the strict one first."""
    figures: tuple[Path, ...]
    """PNG and SVG of every protocol, the strict one first."""
    runs: tuple[Path, ...]

    @property
    def page(self) -> Path:
        """The table of the strict protocol as a page."""
        return self.tables[0]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON: the paths, and the content of the tables."""
        tables = {path.stem: read_json(path, format_version=1) for path in self.tables if path.suffix == ".json"}
        return {
            "files": [str(path) for path in self.tables],
            "reports": [str(report) for report in self.reports],
            "figures": [str(figure) for figure in self.figures],
            "runs": [str(run) for run in self.runs],
            "tables": tables,
        }


def write_all(out: Path, made: Sequence[MadeRun], commands: Sequence[str], names: Sequence[str] = ()) -> Written:
    """Write tables, figures and reports of the `made` runs by every protocol; `names` as for `write_tables`."""
    compared: list[Table] = []
    tables: list[Path] = []
    reports: list[Path] = []
    figures: list[Path] = []
    for protocol in TABLES:
        runs = [run for run in made if protocol in run.metrics]
        if runs:
            folders = [run.folder for run in runs]
            reports.append(write_report(folders, out / REPORTS[protocol], commands, protocol=protocol))
            table = table_of([run.row_of(protocol) for run in runs])
            compared.append(table)
            tables += write_tables(table, out / TABLES[protocol], reports[-1], names)
            if points_of(table):
                figures += write_picture(out, FIGURES[protocol], partial(draw_benchmark, table))
    record_checksums(out, [path.name for path in figures])
    require_written(out, [path.name for path in (*tables, *reports, *figures)])
    require_there(run.folder / RUN_JSON for run in made)
    return Written(tuple(compared), tuple(tables), tuple(reports), tuple(figures), tuple(run.folder for run in made))


def write_tables(table: Table, stem: Path, report: Path, names: Sequence[str] = ()) -> list[Path]:
    """Write STEM.html, .md, .csv, .tex and .json, and return their paths; `report` is the page to link beside it.

    `names` are the columns of those for people, see `chosen_columns`; without them .html has all, and .md and .tex the
    short ones. .csv and .json always have all. Raises ConfigError if a column is not known.

    SHA256SUMS beside them covers them and the report.
    """
    shown = table.for_benchmark()
    known = table.columns if names and ALL not in names else shown.columns
    short = shown.with_columns(chosen_columns(known, names))
    texts = {
        "html": as_html(short if names else shown, report.name),
        "md": as_markdown(short),
        "csv": as_csv(shown),
        "tex": as_latex(short),
    }
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in (*texts, "json")]
    for path, text in zip(paths, texts.values(), strict=False):
        write_bytes(path, text.encode())
    write_json(paths[-1], as_json(shown))
    record_checksums(stem.parent, [path.name for path in (*paths, report)])
    return paths
