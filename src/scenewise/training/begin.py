"""Where a run begins: in a folder of its own, or where it was stopped."""

from pathlib import Path

from scenewise.config import TrainConfig
from scenewise.errors import ConfigError, IntegrityError
from scenewise.run import RUN_JSON, Run, open_run
from scenewise.training.checkpoints import PARTS, is_begun, made_from, refuse_other_settings, remove_checkpoints
from scenewise.training.log import LOG, is_log


def refuse_or_resume(out: Path, config: TrainConfig, origin: dict[str, object]) -> Run | None:
    """The finished run in `out`, with --resume and the same origin; None where it is still to be made.

    Raises ConfigError where `out` holds something else, or a run of another origin.
    """
    logs = [out / LOG, *out.glob(f"{PARTS}/*/{LOG}")]
    begun = (out / RUN_JSON).exists() or is_begun(out) or any(map(is_log, logs))
    if not begun:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ConfigError(
                f"{out}: expected a new or an empty folder, found other things in it; choose another --out"
            )
        return None
    if not config.resume:
        raise ConfigError(f"{out}: holds a run already; choose another --out, or go on with it by --resume")
    try:
        run = open_run(out)
    except IntegrityError:
        if (out / RUN_JSON).exists() and not is_begun(out):
            raise
        return None  # killed before run.json was listed: the last checkpoint is there
    refuse_other_settings(out, made_from(run.config, run.fingerprint.digest, run.footage), origin)
    remove_checkpoints(out)  # where a kill came between the run and this
    return run
