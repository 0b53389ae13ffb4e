"""The stages as a user thinks of them."""

from collections.abc import Sequence
from pathlib import Path

from scenewise.config import TrainConfig
from scenewise.runs.run import Run
from scenewise.scoring.calibration import calibrate
from scenewise.methods.autoencoder.training import fit
from scenewise.methods.autoencoder.fit_scenes import fit_scenes
from scenewise.methods.object_memory.fit import fit_memory


def train(features: Path, out: Path, config: TrainConfig | None = None, commands: Sequence[str] = ()) -> Run:
    """Train a run on the feature store `features`, calibrate it on normal footage, write both into `out`.

    Raises ConfigError for a setting that the method has no use for, and what `fit_memory`, `fit` or `fit_scenes`, and
    `calibrate` raise.
    """
    config = config or TrainConfig()
    config.require_used()
    learn = fit_memory if config.remembers else fit_scenes if config.by_scene else fit
    run = learn(features, out, config, commands)
    calibrate(run)
    return run
