"""The training loop.

Test footage is out of reach: only the store's training videos are opened, and a tenth of them chooses the checkpoint.
"""

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from scenewise.device import pick_device, pick_dtype
from scenewise.errors import DataError
from scenewise.files import require_there
from scenewise.methods.autoencoder.checkpoints import Progress, load_checkpoint, save_checkpoint
from scenewise.methods.autoencoder.kept_checkpoints import keep_weights, kept_file, kept_steps
from scenewise.methods.autoencoder.losses import reconstruction_error, supervised_contrastive, unit_normal_divergence
from scenewise.methods.autoencoder.model import Autoencoder, Reconstruction
from scenewise.methods.autoencoder.settings import AutoencoderSettings, VariationalSettings
from scenewise.methods.autoencoder.training_log import TrainingLog
from scenewise.methods.autoencoder.variational import build_model
from scenewise.methods.segments.training_footage import Footage
from scenewise.progress import progress as progress_bar

LOG_EVERY = 10
"""Steps between rows of log.csv."""


def learn(
    footage: Footage, feature_width: int, settings: AutoencoderSettings, work: Path, *, resume: bool
) -> tuple[Autoencoder, Progress]:
    """One model as it is after the last step, and how it came there with the best weights.

    Checkpoints and the log go into `work`; with `resume` training goes on from the newest checkpoint there. Raises
    ConfigError if settings do not go together, DataError if training diverges.
    """
    device = pick_device(settings.device)
    torch.manual_seed(settings.seed)
    model = build_model(feature_width, len(footage.scenes), settings)
    if settings.standardise:
        model.standardise(*footage.table.mean_and_deviation())
    model.to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=device.type != "mps")
    progress = (load_checkpoint(work, model, optimiser) if resume else None) or Progress()
    _run_steps(model, optimiser, footage, settings, device, work, progress)
    require_there(kept_file(work, step) for step in kept_steps(settings))
    return model, progress


def _run_steps(
    model: Autoencoder,
    optimiser: torch.optim.Adam,
    footage: Footage,
    settings: AutoencoderSettings,
    device: torch.device,
    work: Path,
    progress: Progress,
) -> None:
    """Take the steps from `progress` on; every `checkpoint_every` of them measure the held-out error and save."""
    dtype = pick_dtype(settings.precision, device)
    kept = set(kept_steps(settings))
    what = f"train {settings.objective} seed {settings.seed}"
    if settings.by_scene:
        what = f"{what} {footage.scenes[0]}"
    with TrainingLog(work, settings, after=progress.step) as log, progress_bar() as bar:
        task = bar.add_task(what, total=settings.steps, completed=progress.step)
        began = time.perf_counter()
        while progress.step < settings.steps:
            losses = training_step(model, optimiser, footage, settings, progress.step, device, dtype)
            progress.step += 1
            bar.advance(task)
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
                progress.take(error, model)
                progress.seconds += time.perf_counter() - began
                began = time.perf_counter()
                save_checkpoint(work, model, optimiser, progress)
            elif progress.step % LOG_EVERY == 0:
                log.write(progress.step, losses)


def training_step(
    model: Autoencoder,
    optimiser: torch.optim.Optimizer,
    footage: Footage,
    settings: AutoencoderSettings,
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
        reconstruction = model(segments)
    losses = objective_losses(reconstruction, scenes, settings)
    optimiser.zero_grad()
    losses["loss"].backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return {name: value.detach() for name, value in losses.items()}


def objective_losses(
    reconstruction: Reconstruction, scenes: Tensor, settings: AutoencoderSettings
) -> dict[str, Tensor]:
    """The terms that `settings` ask for, unweighted, and their weighted sum `loss`."""
    error = reconstruction_error(reconstruction.inputs, reconstruction.outputs).mean()
    losses = {"reconstruction": error, "loss": settings.reconstruction_weight * error}
    if reconstruction.posterior is not None and isinstance(settings, VariationalSettings):
        divergence = unit_normal_divergence(*reconstruction.posterior).mean()
        losses["divergence"] = divergence
        losses["loss"] = losses["loss"] + settings.divergence_weight * divergence
    if settings.objective != "reconstruction":
        contrastive = supervised_contrastive(reconstruction.embedding, scenes, settings.temperature)
        losses["contrastive"] = contrastive
        losses["loss"] = losses["loss"] + settings.contrastive_weight * contrastive
    if settings.objective == "contrastive+classification":
        classification = functional.cross_entropy(reconstruction.scene_logits.float(), scenes)
        losses["classification"] = classification
        losses["loss"] = losses["loss"] + settings.classification_weight * classification
    return losses


@torch.inference_mode()
def held_out_error(
    model: Autoencoder, footage: Footage, segment_length: int, device: torch.device, dtype: torch.dtype
) -> float:
    """Mean reconstruction error of the held-out windows: the quantity that scores are made of, for any objective."""
    model.eval()
    errors = []
    for starts in np.array_split(footage.held_out_starts, -(-len(footage.held_out_starts) // 256)):
        segments = torch.from_numpy(footage.held_out.gather(starts, segment_length)).to(device)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            reconstruction = model(segments)
        errors.append(reconstruction_error(reconstruction.inputs, reconstruction.outputs).mean(dim=1))
    return float(torch.cat(errors).double().mean())
