"""`scenewise demo`: the main job from footage to report, on footage it renders itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scenewise.config import DemoConfig, ExtractConfig, Objective, StreetConfig, TrainConfig
from scenewise.datasets.street import render_street
from scenewise.evaluation.protocol import evaluate
from scenewise.features.extract import extract
from scenewise.pipeline import train
from scenewise.report.page import write_report

OBJECTIVES: tuple[Objective, ...] = ("reconstruction", "contrastive")


def demo(out: Path, config: DemoConfig | None = None, commands: Sequence[str] = ()) -> dict[str, Any]:
    """Render the street, extract, train every objective with every seed, evaluate, and write the report into `out`.

    Returns {"metrics": [of each run], "runs": [their folders], "report": its path}. What an earlier call finished is
    kept. Raises ConfigError where `out` holds a demo of other settings.
    """
    config = config or DemoConfig()
    street, features = out / "street", out / "features"
    rendered = StreetConfig(config.scenes, config.videos, config.frames, config.size, config.street_seed)
    render_street(street, rendered)
    extract(street, features, ExtractConfig(encoder=config.encoder))
    runs, metrics = [], []
    for seed in range(config.seeds):
        for objective in OBJECTIVES:
            run = out / "runs" / f"{objective}-{seed}"
            settings = TrainConfig(
                objective=objective,
                steps=config.steps,
                seed=seed,
                width=config.width,
                segments_per_scene=config.segments_per_scene,
                learning_rate=config.learning_rate,
                checkpoint_every=config.checkpoint_every,
                resume=True,
            )
            train(features, run, settings, commands)
            metrics.append(evaluate(run))
            runs.append(run)
    report = write_report(runs, out / "report.html", commands)
    return {"metrics": metrics, "runs": [str(run) for run in runs], "report": str(report)}
