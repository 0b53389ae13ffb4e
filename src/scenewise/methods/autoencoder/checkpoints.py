"""Checkpoints: what --resume needs to end with the same weights as without the interruption.

RUN/checkpoints/
├── step-000500.safetensors   weights, Adam's moments, and the best weights so far
├── step-000500.json          step, best step and error, seconds, what the run is made from
└── SHA256SUMS                written after both: a checkpoint it does not list is not whole

RUN/scenes/SCENE/checkpoints/ likewise, where each scene has a model of its own.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from scenewise.config import TrainConfig
from scenewise.errors import ConfigError, IntegrityError
from scenewise.files import CHECKSUMS, check, record_checksums, write_bytes, write_json

FOLDER = "checkpoints"
PARTS = "scenes"
"""Folder of a folder a scene, where each scene has a model of its own."""


@dataclass
class Progressed:
    """How far a training has come."""

    step: int = 0
    """Steps taken."""
    best_step: int = 0
    best_error: float = float("inf")
    seconds: float = 0.0
    best: dict[str, Tensor] = field(default_factory=dict)
    """Weights of the best step."""

    def take(self, error: float, model: nn.Module) -> None:
        """Keep the weights of this step if its held-out error is the lowest so far."""
        if error < self.best_error:
            self.best_step, self.best_error = self.step, error
            self.best = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


def save_checkpoint(
    out: Path, origin: dict[str, object], model: nn.Module, optimiser: torch.optim.Adam, state: Progressed
) -> None:
    """Write the checkpoint of `state.step`, whole or not at all, then remove those before it."""
    tensors = {f"weights.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in state.best.items()}
    for index, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
    folder = out / FOLDER
    name = f"step-{state.step:06d}"
    write_bytes(folder / f"{name}.safetensors", save_tensors({key: t.cpu().contiguous() for key, t in tensors.items()}))
    described = {
        "format": 1,
        "step": state.step,
        "best_step": state.best_step,
        "best_error": state.best_error,
        "seconds": state.seconds,
        "made_from": origin,
    }
    write_json(folder / f"{name}.json", described)
    record_checksums(folder, [f"{name}.safetensors", f"{name}.json"])
    for path in [*folder.glob("step-*.json"), *folder.glob("step-*.safetensors")]:
        if path.stem != name:
            path.unlink()


def load_checkpoint(
    out: Path, origin: dict[str, object], model: nn.Module, optimiser: torch.optim.Adam
) -> Progressed | None:
    """Put the newest whole checkpoint into `model` and `optimiser`; None where there is none.

    Raises ConfigError where the run was begun with other settings or features.
    """
    for path in sorted((out / FOLDER).glob("step-*.json"), reverse=True):
        try:
            described = json.loads(check(path).read_bytes())
            tensors = load_tensors(check(path.with_suffix(".safetensors")).read_bytes())
        except IntegrityError:
            continue  # killed while it was written; the one before it is whole
        refuse_other_settings(out, described["made_from"], origin)
        model.load_state_dict(_part(tensors, "weights."))
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in _part(tensors, "adam.").items():
            index, name = key.split(".")
            moments.setdefault(int(index), {})[name] = value
        optimiser.load_state_dict({**optimiser.state_dict(), "state": moments})
        best = _part(tensors, "best.")
        return Progressed(
            described["step"], described["best_step"], described["best_error"], described["seconds"], best
        )
    return None


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def made_from(config: TrainConfig, encoder: str, footage: str) -> dict[str, object]:
    """All that decides a run, as plain JSON; --resume may change the other settings.

    `encoder` and `footage`: digests of the features' encoder and of the training videos' features.
    """
    free = {"resume", "tensorboard", "wandb", "memory_budget"}
    deciding = {name: value for name, value in vars(config).items() if name not in free}
    return {**deciding, "features' encoder": encoder, "training footage": footage}


def refuse_other_settings(out: Path, found: dict[str, object], wanted: dict[str, object]) -> None:
    """Raise ConfigError, naming the differences, where a run was begun otherwise than it is to go on.

    A setting that is younger than the run counts with its default.
    """
    found = {**vars(TrainConfig()), **found}
    changed = [
        f"{key} {_short(found.get(key))} (now {_short(wanted[key])})" for key in wanted if found.get(key) != wanted[key]
    ]
    if changed:
        raise ConfigError(
            f"{out}: the run was begun with {', '.join(changed)}; resume it with those, or choose another --out"
        )


def _short(value: object) -> object:
    """Digests by their first characters."""
    return f"{value[:8]}..." if isinstance(value, str) and len(value) == 64 else value


def is_begun(out: Path) -> bool:
    """Whether `out` holds checkpoints of ours."""
    return any(path for folder in _folders(out) for path in folder.glob("step-*.json"))


def remove_checkpoints(out: Path) -> None:
    """Remove the checkpoints, and their folders where nothing else lies in them."""
    for folder in _folders(out):
        for path in [*folder.glob("step-*.json"), *folder.glob("step-*.safetensors"), *folder.glob(".writing-*")]:
            path.unlink()
        (folder / CHECKSUMS).unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _folders(out: Path) -> list[Path]:
    return [out / FOLDER, *out.glob(f"{PARTS}/*/{FOLDER}")]
