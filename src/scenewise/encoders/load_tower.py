"""A vision tower of transformers, from the settings and the tensors of a checkpoint alone.

The library is given no path. By itself it follows what `config.json` names, such as other settings, other weights and
adapters; the encoder would then be another one than was hashed.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
import transformers

from scenewise.encoders.checkpoint import Checkpoint
from scenewise.encoders.tower_families import CLIP, Family
from scenewise.errors import EncoderError
from scenewise.formats.reasons import in_short

MOST_MISSING = 4
"""So many times as many weights as there are a checkpoint's settings may need; those that lack are named."""


def tower_settings(checkpoint: Checkpoint, family: Family) -> Any:
    """The tower's settings, as the library's object. Raises EncoderError if they are damaged."""
    try:
        kind = getattr(transformers, family.tower)
        return _tower_config(checkpoint.config, kind.config_class, family, len(checkpoint.tensors()))
    except EncoderError:
        raise
    except Exception as error:  # as in `load_tower`
        raise _unloadable(checkpoint, family, error) from error


def load_tower(checkpoint: Checkpoint, family: Family, dtype: torch.dtype) -> Any:
    """The tower of `checkpoint`, in evaluation mode. Raises EncoderError if it is damaged, not whole, or changing."""
    kind = getattr(transformers, family.tower)
    tensors = checkpoint.tensors()
    try:
        with _quiet():
            config = _tower_config(checkpoint.config, kind.config_class, family, len(tensors))
            _require_weights(kind, config, tensors)
            tower, report = kind.from_pretrained(
                None,
                config=config,
                state_dict=tensors,
                dtype=dtype,
                attn_implementation="sdpa",
                local_files_only=True,
                output_loading_info=True,
            )
    except Exception as error:  # damaged settings may raise anything: these libraries' errors share no base
        raise _unloadable(checkpoint, family, error) from error
    # The library fills weights that the file lacks with random numbers.
    if report["missing_keys"]:
        missing = sorted(report["missing_keys"])
        raise EncoderError(
            f"{checkpoint.folder}: lacks {len(missing)} weights of {family.tower}, such as {missing[0]}; a whole tower "
            "is needed"
        )
    for parameter in tower.parameters():  # mapped from the file so far, which somebody may overwrite
        parameter.data = parameter.data.clone()
    checkpoint.files.require_unchanged()
    return tower.eval()


def _unloadable(checkpoint: Checkpoint, family: Family, error: Exception) -> EncoderError:
    return EncoderError(f"{checkpoint.folder}: cannot be loaded as {family.tower} ({in_short(error)}); get it anew")


def _tower_config(described: dict[str, Any], kind: Any, family: Family, tensors: int) -> Any:
    """The tower's part of config.json, as the library's class of settings `kind`. Raises ValueError."""
    part = described.get(kind.base_config_key, described) if kind.base_config_key else described
    layers = part.get("num_hidden_layers", 1)
    if not isinstance(layers, int) or not 0 < layers <= tensors:  # before something is made for each of them
        raise ValueError(f"num_hidden_layers is {str(layers)[:20]}, and there are {tensors} tensors")
    # A whole CLIP states the width of its projection outside of the tower's settings.
    outside = (
        {"projection_dim": described["projection_dim"]} if family is CLIP and "projection_dim" in described else {}
    )
    return kind.from_dict(part, **outside)


def _require_weights(kind: Any, config: Any, tensors: Mapping[str, torch.Tensor]) -> None:
    """Raise ValueError if the settings claim far more than there are weights, before memory is taken for it."""
    with torch.device("meta"):
        planned = sum(parameter.numel() for parameter in kind(config).parameters())
    there = sum(tensor.numel() for tensor in tensors.values())
    if planned > MOST_MISSING * there:
        raise ValueError(f"its settings need {planned} weights, and there are {there}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's loading bar and its list of the text half's weights, which are not wanted here."""
    verbosity, bar = transformers.logging.get_verbosity(), transformers.logging.is_progress_bar_enabled()
    transformers.logging.set_verbosity(logging.ERROR)
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        transformers.logging.set_verbosity(verbosity)
        if bar:
            transformers.logging.enable_progress_bar()  # type: ignore[no-untyped-call]
