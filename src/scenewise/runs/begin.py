"""Where a run begins: in a folder of its own, or where it was stopped."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from scenewise.config import TrainConfig
from scenewise.errors import ConfigError, IntegrityError
from scenewise.files import CHECKSUMS, recorded_checksums
from scenewise.runs.run import BACKGROUNDS, MODEL, NORMAL_TERMS, RUN_JSON, Run, open_run
from scenewise.methods.autoencoder.checkpoints import PARTS, is_begun, made_from, refuse_other_settings, remove_checkpoints
from scenewise.methods.autoencoder.training_log import LOG, is_log

OF_A_MEMORY = {MODEL, NORMAL_TERMS, BACKGROUNDS, RUN_JSON, CHECKSUMS}
"""Files that fitting a memory writes, the first of them first. It leaves no checkpoints to go on from."""


def refuse_or_resume(out: Path, config: TrainConfig, origin: dict[str, object]) -> Run | None:
    """The finished run in `out`, with --resume and the same origin; None where it is still to be made.

    What a stopped fitting of a memory left is removed with --resume: it is fitted anew, to the same bytes. Raises
    ConfigError where `out` holds something else, or a run of another origin.
    """
    logs = [out / LOG, *out.glob(f"{PARTS}/*/{LOG}")]
    part_of_memory = is_part_of_memory(out)
    begun = part_of_memory or (out / RUN_JSON).exists() or is_begun(out) or any(map(is_log, logs))
    if not begun:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ConfigError(
                f"{out}: expected a new or an empty folder, found other things in it; choose another --out"
            )
        return None
    if not config.resume:
        raise ConfigError(f"{out}: holds a run already; choose another --out, or go on with it by --resume")
    if part_of_memory:
        for path in out.iterdir():
            path.unlink()
        return None
    try:
        run = open_run(out)
    except IntegrityError:
        if (out / RUN_JSON).exists() and not is_begun(out):
            raise
        return None  # killed before run.json was listed: the last checkpoint is there
    refuse_other_settings(out, made_from(run.config, run.fingerprint.digest, run.footage), origin)
    remove_checkpoints(out)  # where a kill came between the run and this
    return run


def is_part_of_memory(out: Path) -> bool:
    """Whether `out` holds what a stopped fitting of a memory leaves, run.json not yet listed, and nothing else."""
    if not out.is_dir():
        return False
    paths = list(out.iterdir())
    whole = {path.name for path in paths if not (path.is_file() and path.name.startswith(".writing-"))}
    if not whole:
        return bool(paths)
    return whole <= OF_A_MEMORY and _is_memory(out / MODEL) and RUN_JSON not in recorded_checksums(out)


def _is_memory(path: Path) -> bool:
    """Whether `path` holds the tensors of memories: others' weights are often called model.safetensors too."""
    try:
        with safe_open(path, "numpy") as file:
            return "looks.mean" in file.keys()  # noqa: SIM118  no mapping
    except (OSError, SafetensorError):
        return False
