"""From a vision tower in float32 to its int8 tower in a folder."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import openvino as ov
import torch
from torch import Tensor

from scenewise.config import ExtractConfig
from scenewise.encoders.int8_tower import AGREEMENT, Run, make_int8_tower, quantise, read_int8_tower
from scenewise.encoders.tower_cache import cache_folder, locked, write_tower
from scenewise.encoders.tower_openvino import CompiledTower, NotConvertedError
from scenewise.encoders.vision_tower import VisionTower
from scenewise.errors import ConfigError, EncoderError
from scenewise.progress import say


def open_float_tower(config: ExtractConfig) -> VisionTower:
    """The tower of `config` in float32 on the CPU, without regions. Raises as VisionTower does."""
    float_config = replace(config, precision="float32", int8_tower=None, device="cpu", regions=None)
    return VisionTower.from_config(float_config, through="openvino")


def cached_int8_tower(tower: VisionTower, scenes: Mapping[str, Tensor]) -> Path:
    """Where the int8 tower that is calibrated on the pictures of `scenes` lies in this user's cache."""
    digest = hashlib.sha256()
    for scene in sorted(scenes):
        digest.update(scene.encode(errors="surrogateescape") + scenes[scene].numpy().tobytes())
    return cache_folder(f"{tower.identity['model_type']}-int8", {**_origin(tower), "calibration": digest.hexdigest()})


def calibrate(tower: VisionTower, scenes: Mapping[str, Tensor], folder: Path) -> None:
    """Write the int8 tower of `tower` to `folder`, unless it is there: calibrated on pictures (N, 3, H, W) uint8 of
    `scenes`, and checked on the last third of each.

    Raises EncoderError if the check fails or OpenVINO has no graph of the tower; ConfigError if NNCF is not installed,
    or the folder cannot be written.
    """
    try:
        with locked(folder):
            if is_int8_tower(folder, tower):
                return
            say(f"int8: calibrated on {sum(map(len, scenes.values()))} frames of {len(scenes)} scenes, once")
            int8, checked = make_int8_tower(
                _graph(tower), scenes, tower.normalised, partial(_compiled, tower), quantise
            )
            write_tower(folder, int8, _origin(tower), checked)
    except OSError as error:
        raise ConfigError(
            f"{folder}: the int8 tower cannot be written there ({error.strerror}); name another place by --int8-tower"
        ) from error
    worst = min(checked["agreement"].values())
    say(f"int8: held-out frames agree to {worst:.3f} with float32 in the worst scene (accepted from {AGREEMENT} on)")


def is_int8_tower(folder: Path, tower: VisionTower) -> bool:
    """Whether `folder` holds an int8 tower of `tower`, undamaged."""
    try:
        read_int8_tower(folder, tower.calibrated_from())
    except EncoderError:
        return False
    return True


def _origin(tower: VisionTower) -> dict[str, Any]:
    return {**tower.calibrated_from(), "openvino": ov.__version__, "torch": torch.__version__}


def _graph(tower: VisionTower) -> ov.Model:
    try:
        return tower.graph()
    except NotConvertedError as error:
        raise EncoderError(f"--precision int8: OpenVINO {error}; give --precision float32, or auto") from error


def _compiled(tower: VisionTower, graph: ov.Model) -> Run:
    mean, std, (rows, columns) = tower.identity["mean"], tower.identity["std"], tower.identity["size"]
    compiled = CompiledTower(graph, Path("int8"), (rows, columns), tuple(mean), tuple(std), "float32")
    return lambda pictures: compiled.run(pictures).embedding.numpy()
