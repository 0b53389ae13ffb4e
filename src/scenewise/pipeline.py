"""The stages as a user thinks of them."""

from collections.abc import Sequence
from pathlib import Path

from scenewise.config import TrainConfig
from scenewise.run import Run
from scenewise.scoring.calibration import calibrate
from scenewise.training.fit import fit


def train(features: Path, out: Path, config: TrainConfig | None = None, commands: Sequence[str] = ()) -> Run:
    """Train a run on the feature store `features`, calibrate it on its held-out footage, write both into `out`.

    Raises what `fit` and `calibrate` raise.
    """
    run = fit(features, out, config or TrainConfig(), commands)
    calibrate(run)
    return run
