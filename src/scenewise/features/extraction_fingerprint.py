"""What decides the features and objects of a store: encoder, object encoder, and settings of `extract`."""

from pathlib import Path
from typing import Any

from scenewise.config import ExtractConfig
from scenewise.encoders import Encoder, Fingerprint, ObjectEncoder
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.names import as_text


def fingerprint_of(encoder: Encoder, config: ExtractConfig, object_encoder: ObjectEncoder | None = None) -> Fingerprint:
    """What decides the features and objects that `encoder` and `object_encoder`, opened by `config`, make of any video.

    Raises ConfigError.
    """
    masks = {as_text(Path(path).stem): IgnoreMask(Path(path)).digest for path in config.ignore_mask}
    identity = {**without_masks(encoder, config), **({"ignore_masks": masks} if masks else {})}
    if object_encoder is not None:
        identity["objects"] = {
            "object_encoder": object_encoder.identity,
            "distinguishes_classes": object_encoder.distinguishes_classes,
            "every": config.objects_every,
        }
    return Fingerprint(identity, encoder.execution)


def without_masks(encoder: Encoder, config: ExtractConfig) -> dict[str, Any]:
    """What decides the features of a video that has no ignore mask."""
    sparse = {"encode_every": config.encode_every} if config.encode_every > 1 else {}
    return {**encoder.identity, "decode_height": config.decode_height, **sparse}
