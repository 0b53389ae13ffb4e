"""The training loop.

Test footage is out of reach: only the store's training videos are opened, and a tenth of them chooses the checkpoint.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save as save_tensors
from torch import Tensor
from torch.nn import functional

from scenewise.config import TrainConfig
from scenewise.device import pick_device, pick_dtype
from scenewise.errors import DataError
from scenewise.features.store import open_store
from scenewise.files import write_bytes
from scenewise.methods.autoencoder.build_model import build_model
from scenewise.methods.autoencoder.checkpoints import Progressed, load_checkpoint, made_from, save_checkpoint
from scenewise.methods.autoencoder.kept_checkpoints import keep_weights, kept_steps
from scenewise.methods.autoencoder.losses import reconstruction_error, supervised_contrastive, unit_normal_divergence
from scenewise.methods.autoencoder.model import Autoencoder, Reconstruction
from scenewise.methods.autoencoder.training_log import TrainingLog
from scenewise.methods.segments.footage import Footage, footage_digest, prepare
from scenewise.progress import progress
from scenewise.runs.begin import refuse_or_resume
from scenewise.runs.finish import finish
from scenewise.runs.run import MODEL, Run

LOG_EVERY = 10
"""Steps between rows of log.csv."""


def fit(features: Path, out: Path, config: TrainConfig, commands: Sequence[str] = ()) -> Run:
    """Train on the store in `features`, write the run into `out`, and return it.

    Raises ConfigError where settings do not go together or `out` holds something else, DataError where the footage
    does not suffice, IntegrityError where a file of features was changed.
    """
    store = open_store(features)
    digest = footage_digest(store.of("train"))
    origin = made_from(config, store.fingerprint.digest, digest)
    finished = refuse_or_resume(out, config, origin)
    if finished is not None:
        return finished
    footage = prepare(store, config)
    model, state = learn(footage, store.width, config, out, origin)
    write_bytes(out / MODEL, save_tensors(state.best))
    training = {
        "steps": state.step,
        "best_step": state.best_step,
        "held_out_error": state.best_error,
        "seconds": round(state.seconds, 1),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    return finish(out, config, store, digest, footage.scenes, training, commands)


def learn(
    footage: Footage, feature_width: int, config: TrainConfig, out: Path, origin: dict[str, object]
) -> tuple[Autoencoder, Progressed]:
    """One model as it is after the last step, and how it came there with the best weights; checkpoints go into `out`.

    Raises ConfigError where settings do not go together, DataError where training diverges.
    """
    device = pick_device(config.device)
    torch.manual_seed(config.seed)
    model = build_model(feature_width, len(footage.scenes), config)
    if config.standardise:
        model.standardise(*footage.table.mean_and_deviation())
    model.to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=device.type != "mps")
    state = (load_checkpoint(out, origin, model, optimiser) if config.resume else None) or Progressed()
    _run_steps(model, optimiser, footage, config, device, out, origin, state)
    return model, state


def _run_steps(
    model: Autoencoder,
    optimiser: torch.optim.Adam,
    footage: Footage,
    config: TrainConfig,
    device: torch.device,
    out: Path,
    origin: dict[str, object],
    state: Progressed,
) -> None:
    """Take the steps from `state` on; every `checkpoint_every` of them measure the held-out error and save."""
    dtype = pick_dtype(config.precision, device)
    kept = set(kept_steps(config))
    what = f"train {config.method} {config.objective} seed {config.seed}"
    if config.by_scene:
        what = f"{what} {footage.scenes[0]}"
    with TrainingLog(out, config, after=state.step) as log, progress() as bar:
        task = bar.add_task(what, total=config.steps, completed=state.step)
        began = time.perf_counter()
        while state.step < config.steps:
            losses = training_step(model, optimiser, footage, config, state.step, device, dtype)
            state.step += 1
            bar.advance(task)
            if state.step in kept:  # before the checkpoint: what it has passed is kept already when it is resumed
                keep_weights(out, state.step, model)
            if state.step % config.checkpoint_every == 0 or state.step == config.steps:
                error = held_out_error(model, footage, config.segment_length, device, dtype)
                if not np.isfinite(error):
                    raise DataError(
                        f"training diverged: at step {state.step} the held-out error is {error}; "
                        "lower --learning-rate, or look at the features"
                    )
                log.write(state.step, losses, error)
                state.take(error, model)
                state.seconds += time.perf_counter() - began
                began = time.perf_counter()
                save_checkpoint(out, origin, model, optimiser, state)
            elif state.step % LOG_EVERY == 0:
                log.write(state.step, losses)


def training_step(
    model: Autoencoder,
    optimiser: torch.optim.Optimizer,
    footage: Footage,
    config: TrainConfig,
    step: int,
    device: torch.device,
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    """One optimiser step on the batch of `step`; returns its losses. All randomness follows from (seed, step)."""
    torch.manual_seed(int(np.random.SeedSequence([config.seed, step]).generate_state(1)[0]))
    model.train()
    batch = footage.sampler.batch(step)
    segments = torch.from_numpy(footage.table.gather(batch.starts, config.segment_length)).to(device)
    scenes = torch.from_numpy(batch.scenes).to(device)
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        reconstruction = model(segments)
    losses = objective_losses(reconstruction, scenes, config)
    optimiser.zero_grad()
    losses["loss"].backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return {name: value.detach() for name, value in losses.items()}


def objective_losses(reconstruction: Reconstruction, scenes: Tensor, config: TrainConfig) -> dict[str, Tensor]:
    """The parts that `config.method` and `config.objective` name, unweighted, and their weighted sum `loss`."""
    error = reconstruction_error(reconstruction.inputs, reconstruction.outputs).mean()
    losses = {"reconstruction": error, "loss": config.reconstruction_weight * error}
    if reconstruction.posterior is not None:
        divergence = unit_normal_divergence(*reconstruction.posterior).mean()
        losses["divergence"] = divergence
        losses["loss"] = losses["loss"] + config.divergence_weight * divergence
    if config.objective != "reconstruction":
        contrastive = supervised_contrastive(reconstruction.embedding, scenes, config.temperature)
        losses["contrastive"] = contrastive
        losses["loss"] = losses["loss"] + config.contrastive_weight * contrastive
    if config.objective == "contrastive+classification":
        classification = functional.cross_entropy(reconstruction.scene_logits.float(), scenes)
        losses["classification"] = classification
        losses["loss"] = losses["loss"] + config.classification_weight * classification
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
