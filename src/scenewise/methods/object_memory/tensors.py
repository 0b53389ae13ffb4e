"""Memories as the tensors of a run's model.safetensors, and back.

format
appearance.mean, appearance.matrix
NAME/crowd
NAME/objects.members, .groups, .own, .source, .box, .numbers (appearance' scale; speed_scale's slope, intercept, least)
NAME/frames.mean, .components, .members, .groups, .own                                  NAME: a scene, or `*` for all
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.errors import IntegrityError
from scenewise.methods.object_memory.appearance import AppearanceMap
from scenewise.methods.object_memory.frame_residual import FrameResidual
from scenewise.methods.object_memory.memory_bank import ObjectMemory
from scenewise.methods.object_memory.scene_memory import SceneMemory
from scenewise.methods.object_memory.speed import SpeedScale

Tensors = dict[str, NDArray[Any]]
FORMAT = 2
"""Raised with whatever changes the scores of what was remembered: a tensor's meaning, or a constant that was used."""
OBJECTS = ("members", "groups", "own", "source", "box")


def memories_to_tensors(appearance: AppearanceMap, memories: dict[str, SceneMemory]) -> Tensors:
    """All that is remembered, {name: array}."""
    tensors: Tensors = {"format": np.array([FORMAT])}
    tensors |= {f"appearance.{name}": value for name, value in appearance._asdict().items()}
    for name, memory in memories.items():
        tensors[f"{name}/crowd"] = memory.crowd
        if memory.objects is not None:
            tensors |= {f"{name}/objects.{column}": getattr(memory.objects, column) for column in OBJECTS}
            tensors[f"{name}/objects.numbers"] = np.array(
                [memory.objects.appearance_scale, *memory.objects.speed_scale]
            )
        if memory.residual is not None:
            tensors |= {f"{name}/frames.{column}": value for column, value in memory.residual._asdict().items()}
    return {name: np.ascontiguousarray(value) for name, value in tensors.items()}


def memories_from_tensors(tensors: Tensors, names: list[str]) -> tuple[AppearanceMap, dict[str, SceneMemory]]:
    """What `memories_to_tensors` gave, of the scenes `names` (or `*`).

    Raises IntegrityError where some is missing, or was made by another version.
    """
    if tensors.get("format", np.zeros(1)).tolist() != [FORMAT]:
        raise IntegrityError("model.safetensors holds memories of another Scenewise's format; train again")
    try:
        return _memories_from_tensors(tensors, names)
    except KeyError as error:
        raise IntegrityError(f"model.safetensors holds no {error}: made by an older Scenewise; train again") from error


def _memories_from_tensors(tensors: Tensors, names: list[str]) -> tuple[AppearanceMap, dict[str, SceneMemory]]:
    appearance = AppearanceMap(tensors["appearance.mean"], tensors["appearance.matrix"])
    memories = {}
    for name in names:
        own = {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
        objects = residual = None
        if "objects.numbers" in own:
            scale, *speed_scale = own["objects.numbers"].tolist()
            columns = {column: own[f"objects.{column}"] for column in OBJECTS}
            objects = ObjectMemory(**columns, appearance_scale=scale, speed_scale=SpeedScale(*speed_scale))
        if "frames.mean" in own:
            residual = FrameResidual(**{field: own[f"frames.{field}"] for field in FrameResidual._fields})
        memories[name] = SceneMemory(objects, residual, own["crowd"])
    return appearance, memories
