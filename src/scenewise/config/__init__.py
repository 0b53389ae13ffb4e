"""The settings of every stage: small frozen dataclasses, one sentence a field.

The sentence is also the help of the command line. The field's name is also the flag, the key in the `--config` file and
the key in the files that commands write. The settings of `train` are those of its method, see `scenewise.methods`.
"""

from scenewise.config.benchmark import BenchmarkConfig
from scenewise.config.demo import DemoConfig
from scenewise.config.evaluate import EvaluateConfig, Macro, Protocol, Scale
from scenewise.config.extract import Colour, EncoderPrecision, ExtractConfig, Fit, Precision, Preprocess, Split
from scenewise.config.limits import FPS, MOST, SEED_MOST, require_between
from scenewise.config.parallel import ONE_PROCESS, Parallel
from scenewise.config.recordings import SplitConfig, TryConfig
from scenewise.config.score import ScoreConfig
from scenewise.config.street import StreetConfig
from scenewise.config.types import in_words, require_types

__all__ = [
    "FPS",
    "MOST",
    "ONE_PROCESS",
    "SEED_MOST",
    "BenchmarkConfig",
    "Colour",
    "DemoConfig",
    "EncoderPrecision",
    "EvaluateConfig",
    "ExtractConfig",
    "Fit",
    "Macro",
    "Parallel",
    "Precision",
    "Preprocess",
    "Protocol",
    "Scale",
    "ScoreConfig",
    "Split",
    "SplitConfig",
    "StreetConfig",
    "TryConfig",
    "in_words",
    "require_between",
    "require_types",
]
