"""`scenewise demo`: the main job from footage to report, on footage it renders itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scenewise.config import DemoConfig, Parallel
from scenewise.config.demo import AUTOENCODER_SETTINGS
from scenewise.features.extract import extract
from scenewise.files import require_there
from scenewise.methods import DEFAULT, open_method, settings_of
from scenewise.output_folder import OutputFolder
from scenewise.protocols import evaluate
from scenewise.report.page import write_report
from scenewise.runs.run import RUN_JSON
from scenewise.runs.train import train
from scenewise.street import render_street

OBJECTIVES = ("reconstruction", "contrastive")
"""Of the autoencoders: scene-agnostic and scene-aware."""
RUNS = ("seeds", "full")
"""Settings of how many runs there are."""


def demo(out: Path, config: DemoConfig | None = None, commands: Sequence[str] = ()) -> dict[str, Any]:
    """Render the street, extract, train the default and two autoencoders, evaluate, and write the report into `out`.

    Returns {"metrics": [of each run], "runs": [their folders], "report": its path}. What an earlier call finished is
    kept. Raises ConfigError if `out` holds a demo with other settings, or another command is writing there.
    """
    config = config or DemoConfig()
    wanted = demo_runs(config)
    folder = OutputFolder(out, "a demo")
    with folder.lock():
        folder.refuse_link(out / "runs")
        # More seeds are no other demo: the runs that are there stay as they are.
        folder.record_settings({name: value for name, value in asdict(config).items() if name not in RUNS})
        return _demo(out, config, wanted, commands)


def _demo(
    out: Path, config: DemoConfig, wanted: Mapping[str, tuple[str, Any]], commands: Sequence[str]
) -> dict[str, Any]:
    street, features = out / "street", out / "features"
    render_street(street, config.street)
    extract(street, features, config.extraction, parallel=Parallel())
    runs, metrics = [], []
    for name, (method, settings) in wanted.items():
        run = out / "runs" / name
        train(features, run, method, settings, resume=True, commands=commands)
        metrics.append(evaluate(run))
        runs.append(run)
    report = write_report(runs, out / "report.html", commands)
    require_there([report, *(run / RUN_JSON for run in runs)])
    return {"metrics": metrics, "runs": [str(run) for run in runs], "report": str(report)}


def demo_runs(config: DemoConfig) -> dict[str, tuple[str, Any]]:
    """{its folder's name: method and settings} of every run: the default method, and each autoencoder seed by seed.

    Raises ConfigError if settings do not go together, before anything is rendered.
    """
    autoencoder = open_method("autoencoder")
    shared = {name: getattr(config, name) for name in AUTOENCODER_SETTINGS}
    runs: dict[str, tuple[str, Any]] = {DEFAULT: (DEFAULT, None)}
    for seed in range(config.runs_of_each):
        for objective in OBJECTIVES:
            settings = settings_of(autoencoder, {**shared, "objective": objective, "seed": seed})
            runs[f"{objective}-{seed}"] = ("autoencoder", settings)
    return runs
