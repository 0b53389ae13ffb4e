"""Checkpoints: what --resume needs to end with the same weights as without the interruption.

WORK/checkpoints/
├── step-000500.safetensors   weights, Adam's moments, and the best weights so far
├── step-000500.json          step, best step and error, seconds
└── SHA256SUMS                written after both: a checkpoint it does not list is not whole

WORK is the run's folder while it is made, or WORK/scenes/SCENE if each scene has a model of its own.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from scenewise.checksums import check, read_json, reading, record_checksums
from scenewise.config import MOST
from scenewise.errors import IntegrityError
from scenewise.files import write_bytes, write_json
from scenewise.formats.json_text import Form
from scenewise.formats.tensors import TensorForm, forms_of, parse_tensors, require_tensors

FOLDER = "checkpoints"


@dataclass
class Progress:
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


def save_checkpoint(work: Path, model: nn.Module, optimiser: torch.optim.Adam, state: Progress) -> None:
    """Write the checkpoint of `state.step`, whole or not at all, then remove those before it."""
    tensors = {f"weights.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in state.best.items()}
    for index, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
    folder = work / FOLDER
    name = f"step-{state.step:06d}"
    write_bytes(folder / f"{name}.safetensors", save_tensors({key: t.cpu().contiguous() for key, t in tensors.items()}))
    described = {
        "format": 1,
        "step": state.step,
        "best_step": state.best_step,
        "best_error": state.best_error,
        "seconds": state.seconds,
    }
    write_json(folder / f"{name}.json", described)
    record_checksums(folder, [f"{name}.safetensors", f"{name}.json"])
    for path in [*folder.glob("step-*.json"), *folder.glob("step-*.safetensors")]:
        if path.stem != name:
            path.unlink()


class _Described(Form):
    step: Annotated[int, Field(ge=1, le=MOST)]
    best_step: Annotated[int, Field(ge=0, le=MOST)]
    best_error: float
    seconds: float


def load_checkpoint(work: Path, model: nn.Module, optimiser: torch.optim.Adam) -> Progress | None:
    """Put the newest whole checkpoint into `model` and `optimiser`; None if there is none."""
    for path in sorted((work / FOLDER).glob("step-*.json"), reverse=True):
        try:
            described = read_json(path, _Described, format_version=1)
            tensors = _tensors_in(path.with_suffix(".safetensors"), model)
        except IntegrityError:
            continue  # killed while it was written, or damaged; the one before it is whole
        model.load_state_dict(_part(tensors, "weights."))
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in _part(tensors, "adam.").items():
            index, name = key.split(".")
            moments.setdefault(int(index), {})[name] = value
        optimiser.load_state_dict({**optimiser.state_dict(), "state": moments})
        best = _part(tensors, "best.")
        return Progress(described["step"], described["best_step"], described["best_error"], described["seconds"], best)
    return None


def _tensors_in(path: Path, model: nn.Module) -> dict[str, Tensor]:
    """The tensors of a checkpoint of `model`. Raises IntegrityError if they do not fit it."""
    weights = forms_of(model.state_dict())
    forms = {f"{part}.{name}": form for part in ("weights", "best") for name, form in weights.items()}
    with reading(path):
        tensors = parse_tensors(check(path).read_bytes())
        for index, form in enumerate(forms_of(model.named_parameters()).values()):
            moments = {"step": TensorForm("float32", ()), "exp_avg": form, "exp_avg_sq": form}
            if any(f"adam.{index}.{name}" in tensors for name in moments):  # a weight that no loss needs has none
                forms |= {f"adam.{index}.{name}": moment for name, moment in moments.items()}
        require_tensors(tensors, forms)
    return {name: torch.from_numpy(tensors[name]) for name in forms}


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
