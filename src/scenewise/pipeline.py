"""The stages as a user thinks of them."""

from collections.abc import Sequence
from pathlib import Path

from scenewise.config import TrainConfig
from scenewise.run import Run
from scenewise.scoring.calibration import calibrate
from scenewise.training.fit import fit
from scenewise.training.remember import fit_memory


def train(features: Path, out: Path, config: TrainConfig | None = None, commands: Sequence[str] = ()) -> Run:
    """Train a run on the feature store `features`, calibrate it on its held-out footage, write both into `out`.

    Raises what `fit` or `fit_memory`, and `calibrate`, raise.
    """
    config = config or TrainConfig()
    run = (fit_memory if config.remembers else fit)(features, out, config, commands)
    calibrate(run)
    return run
