"""A vision tower in int8: calibrated on the user's own normal footage, and kept only if its features agree.

    normal frames of each scene ──┬─ the first two thirds ── ranges of the activations (NNCF) ── int8 graph
                                  └─ the last third, held out ── features by float32 and by int8 ── agreement

Agreement is measured within each scene, after the mean over its frames is removed: what all frames of a camera have in
common is no concern of an anomaly score, and would hide any error behind a cosine of 0.99.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from torch import Tensor

from scenewise.encoders.tower_cache import read_tower
from scenewise.errors import ConfigError, EncoderError, IntegrityError

AGREEMENT = 0.9
"""Least agreement with float32 that is accepted, in the worst scene: at 0.9, a fifth of the variance between a
camera's frames is noise of the rounding."""
HELD_OUT = 1 / 3
"""Of each scene's frames, the last ones: the check is of later footage than the calibration."""

Run = Callable[[Tensor], NDArray[np.float32]]
"""Pictures (N, 3, H, W) uint8 RGB to features (N, D)."""
Quantise = Callable[[ov.Model, Sequence[NDArray[np.float32]]], ov.Model]
"""(graph in float32, normalised pictures (1, 3, H, W)) to the graph in int8."""


def quantise(graph: ov.Model, pictures: Sequence[NDArray[np.float32]]) -> ov.Model:
    """`graph` in int8, its ranges from `pictures`. Raises ConfigError if NNCF is not installed."""
    try:
        import nncf
    except ImportError as error:
        raise ConfigError("--precision int8 needs NNCF; install it by: pip install 'scenewise[int8]'") from error
    # For a transformer, NNCF first moves outliers of the activations into the weights (SmoothQuant). Its bars belong to
    # standard error, where all progress goes.
    with redirect_stdout(sys.stderr):
        return nncf.quantize(
            graph, nncf.Dataset([*pictures]), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(pictures)
        )


def make_int8_tower(
    graph: ov.Model,
    scenes: Mapping[str, Tensor],
    normalised: Callable[[Tensor], Tensor],
    compiled: Callable[[ov.Model], Run],
    quantise: Quantise,
) -> tuple[ov.Model, dict[str, Any]]:
    """The `graph` of one picture in int8, and its agreement by scene.

    `scenes` holds pictures (N, 3, H, W) uint8 RGB of each scene's normal footage in the order of time, N at least 3.
    Raises EncoderError if the int8 features of held-out pictures agree less than AGREEMENT with those of float32.
    """
    learnt = [picture for pictures in scenes.values() for picture in pictures[: _first_held_out(len(pictures))]]
    int8 = quantise(graph, [normalised(picture[None]).numpy() for picture in learnt])
    by_float32, by_int8 = compiled(graph), compiled(int8)
    found = {}
    for scene, pictures in scenes.items():
        held_out = pictures[_first_held_out(len(pictures)) :]
        found[scene] = agreement(by_float32(held_out), by_int8(held_out))
    require_agreement(found)
    return int8, {"agreement": found, "calibrated_on": len(learnt)}


def agreement(reference: NDArray[np.float32], features: NDArray[np.float32]) -> float:
    """Cosine between `reference` and `features`, both (N, D), after the mean of each over the N frames is removed.

    All frames count together, each by how far it is from the mean. 1 if neither differs from its mean anywhere.
    """
    assert reference.shape == features.shape
    expected, found = (rows - rows.mean(axis=0) for rows in (reference.astype(np.float64), features.astype(np.float64)))
    lengths = np.linalg.norm(expected) * np.linalg.norm(found)
    if lengths == 0:
        return float(np.linalg.norm(expected) == np.linalg.norm(found))
    return float((expected * found).sum() / lengths)


def require_agreement(found: Mapping[str, float]) -> None:
    """Raise EncoderError if the agreement of a scene is below AGREEMENT, or is no number."""
    worst = min(found, key=lambda scene: found[scene] if np.isfinite(found[scene]) else -1.0)
    if not found[worst] >= AGREEMENT:
        raise EncoderError(
            f"--precision int8: the tower's features change too much in int8: in {worst}, those of held-out frames "
            f"agree to {found[worst]:.3f} with float32 (cosine without the mean), expected at least {AGREEMENT}; give "
            "--precision float32, or auto"
        )


def read_int8_tower(folder: Path, made_from: Mapping[str, Any]) -> tuple[ov.Model, list[str]]:
    """The int8 tower in `folder`, and the SHA-256 of its files.

    Raises EncoderError if there is none, if it is damaged, or if it was made from another tower than `made_from` says.
    """
    if not folder.is_dir():
        raise EncoderError(
            f"{folder}: expected the int8 tower that scenewise extract --precision int8 calibrated; there is no such "
            "folder; copy it from the machine that extracted, and give it by --int8-tower"
        )
    try:
        model, found, digests = read_tower(folder)
    except IntegrityError as error:
        raise EncoderError(f"{folder}: its int8 tower is damaged ({error}); copy it again, or extract again") from error
    for key, value in made_from.items():
        if found.get(key) != value:
            raise EncoderError(f"{folder}: was calibrated from another tower: its {key} differs; give the right folder")
    return model, digests


def _first_held_out(count: int) -> int:
    return max(1, count - max(1, round(count * HELD_OUT)))
