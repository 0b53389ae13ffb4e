"""`scenewise benchmark`: compares methods, each with several seeds, on the same features in one table. It resumes.

OUT/
├── table.html, .md, .csv, .tex, .json        by the strict protocol
├── figure.png, .svg                    a point a row: within scenes, where normal (or pooled), parameters
├── table-published.*, figure-published.*     with --protocol published: chosen on test data, and marked so
├── report.html
├── features/                           if DATA is a data set
├── runs/METHOD-SEED/
├── costs/METHOD-SEED/cost.json         peak memory and scoring time of each run, and what it was evaluated on
├── benchmark.json                      the settings
└── SHA256SUMS
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scenewise.benchmark.cost import cost_figures, read_cost
from scenewise.benchmark.forms import Form, chosen_forms, compared_forms, is_named
from scenewise.benchmark.make_runs import make_runs
from scenewise.benchmark.run_in_process import Job
from scenewise.benchmark.written import MadeRun, Written, write_all
from scenewise.checksums import sha256_of
from scenewise.config import BenchmarkConfig, ExtractConfig, Parallel
from scenewise.config.benchmark import EXTRACTION
from scenewise.errors import ConfigError, DataError
from scenewise.evaluation.folder import read_metrics
from scenewise.evaluation.unlabelled import require_labels
from scenewise.features.extract import extract
from scenewise.features.store import MANIFEST, FeatureStore, open_store
from scenewise.folders import real
from scenewise.output_folder import OutputFolder
from scenewise.progress import note
from scenewise.results.columns import require_known
from scenewise.runs.run import open_run

FREE = ("methods", "seeds", "device", "metric", "jobs", "columns")
"""Settings that may change when a benchmark is resumed: its finished runs stay as they are."""


def run_benchmark(
    data: str | Path, out: str | Path, config: BenchmarkConfig | None = None, commands: Sequence[str] = ()
) -> Written:
    """Compare the methods on `data`, a data set or a feature store, and write everything into `out`.

    What an earlier call finished is kept. Raises ConfigError if `out` holds a benchmark with other settings, or if
    settings of an encoder are given with features; DataError if there is no test video, or none has labels; and what
    `extract`, `train` and `evaluate` raise.
    """
    data, out = Path(data), Path(out)
    config = config or BenchmarkConfig()
    chosen_forms(config)  # raises on wrong settings before anything is extracted
    if not config.metric:
        require_known(config.columns)
    _refuse_encoder_of_features(data, config)
    settings = {name: value for name, value in asdict(config).items() if name not in FREE}
    folder = OutputFolder(out, "a benchmark")
    with folder.lock():
        folder.refuse_link(out / "runs", out / "costs")
        # The published protocol adds a table. Without it in a later call, the two tables would hold different runs.
        folder.record_settings({"data": str(real(data)), **settings}, {"protocol": ("strict", "published")})
        return _run_benchmark(data, out, config, commands)


def _run_benchmark(data: Path, out: Path, config: BenchmarkConfig, commands: Sequence[str]) -> Written:
    store = _features(data, out, config)
    if not store.of("test"):
        raise DataError(f"{data}: a benchmark needs test videos, and it holds none")
    require_labels(store)  # before the first run is trained
    evaluated = {"manifest": sha256_of(store.folder / MANIFEST), "truth": _truth_files(store)}
    wanted = _wanted(_forms(store, config), config)
    jobs = {
        (form.name, seed): _job(
            form, seed, store, out, config, evaluated, commands, optional=not is_named(form, config)
        )
        for form, seed in wanted
    }
    folder = OutputFolder(out, "a benchmark")
    folder.refuse_link(*(job.cost.parent for job in jobs.values()))
    skipped = make_runs({name: job for name, job in jobs.items() if not _is_made(job)}, config)
    made = [_made(name, job) for (name, seed), job in jobs.items() if name not in skipped]
    if not made:
        raise ConfigError(f"--methods: the features allow none of {', '.join(dict.fromkeys(name for name, _ in jobs))}")
    return write_all(out, made, commands, config.columns)


def _refuse_encoder_of_features(data: Path, config: BenchmarkConfig) -> None:
    if not (data / MANIFEST).is_file():
        return
    for name in EXTRACTION:
        if name != "device" and getattr(config, name) != getattr(BenchmarkConfig, name):
            raise ConfigError(f"--{name}: {data} holds features, which an encoder made already; give no --{name}")


def _forms(store: FeatureStore, config: BenchmarkConfig) -> list[Form]:
    """The forms to compare; notes name the default forms that the data does not allow."""
    scenes = sorted({video.scene for video in store.of("train")})
    forms, notes = compared_forms(config, scenes, objects=all(video.objects is not None for video in store.videos))
    for text in notes:
        note(text)
    return forms


def _wanted(forms: Sequence[Form], config: BenchmarkConfig) -> list[tuple[Form, int]]:
    """(form, seed) of every run, in the order in which they are made; a deterministic method runs once."""
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
    *,
    optional: bool,
) -> Job:
    name = re.sub(r"[/:]", "-", f"{form.name}-{seed}")
    return Job(
        features=store.folder,
        run=out / "runs" / name,
        cost=out / "costs" / name / "cost.json",
        method=form.method_name,
        settings=asdict(form.with_seed(seed)),
        protocols=form.protocols,
        evaluated={**evaluated, "protocols": list(form.protocols), "metric": list(config.metric)},
        metric=config.metric,
        device=config.device,
        commands=commands,
        optional=optional,
    )


def _features(data: Path, out: Path, config: BenchmarkConfig) -> FeatureStore:
    if (data / MANIFEST).is_file():
        return open_store(data)
    extraction: ExtractConfig = config.extraction
    summary = extract(data, out / "features", extraction, parallel=Parallel())
    reasons = dict.fromkeys(failed["reason"] for failed in summary.failed)
    for text in [*summary.notes, *(f"failed: {reason}" for reason in reasons)]:
        note(text)
    return open_store(out / "features")


def _truth_files(store: FeatureStore) -> list[list[Any]]:
    """Path, size and time of every file of labels or events, unopened: if one changes, runs are evaluated again."""
    paths = {video.labels.path for video in store.videos if video.labels is not None}
    paths |= {Path(video.events) for video in store.videos if video.events is not None}
    return [[str(path), *_size_and_time(path)] for path in sorted(paths)]


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0  # `evaluate` reports the missing file
    return status.st_size, status.st_mtime_ns


def _is_made(job: Job) -> bool:
    """Whether the run was evaluated on exactly these features and labels. Raises IntegrityError if it was changed."""
    return read_cost(job.cost).evaluated == job.evaluated


def _made(method: str, job: Job) -> MadeRun:
    """The finished run, as the table needs it."""
    metrics = {protocol: read_metrics(job.run, protocol) for protocol in job.protocols}
    return MadeRun(method, job.run, metrics, cost_figures(read_cost(job.cost), open_run(job.run).facts))
