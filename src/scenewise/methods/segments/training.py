"""The training loop.

Test footage is out of reach: only the store's training videos are opened, and a tenth of them chooses the checkpoint.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from scenewise.device import pick_device, pick_dtype
from scenewise.errors import DataError
from scenewise.files import require_there
from scenewise.methods.segments.checkpoints import Progress, load_checkpoint, save_checkpoint
from scenewise.methods.segments.kept_checkpoints import keep_weights, kept_file, kept_steps
from scenewise.methods.segments.model import SegmentModel
from scenewise.methods.segments.settings import StepSettings
from scenewise.methods.segments.training_footage import Footage
from scenewise.methods.segments.training_log import TrainingLog
from scenewise.progress import progress as progress_bar

LOG_EVERY = 10
"""Steps between rows of log.csv."""


def learn(
    build: Callable[[], SegmentModel], footage: Footage, settings: StepSettings, work: Path, *, what: str, resume: bool
) -> tuple[SegmentModel, Progress]:
    """One model as it is after the last step, and how it came there with the best weights.

    `build` makes the model with fresh weights; `what` is what the progress bar calls it. Checkpoints and the log go
    into `work`; with `resume` training goes on from the newest checkpoint there. Raises ConfigError if settings do not
    go together, DataError if training diverges.
    """
    device = pick_device(settings.device)
    torch.manual_seed(settings.seed)
    model = build()
    if settings.standardise:
        model.standardise(*footage.table.mean_and_deviation())
    model.to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=device.type != "mps")
    progress = (load_checkpoint(work, model, optimiser) if resume else None) or Progress()
    with TrainingLog(work, settings, after=progress.step) as log, progress_bar() as bar:
        task = bar.add_task(what, total=settings.steps, completed=progress.step)
        _run_steps(model, optimiser, footage, settings, device, work, progress, log, lambda: bar.advance(task))
    require_there(kept_file(work, step) for step in kept_steps(settings))
    return model, progress


def _run_steps(
    model: SegmentModel,
    optimiser: torch.optim.Adam,
    footage: Footage,
    settings: StepSettings,
    device: torch.device,
    work: Path,
    progress: Progress,
    log: TrainingLog,
    advance: Callable[[], None],
) -> None:
    """Take the steps from `progress` on; every `checkpoint_every` of them measure the held-out error and save."""
    dtype = pick_dtype(settings.precision, device)
    kept = set(kept_steps(settings))
    began = time.perf_counter()
    while progress.step < settings.steps:
        losses = training_step(model, optimiser, footage, settings, progress.step, device, dtype)
        progress.step += 1
        advance()
        if progress.step in kept:  # before the checkpoint: what it has passed is kept already when it is resumed
            keep_weights(work, progress.step, model)
        if progress.step % settings.checkpoint_every == 0 or progress.step == settings.steps:
            error = held_out_error(model, footage, settings.segment_length, device, dtype)
            if not np.isfinite(error):
                raise DataError(
                    f"training diverged: at step {progress.step} the held-out error is {error}; "
                    "lower --learning-rate, or look at the features"
                )
            log.write(progress.step, losses, error)
            _choose(model, error, progress)
            progress.seconds += time.perf_counter() - began
            began = time.perf_counter()
            save_checkpoint(work, model, optimiser, progress)
        elif progress.step % LOG_EVERY == 0:
            log.write(progress.step, losses)


def _choose(model: SegmentModel, error: float, progress: Progress) -> None:
    """Keep the weights if they are the best that may be kept, or for the time being if none before may be kept."""
    if not model.may_be_kept(progress.best_step):
        progress.best_error = np.inf
    if model.may_be_kept(progress.step) or progress.best_error == np.inf:
        progress.take(error, model)


def training_step(
    model: SegmentModel,
    optimiser: torch.optim.Optimizer,
    footage: Footage,
    settings: StepSettings,
    step: int,
    device: torch.device,
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    """One optimiser step on the batch of `step`; returns its losses. All randomness follows from (seed, step)."""
    torch.manual_seed(int(np.random.SeedSequence([settings.seed, step]).generate_state(1)[0]))
    model.train()
    batch = footage.sampler.batch(step)
    segments = torch.from_numpy(footage.table.gather(batch.starts, settings.segment_length)).to(device)
    scenes = torch.from_numpy(batch.scenes).to(device)
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        losses = model.losses(segments, scenes, step)
    optimiser.zero_grad()
    losses["loss"].backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    with torch.no_grad():
        model.after_step(segments, scenes, step)
    return {name: value.detach() for name, value in losses.items()}


@torch.inference_mode()
def held_out_error(
    model: SegmentModel, footage: Footage, segment_length: int, device: torch.device, dtype: torch.dtype
) -> float:
    """Mean of the model's errors in the held-out windows: of what scores are made of, whatever the losses."""
    model.eval()
    errors = []
    parts = -(-len(footage.held_out_starts) // 256)
    for rows in np.array_split(np.arange(len(footage.held_out_starts)), parts):
        segments = torch.from_numpy(footage.held_out.gather(footage.held_out_starts[rows], segment_length)).to(device)
        scenes = torch.from_numpy(footage.held_out_scenes[rows]).to(device)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            errors.append(model.held_out_errors(segments, scenes).mean(dim=1))
    return float(torch.cat(errors).double().mean())
