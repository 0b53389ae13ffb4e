"""`scenewise benchmark`: every method with every seed on the same features, one table. It resumes.

OUT/
├── table.html, .md, .csv, .tex, .json        by the strict protocol
├── table-published.*                   with --protocol published: chosen on test data, and marked so
├── report.html
├── features/                           where DATA is a data set
├── runs/METHOD-SEED/
├── costs/METHOD-SEED.json              peak memory and scoring time of each run, and what it was evaluated on
├── benchmark.json                      the settings
└── SHA256SUMS
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scenewise.benchmark.child import Job, in_child
from scenewise.benchmark.cost import cost_figures, read_cost
from scenewise.benchmark.forms import Form, chosen_forms, compared_forms
from scenewise.config import BenchmarkConfig, ExtractConfig, Protocol
from scenewise.config.benchmark import EXTRACTION
from scenewise.errors import ConfigError, DataError
from scenewise.evaluation.folder import FOLDERS, FORMAT, METRICS
from scenewise.features.extract import extract
from scenewise.features.store import MANIFEST, FeatureStore, open_store
from scenewise.files import read_json, sha256_of
from scenewise.output_folder import OutputFolder
from scenewise.progress import console
from scenewise.report.page import REPORTS, write_report
from scenewise.results.metrics_list import Metrics
from scenewise.results.table import table_of
from scenewise.results.write_tables import write_tables
from scenewise.runs.run import open_run

FREE = ("methods", "seeds", "device", "metric")
"""More methods and more seeds are no other benchmark: the runs that are there stay as they are."""
TABLES: dict[Protocol, str] = {"strict": "table", "published": "table-published"}


@dataclass(frozen=True)
class MadeRun:
    """A run that is trained, evaluated and measured."""

    method: str
    """What the table calls it."""
    folder: Path
    metrics: Mapping[Protocol, Metrics]
    """As in its metrics.json."""
    costs: Mapping[str, float | None]
    """The figures of the group "cost of a run"."""

    def row_of(self, protocol: Protocol) -> Metrics:
        """What the table is made from: the figures by `protocol`, and the costs."""
        return {**self.metrics[protocol], **self.costs, "title": self.method}


@dataclass(frozen=True)
class Written:
    """What a benchmark wrote."""

    tables: tuple[Path, ...]
    """HTML, Markdown, CSV, LaTeX and JSON of every protocol, the strict one first."""
    reports: tuple[Path, ...]
    """Of every protocol, the strict one first."""
    runs: tuple[Path, ...]

    @property
    def markdown(self) -> list[Path]:
        """The tables as they are read in a terminal."""
        return [path for path in self.tables if path.suffix == ".md"]

    @property
    def page(self) -> Path:
        """The strict table as a page."""
        return self.tables[0]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON: the paths, and what stands in the tables."""
        tables = {path.stem: read_json(path, format_version=1) for path in self.tables if path.suffix == ".json"}
        return {
            "files": [str(path) for path in self.tables],
            "reports": [str(report) for report in self.reports],
            "runs": [str(run) for run in self.runs],
            "tables": tables,
        }


def run_benchmark(
    data: Path, out: Path, config: BenchmarkConfig | None = None, commands: Sequence[str] = ()
) -> Written:
    """Compare the methods on `data`, a data set or a feature store, and write everything into `out`.

    What an earlier call finished is kept. Raises ConfigError where `out` holds a benchmark of other settings, or
    settings of an encoder come with features; DataError where there is no test video; and what `extract`, `train` and
    `evaluate` raise.
    """
    config = config or BenchmarkConfig()
    chosen_forms(config)  # what cannot be is said before anything is extracted
    _refuse_encoder_of_features(data, config)
    settings = {name: value for name, value in asdict(config).items() if name not in FREE}
    folder = OutputFolder(out, "a benchmark")
    with folder.lock():
        # The published protocol adds a table; leaving it out again would let the two tables grow apart.
        folder.claim({"data": str(data.resolve()), **settings}, {"protocol": ("strict", "published")})
        return _run_benchmark(data, out, config, commands)


def _run_benchmark(data: Path, out: Path, config: BenchmarkConfig, commands: Sequence[str]) -> Written:
    store = _features(data, out, config)
    if not store.of("test"):
        raise DataError(f"{data}: a benchmark needs test videos, and it holds none")
    evaluated = {"manifest": sha256_of(store.folder / MANIFEST), "truth": _truth_files(store)}
    wanted = _wanted(_forms(store, config), config)
    made: list[MadeRun] = []
    for form, seed in wanted:
        job = _job(form, seed, store, out, config, evaluated, commands)
        if not _is_made(job):
            console.print(f"{form.name}, seed {seed} ({len(made) + 1} of {len(wanted)})")
            in_child(job)
        made.append(_made(form.name, job))
    return _write(out, made, commands)


def _refuse_encoder_of_features(data: Path, config: BenchmarkConfig) -> None:
    if not (data / MANIFEST).is_file():
        return
    for name in EXTRACTION:
        if name != "device" and getattr(config, name) != getattr(BenchmarkConfig, name):
            raise ConfigError(f"--{name}: {data} holds features already, made by an encoder; leave it out")


def _forms(store: FeatureStore, config: BenchmarkConfig) -> list[Form]:
    """What is compared; says what of the default the data leaves out."""
    scenes = sorted({video.scene for video in store.of("train")})
    forms, notes = compared_forms(config, scenes, objects=all(video.objects is not None for video in store.videos))
    for note in notes:
        _note(note)
    return forms


def _wanted(forms: Sequence[Form], config: BenchmarkConfig) -> list[tuple[Form, int]]:
    """(form, seed) of every run, in their order; a method that draws nothing at random runs once."""
    seeds = range(config.seeds)
    return [(form, seed) for seed in seeds for form in forms if seed == 0 or not form.method.deterministic]


def _job(
    form: Form,
    seed: int,
    store: FeatureStore,
    out: Path,
    config: BenchmarkConfig,
    evaluated: Mapping[str, Any],
    commands: Sequence[str],
) -> Job:
    name = re.sub(r"[/:]", "-", f"{form.name}-{seed}")
    return Job(
        features=store.folder,
        run=out / "runs" / name,
        cost=out / "costs" / f"{name}.json",
        method=form.method_name,
        settings=asdict(form.with_seed(seed)),
        protocols=form.protocols,
        evaluated={**evaluated, "protocols": list(form.protocols), "metric": list(config.metric)},
        metric=config.metric,
        device=config.device,
        commands=commands,
    )


def _note(text: str) -> None:
    console.print(f"note: {text}", markup=False, highlight=False, soft_wrap=True)


def _features(data: Path, out: Path, config: BenchmarkConfig) -> FeatureStore:
    if (data / MANIFEST).is_file():
        return open_store(data)
    extraction: ExtractConfig = config.extraction
    summary = extract(data, out / "features", extraction)
    for note in [*summary.notes, *(f"failed: {failed['reason']}" for failed in summary.failed)]:
        _note(note)
    return open_store(out / "features")


def _truth_files(store: FeatureStore) -> list[list[Any]]:
    """Path, size and time of every file of labels or events, unopened: where one changes, runs are evaluated again."""
    paths = {video.labels.path for video in store.videos if video.labels is not None}
    paths |= {Path(video.events) for video in store.videos if video.events is not None}
    return [[str(path), *_size_and_time(path)] for path in sorted(paths)]


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0  # evaluate says what is missing
    return status.st_size, status.st_mtime_ns


def _is_made(job: Job) -> bool:
    """Whether the run was evaluated on just these features and labels. Raises IntegrityError where it was changed."""
    return read_cost(job.cost).evaluated == job.evaluated


def _made(method: str, job: Job) -> MadeRun:
    """The finished run, as the table needs it."""
    metrics = {
        protocol: read_json(job.run / FOLDERS[protocol] / METRICS, format_version=FORMAT) for protocol in job.protocols
    }
    return MadeRun(method, job.run, metrics, cost_figures(read_cost(job.cost), open_run(job.run).facts))


def _write(out: Path, made: Sequence[MadeRun], commands: Sequence[str]) -> Written:
    tables: list[Path] = []
    reports: list[Path] = []
    for protocol in TABLES:
        shown = [one for one in made if protocol in one.metrics]
        if shown:
            folders = [one.folder for one in shown]
            reports.append(write_report(folders, out / REPORTS[protocol], commands, protocol=protocol))
            tables += write_tables(
                table_of([one.row_of(protocol) for one in shown]), out / TABLES[protocol], reports[-1]
            )
    return Written(tuple(tables), tuple(reports), tuple(one.folder for one in made))
