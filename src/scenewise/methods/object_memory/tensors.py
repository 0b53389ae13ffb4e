"""The fitted state as the tensors of a run's model.safetensors, and back.

format
appearance.mean, .matrix
PART/crowd
PART/bank.vectors, .folds, .neighbour_distance, .video, .frame, .box, .numbers
    numbers: appearance_scale; slope, intercept and least of the speed scale
PART/residual.mean, .components, .bank, .folds, .residual                      PART: a scene, or `*` for all scenes
SCENE/scale         median and 99th percentile of the object term and of the frame term
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import IntegrityError
from scenewise.methods.object_memory.appearance import AppearanceMap
from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import MemoryBank
from scenewise.methods.object_memory.scene_model import SceneModel
from scenewise.methods.object_memory.speed import SpeedScale
from scenewise.methods.object_memory.term_scales import TermScale

FORMAT = 3
"""Raised with whatever changes the scores of a fitted run: a tensor's meaning, or a constant that was used."""
BANK = ("vectors", "folds", "neighbour_distance", "video", "frame", "box")


class State(NamedTuple):
    """All that fitting found."""

    appearance: AppearanceMap
    models: dict[str, SceneModel]
    """{scene, or `*`: what is normal there}."""
    scales: dict[str, TermScale]
    """{scene: scale}."""


def to_tensors(state: State) -> dict[str, NDArray[Any]]:
    """The state as {name: array}."""
    tensors: dict[str, NDArray[Any]] = {"format": np.array([FORMAT])}
    tensors |= {f"appearance.{name}": value for name, value in state.appearance._asdict().items()}
    for part, model in state.models.items():
        tensors[f"{part}/crowd"] = model.crowd
        if model.bank is not None:
            tensors |= {f"{part}/bank.{column}": getattr(model.bank, column) for column in BANK}
            tensors[f"{part}/bank.numbers"] = np.array([model.bank.appearance_scale, *model.bank.speed_scale])
        if model.residual is not None:
            tensors |= {f"{part}/residual.{column}": value for column, value in model.residual._asdict().items()}
    tensors |= {f"{scene}/scale": np.array(scale, np.float64) for scene, scale in state.scales.items()}
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}


def from_tensors(tensors: Mapping[str, NDArray[Any]], parts: Sequence[str], scenes: Sequence[str]) -> State:
    """What `to_tensors` gave. Raises IntegrityError if a tensor is missing, or has another format."""
    if tensors.get("format", np.zeros(1)).tolist() != [FORMAT]:
        raise IntegrityError("model.safetensors has the format of another Scenewise; train again")
    try:
        appearance = AppearanceMap(tensors["appearance.mean"], tensors["appearance.matrix"])
        scales = {scene: TermScale(*tensors[f"{scene}/scale"].tolist()) for scene in scenes}
        return State(appearance, {part: _model(tensors, part) for part in parts}, scales)
    except KeyError as error:
        raise IntegrityError(f"model.safetensors lacks {error}; train again") from error


def _model(tensors: Mapping[str, NDArray[Any]], part: str) -> SceneModel:
    bank = residual = None
    if f"{part}/bank.numbers" in tensors:
        appearance_scale, *speed = tensors[f"{part}/bank.numbers"].tolist()
        columns = {column: tensors[f"{part}/bank.{column}"] for column in BANK}
        bank = MemoryBank(**columns, appearance_scale=appearance_scale, speed_scale=SpeedScale(*speed))
    if f"{part}/residual.mean" in tensors:
        residual = FrameResidual(**{name: tensors[f"{part}/residual.{name}"] for name in FrameResidual._fields})
    return SceneModel(bank, residual, tensors[f"{part}/crowd"])
