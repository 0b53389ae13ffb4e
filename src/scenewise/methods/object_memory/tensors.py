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
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from scenewise.checksums import reading
from scenewise.formats.json_text import Form, require_form
from scenewise.formats.tensors import TensorForm, require_indices, require_tensors, tensor
from scenewise.methods.method import RunContent
from scenewise.methods.object_memory.appearance import AppearanceMap
from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import MemoryBank
from scenewise.methods.object_memory.scene_model import CROWD, SceneModel
from scenewise.methods.object_memory.speed import SpeedScale
from scenewise.methods.object_memory.term_scales import TermScale

FORMAT = 3
"""Raised with whatever changes the scores of a fitted run: a tensor's meaning, or a constant that was used."""
SPEEDS = 3
"""Numbers of a bank's vector that are speeds, after the appearance embedding."""
APPEARANCE_FORMS = {
    "appearance.mean": tensor("float32", "object width"),
    "appearance.matrix": tensor("float32", "object width", "embedding"),
}
BANK_FORMS = {
    "vectors": tensor("float32", "rows", "vector"),
    "folds": tensor("int32", "rows"),
    "neighbour_distance": tensor("float32", "rows"),
    "video": tensor("int32", "rows"),
    "frame": tensor("int32", "rows"),
    "box": tensor("float32", "rows", 4),
    "numbers": tensor("float64", 4),
}
RESIDUAL_FORMS = {
    "mean": tensor("float32", "width"),
    "components": tensor("float32", "width", "components"),
    "bank": tensor("float32", "rows", "components"),
    "folds": tensor("int32", "rows"),
    "residual": tensor("float32", "rows"),
}
"""The fields of FrameResidual."""


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
            columns = [column for column in BANK_FORMS if column != "numbers"]
            tensors |= {f"{part}/bank.{column}": getattr(model.bank, column) for column in columns}
            tensors[f"{part}/bank.numbers"] = np.array([model.bank.appearance_scale, *model.bank.speed_scale])
        if model.residual is not None:
            tensors |= {f"{part}/residual.{column}": value for column, value in model.residual._asdict().items()}
    tensors |= {f"{scene}/scale": np.array(scale, np.float64) for scene, scale in state.scales.items()}
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}


class _Facts(Form):
    frame_weight: float
    videos: dict[str, list[Annotated[list[str], Field(min_length=2, max_length=2)]]]


def state_of(run: RunContent, parts: Sequence[str]) -> State:
    """The state of a run whose models are those of `parts`. Raises IntegrityError if it is not whole."""
    with reading(run.folder, "train again"):
        require_form(run.facts, _Facts)
        state = from_tensors(run.tensors, parts, run.scenes, run.width)
        for part, model in state.models.items():
            if model.bank is not None:
                require_indices(f"{part}/bank.video", model.bank.video, len(run.facts["videos"].get(part, ())))
    return state


def from_tensors(tensors: Mapping[str, NDArray[Any]], parts: Sequence[str], scenes: Sequence[str], width: int) -> State:
    """What `to_tensors` gave; `width` is that of the features. Raises ValueError if a tensor has another form."""
    if tensors.get("format", np.zeros(1)).tolist() != [FORMAT]:
        raise ValueError("it has the format of another Scenewise")
    known = require_tensors(tensors, APPEARANCE_FORMS)
    require_tensors(tensors, {f"{scene}/scale": tensor("float64", 4) for scene in scenes})
    appearance = AppearanceMap(tensors["appearance.mean"], tensors["appearance.matrix"])
    scales = {scene: TermScale(*tensors[f"{scene}/scale"].tolist()) for scene in scenes}
    return State(appearance, {part: _model(tensors, part, width, known["embedding"]) for part in parts}, scales)


def _model(tensors: Mapping[str, NDArray[Any]], part: str, width: int, embedding: int) -> SceneModel:
    bank = residual = None
    require_tensors(tensors, {f"{part}/crowd": tensor("float32", CROWD)})
    if f"{part}/bank.numbers" in tensors:
        found = _columns(tensors, f"{part}/bank.", BANK_FORMS, {"vector": embedding + SPEEDS})
        appearance_scale, *speed = found.pop("numbers").tolist()
        if not (appearance_scale > 0 and speed[-1] > 0):
            raise ValueError(f"{part}/bank.numbers: expected scales above 0, got {appearance_scale} and {speed[-1]}")
        bank = MemoryBank(**found, appearance_scale=appearance_scale, speed_scale=SpeedScale(*speed))
    if f"{part}/residual.mean" in tensors:
        residual = FrameResidual(**_columns(tensors, f"{part}/residual.", RESIDUAL_FORMS, {"width": width}))
    return SceneModel(bank, residual, tensors[f"{part}/crowd"])


def _columns(
    tensors: Mapping[str, NDArray[Any]], prefix: str, forms: Mapping[str, TensorForm], lengths: Mapping[str, int]
) -> dict[str, NDArray[Any]]:
    """{name: tensor} of those whose names begin with `prefix`; raises ValueError unless they have their forms."""
    known = require_tensors(tensors, {f"{prefix}{name}": form for name, form in forms.items()}, lengths)
    if not known["rows"]:
        raise ValueError(f"{prefix.removesuffix('.')}: holds nothing")
    return {name: tensors[f"{prefix}{name}"] for name in forms}
