"""`scenewise demo`: the main job from footage to report, on footage it renders itself."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from scenewise.config import DemoConfig, ExtractConfig
from scenewise.evaluation.protocol import evaluate
from scenewise.features.extract import extract
from scenewise.output_folder import OutputFolder
from scenewise.report.page import write_report
from scenewise.runs.train import train
from scenewise.street import render_street


def demo(out: Path, config: DemoConfig | None = None, commands: Sequence[str] = ()) -> dict[str, Any]:
    """Render the street, extract, train the default and two autoencoders, evaluate, and write the report into `out`.

    Returns {"metrics": [of each run], "runs": [their folders], "report": its path}. What an earlier call finished is
    kept. Raises ConfigError where `out` holds a demo of other settings.
    """
    config = config or DemoConfig()
    # More seeds are no other demo: the runs that are there stay as they are.
    OutputFolder(out, "a demo").claim({name: value for name, value in asdict(config).items() if name != "seeds"})
    street, features = out / "street", out / "features"
    render_street(street, config.street)
    extract(street, features, ExtractConfig(encoder=config.encoder))
    runs, metrics = [], []
    for name, training in config.runs.items():
        run = out / "runs" / name
        train(features, run, replace(training, resume=True), commands)
        metrics.append(evaluate(run))
        runs.append(run)
    report = write_report(runs, out / "report.html", commands)
    return {"metrics": metrics, "runs": [str(run) for run in runs], "report": str(report)}
