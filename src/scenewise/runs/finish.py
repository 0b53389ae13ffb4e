"""Where a run is finished: described, listed, and no longer in need of checkpoints."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scenewise.config import TrainConfig
from scenewise.features.store import FeatureStore
from scenewise.runs.run import Run, write_run
from scenewise.methods.autoencoder.checkpoints import remove_checkpoints


def finish(
    out: Path,
    config: TrainConfig,
    store: FeatureStore,
    footage: str,
    scenes: tuple[str, ...],
    training: dict[str, Any],
    commands: Sequence[str],
) -> Run:
    """Describe what was learned from `store` in `out`, where its weights lie already, and return it as a run.

    `footage`: digest of the training features, from before they were learned from; `scenes` in the order of the
    model's scene classes; `training` as `Run.training`.
    """
    run = Run(
        out,
        config,
        store.fingerprint,
        scenes,
        store.width,
        store.folder,
        training,
        tuple(commands),
        store.extract_config,
        footage,
    )
    write_run(run)
    remove_checkpoints(out)
    return run
