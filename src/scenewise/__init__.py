"""Scenewise: what is normal depends on where the camera hangs.

The stages, each a function: `render_street`, `extract` or `import_features`, `train`, `evaluate`, `write_report`,
`score_videos`, and `run_benchmark` for many of them; `open_store` and `open_run` read what they wrote. `accept_event`
makes an event normal, and `undo` takes it back. `load` opens a run to score videos one by one, and `try_recordings`
does everything. Paths are `str` or `Path`. Settings are the dataclasses of `scenewise.config`, errors those of
`scenewise.errors`. Everything is imported when it is first asked for, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenewise.benchmark.benchmark import run_benchmark as run_benchmark
    from scenewise.config import BenchmarkConfig as BenchmarkConfig
    from scenewise.config import EvaluateConfig as EvaluateConfig
    from scenewise.config import ExtractConfig as ExtractConfig
    from scenewise.config import Parallel as Parallel
    from scenewise.config import ScoreConfig as ScoreConfig
    from scenewise.config import StreetConfig as StreetConfig
    from scenewise.config import TryConfig as TryConfig
    from scenewise.datasets import load_dataset as load_dataset
    from scenewise.encoders import Encoded as Encoded
    from scenewise.encoders import Encoder as Encoder
    from scenewise.errors import ScenewiseError as ScenewiseError
    from scenewise.features.extract import extract as extract
    from scenewise.features.import_features import import_features as import_features
    from scenewise.features.store import open_store as open_store
    from scenewise.inference.accept_event import accept_event as accept_event
    from scenewise.inference.score_videos import score_videos as score_videos
    from scenewise.loaded import load as load
    from scenewise.methods.method import Fitted as Fitted
    from scenewise.methods.method import Method as Method
    from scenewise.protocols import evaluate as evaluate
    from scenewise.report.page import write_report as write_report
    from scenewise.runs.history import read_history as read_history
    from scenewise.runs.history import undo as undo
    from scenewise.runs.run import open_run as open_run
    from scenewise.runs.train import train as train
    from scenewise.street import render_street as render_street
    from scenewise.try_recordings import try_recordings as try_recordings

__version__ = "0.1.0"

_HOME = {
    "BenchmarkConfig": "scenewise.config",
    "Encoded": "scenewise.encoders",
    "Encoder": "scenewise.encoders",
    "EvaluateConfig": "scenewise.config",
    "ExtractConfig": "scenewise.config",
    "Fitted": "scenewise.methods.method",
    "Method": "scenewise.methods.method",
    "Parallel": "scenewise.config",
    "ScenewiseError": "scenewise.errors",
    "ScoreConfig": "scenewise.config",
    "StreetConfig": "scenewise.config",
    "TryConfig": "scenewise.config",
    "accept_event": "scenewise.inference.accept_event",
    "evaluate": "scenewise.protocols",
    "extract": "scenewise.features.extract",
    "import_features": "scenewise.features.import_features",
    "load": "scenewise.loaded",
    "load_dataset": "scenewise.datasets",
    "open_run": "scenewise.runs.run",
    "open_store": "scenewise.features.store",
    "read_history": "scenewise.runs.history",
    "render_street": "scenewise.street",
    "run_benchmark": "scenewise.benchmark.benchmark",
    "score_videos": "scenewise.inference.score_videos",
    "train": "scenewise.runs.train",
    "try_recordings": "scenewise.try_recordings",
    "undo": "scenewise.runs.history",
    "write_report": "scenewise.report.page",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'scenewise' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
