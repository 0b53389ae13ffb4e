"""The fitted state as the tensors of a run's model.safetensors, and back.

format
appearance.mean, .matrix
PART/scale.sizes, .median, .spread
PART/weights             of the terms
PART/bank.appearance, .flow, .speed, .place, .direction, .folds, .video, .frame, .box,
         .neighbour_distance, .measures
    measures: that of appearance; slope, intercept and least of the speed by flow, and of that along the track
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
from scenewise.methods.object_memory.description import Description, Measures
from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import TERMS, MemoryBank
from scenewise.methods.object_memory.object_scale import CELLS, SIZES, ObjectScale
from scenewise.methods.object_memory.scene_model import SceneModel
from scenewise.methods.object_memory.speed import SpeedScale
from scenewise.methods.object_memory.term_scales import TermScale

FORMAT = 4
"""Raised with whatever changes the scores of a fitted run: a tensor's meaning, or a constant that was used."""
APPEARANCE_FORMS = {
    "appearance.mean": tensor("float32", "object width"),
    "appearance.matrix": tensor("float32", "object width", "embedding"),
}
SCALE_FORMS = {
    "sizes": tensor("float32", SIZES - 1),
    "median": tensor("float32", CELLS, len(TERMS)),
    "spread": tensor("float32", CELLS, len(TERMS)),
}
"""The fields of ObjectScale."""
KNOWN_FORMS = {
    "appearance": tensor("float32", "rows", "embedding"),
    "flow": tensor("float32", "rows", 3),
    "speed": tensor("float32", "rows", finite=False),
    "place": tensor("float32", "rows", 2),
    "direction": tensor("float32", "rows", 2),
}
"""The fields of Description."""
BANK_FORMS = KNOWN_FORMS | {
    "folds": tensor("int32", "rows"),
    "video": tensor("int32", "rows"),
    "frame": tensor("int32", "rows"),
    "box": tensor("float32", "rows", 4),
    "neighbour_distance": tensor("float32", "rows", 3),
    "measures": tensor("float64", 7),
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
        tensors |= {f"{part}/scale.{name}": value for name, value in model.scale._asdict().items()}
        tensors[f"{part}/weights"] = model.weights
        if model.bank is not None:
            bank = model.bank
            tensors |= {f"{part}/bank.{name}": value for name, value in bank.known._asdict().items()}
            tensors |= {f"{part}/bank.{name}": getattr(bank, name) for name in ("folds", "video", "frame", "box")}
            distances = np.stack([memory.distance for memory in bank.memories], axis=1)
            tensors[f"{part}/bank.neighbour_distance"] = distances
            measures = [bank.measures.appearance, *bank.measures.flow, *bank.measures.speed]
            tensors[f"{part}/bank.measures"] = np.array(measures, np.float64)
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
    scale = ObjectScale(**_columns(tensors, f"{part}/scale.", SCALE_FORMS))
    require_tensors(tensors, {f"{part}/weights": tensor("float32", len(TERMS))})
    weights = tensors[f"{part}/weights"]
    if not ((scale.spread > 0).all() and (weights >= 0).all() and weights[:-1].sum() > 0):
        raise ValueError(f"{part}: expected spreads above 0, and weights of which none is below 0")
    if f"{part}/bank.measures" in tensors:
        found = _columns(tensors, f"{part}/bank.", BANK_FORMS, {"embedding": embedding})
        appearance, *speeds = found.pop("measures").tolist()
        measures = Measures(appearance, SpeedScale(*speeds[:3]), SpeedScale(*speeds[3:]))
        if not (appearance > 0 and measures.flow.least > 0 and measures.speed.least > 0):
            raise ValueError(f"{part}/bank.measures: expected scales above 0, got {[appearance, *speeds]}")
        known = Description(**{name: found.pop(name) for name in KNOWN_FORMS})
        if np.isinf(known.speed).any():
            raise ValueError(f"{part}/bank.speed: expected finite numbers, or NaN where a speed is unknown")
        bank = MemoryBank(measures, known, **found)
    if f"{part}/residual.mean" in tensors:
        residual = FrameResidual(**_columns(tensors, f"{part}/residual.", RESIDUAL_FORMS, {"width": width}))
    return SceneModel(bank, scale, weights, residual)


def _columns(
    tensors: Mapping[str, NDArray[Any]],
    prefix: str,
    forms: Mapping[str, TensorForm],
    lengths: Mapping[str, int] | None = None,
) -> dict[str, NDArray[Any]]:
    """{name: tensor} of those whose names begin with `prefix`; raises ValueError unless they have their forms."""
    known = require_tensors(tensors, {f"{prefix}{name}": form for name, form in forms.items()}, lengths)
    if not known.get("rows", 1):
        raise ValueError(f"{prefix.removesuffix('.')}: holds nothing")
    return {name: tensors[f"{prefix}{name}"] for name in forms}
