"""Frozen encoders: frames to features."""

import re
from pathlib import Path

from scenewise.config import ExtractConfig
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.errors import ConfigError

__all__ = ["Encoded", "Encoder", "Fingerprint", "ObjectEncoder", "open_encoder", "open_object_encoder", "require_used"]


def open_encoder(config: ExtractConfig) -> Encoder:
    """The encoder that `config.encoder` names, its weights loaded.

    Raises EncoderError where weights are missing or unfit, ConfigError where settings do not go together, or one is
    given that this encoder has no use for.
    """
    require_used(config, "fit", "preprocess", "precision", "mean", "std", "colour")
    regions = parse_grid(config.regions)
    kind, _, file = config.encoder.partition(":")
    if config.weights is not None and config.encoder != "clip-vit-l-14":
        raise ConfigError(
            f"--weights belongs to clip-vit-l-14; for {config.encoder} name the folder as --encoder itself"
        )
    if config.encoder == "motion-grid":
        from scenewise.encoders.motion_grid import MotionGrid

        return MotionGrid(regions=regions)
    if kind == "openvino":
        from scenewise.encoders.openvino import OpenVinoEncoder

        return OpenVinoEncoder(
            Path(file),
            mean=config.mean,
            std=config.std,
            colour=config.colour,
            fit=config.fit,
            preprocess=config.preprocess,
            regions=regions,
            precision=config.precision,
        )
    from scenewise.encoders.vision_tower import VisionTower

    return VisionTower(
        config.encoder,
        weights=None if config.weights is None else Path(config.weights),
        fit=config.fit,
        preprocess=config.preprocess,
        regions=regions,
        device=config.device,
        precision=config.precision,
    )


def open_object_encoder(config: ExtractConfig, encoder: Encoder) -> ObjectEncoder:
    """What describes objects beside `encoder`, which `config.encoder` names or which is your own.

    A vision tower's weights are shared. Objects beside motion-grid, and beside an encoder of your own that is neither a
    tower nor the named model, are described by their shape. Raises as `open_encoder` does.
    """
    kind, _, file = config.encoder.partition(":")
    own = encoder.identity.get("kind")
    if own == "vision-tower":
        from scenewise.encoders.tower_object_encoder import TowerObjectEncoder
        from scenewise.encoders.vision_tower import VisionTower

        if isinstance(encoder, VisionTower):
            return TowerObjectEncoder(encoder)
    if own == kind == "openvino":
        from scenewise.encoders.openvino_object_encoder import OpenVinoObjectEncoder
        from scenewise.encoders.preprocess import PUBLISHED_LEVEL

        mean, std, colour = config.mean, config.std, config.colour
        if config.preprocess == "published":
            mean = std = (PUBLISHED_LEVEL, PUBLISHED_LEVEL, PUBLISHED_LEVEL)
            colour = "bgr"
        return OpenVinoObjectEncoder(Path(file), mean=mean, std=std, colour=colour, precision=config.precision)
    from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder

    return ShapeObjectEncoder()


FLAGS = {
    "motion-grid": {"regions"},
    "openvino": {"regions", "fit", "preprocess", "precision", "mean", "std", "colour"},
    "a vision tower": {"regions", "fit", "preprocess", "precision", "device"},
}
"""The flags that each kind of encoder has a use for."""


def require_used(config: ExtractConfig, *names: str) -> None:
    """Raise ConfigError where one of the settings `names` is given and the encoder would ignore it.

    `device` is for the command to check: `score` takes it for the model as well, whatever the encoder.
    """
    kind = config.encoder.partition(":")[0]
    kind = kind if kind in FLAGS else "a vision tower"
    for name in names:
        value = getattr(config, name)
        everywhere = (getattr(ExtractConfig, name), *(("cpu",) if name == "device" else ()))
        if name not in FLAGS[kind] and value not in everywhere:
            takers = " and ".join(other for other in FLAGS if name in FLAGS[other])
            raise ConfigError(f"--{name} is for {takers}, and {config.encoder} has no use for it; leave it out")


def parse_grid(text: str | None) -> tuple[int, int] | None:
    """'7x7' to (7, 7), rows and columns; None stays None. Raises ConfigError on anything else."""
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d?)x([1-9]\d?)", text)
    if match is None:
        raise ConfigError(f"--regions: expected rows x columns such as 7x7, got {text!r}")
    return int(match[1]), int(match[2])
