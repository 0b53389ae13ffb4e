"""An encoder by its name: one that is built in, or a class of your own, checked before any frame goes through it."""

import inspect
import json
from typing import Any

from scenewise.config import ExtractConfig
from scenewise.encoders.encoder import Encoder
from scenewise.encoders.object_encoder import ObjectEncoder
from scenewise.errors import ConfigError, EncoderError, ScenewiseError
from scenewise.plug_in import in_short, is_plug_in, load_plug_in, name_of

FLAGS = ("regions", "fit", "preprocess", "precision", "mean", "std", "colour")
"""The settings of `extract` that some encoders use and others do not. `device` is another, for the command to check:
`score` uses it for the method too, whatever the encoder."""
OBJECT_ENCODER = ("width", "size", "distinguishes_classes", "identity", "encode")


def encoder_class(name: str) -> type[Encoder]:
    """The class of the encoder that `--encoder NAME` names. Raises EncoderError if a plugged-in class is no encoder.

    motion-grid, efficientnet-lite0, openvino:FILE, package.module:Class; everything else is the name of a vision tower.
    """
    if name == "motion-grid":
        from scenewise.encoders.motion_grid import MotionGrid

        return MotionGrid
    if name == "efficientnet-lite0":
        from scenewise.encoders.efficientnet_lite0 import EfficientNetLite0Encoder

        return EfficientNetLite0Encoder
    if name.startswith("openvino:"):
        from scenewise.encoders.openvino import OpenVinoEncoder

        return OpenVinoEncoder
    if is_plug_in(name):
        return _plugged_in(name)
    from scenewise.encoders.vision_tower import VisionTower

    return VisionTower


def open_encoder(config: ExtractConfig) -> Encoder:
    """The encoder that `config.encoder` names, its weights loaded.

    Raises EncoderError if weights are missing or unfit, or a plugged-in class is no encoder; ConfigError if settings do
    not go together, or the encoder does not use one of them.
    """
    require_used(config)
    kind = encoder_class(config.encoder)
    try:
        encoder = kind.from_config(config)
    except ScenewiseError:
        raise
    except Exception as error:
        if _is_built_in(kind):
            raise
        # The user's class may raise anything.
        raise EncoderError(f"--encoder {config.encoder}: the class cannot be opened ({in_short(error)})") from error
    require_encoder(encoder)
    if config.flow:
        from scenewise.encoders.with_flow import WithFlow

        return WithFlow(encoder)
    return encoder


def open_object_encoder(encoder: Encoder) -> ObjectEncoder:
    """The object encoder of `encoder`.

    Raises EncoderError if it has not all that an ObjectEncoder needs, and as `open_encoder` does.
    """
    object_encoder = encoder.object_encoder()
    missing = [name for name in OBJECT_ENCODER if not hasattr(object_encoder, name)]
    what = f"the object encoder of {type(encoder).__name__}"
    if missing:
        raise EncoderError(f"{what}: {type(object_encoder).__name__} has no {', '.join(missing)}; add what is missing")
    _require_json(f"{what}: its identity", object_encoder.identity)
    return object_encoder


def require_used(config: ExtractConfig, *names: str) -> None:
    """Raise ConfigError if one of the settings `names`, by default FLAGS, is given and the encoder would ignore it."""
    if config.weights is not None and config.encoder != ExtractConfig.encoder:
        raise ConfigError(
            f"--weights belongs to {ExtractConfig.encoder}; for {config.encoder} name the folder as --encoder itself"
        )
    flags = encoder_class(config.encoder).flags
    for name in names or FLAGS:
        everywhere = (getattr(ExtractConfig, name), *(("cpu",) if name == "device" else ()))
        if name not in flags and getattr(config, name) not in everywhere:
            used = ", ".join(f"--{flag}" for flag in sorted(flags)) or "no such flag"
            raise ConfigError(f"--{name}: {config.encoder} does not use it (it uses {used}); leave it out")


def require_encoder(encoder: Any) -> None:
    """Raise EncoderError unless `encoder` has all that an Encoder needs."""
    what = f"the encoder {type(encoder).__name__}"
    if not isinstance(encoder, Encoder):
        raise EncoderError(f"{what}: expected an instance of a class derived from scenewise.Encoder")
    for name in ("width", "batch"):
        value = getattr(encoder, name, None)
        if not isinstance(value, int) or value < 1:
            raise EncoderError(f"{what}: expected a whole number of at least 1 as its {name}, got {value!r}")
    for name in ("identity", "execution"):
        _require_json(f"{what}: its {name}", getattr(encoder, name, None))
    if not isinstance(encoder.identity.get("kind"), str):
        raise EncoderError(f"{what}: expected its identity to hold a 'kind', a name such as 'colour-histogram'")


def name_of_encoder(encoder: Encoder) -> str:
    """`package.module:Class` of an instance of your own class, by which `open_encoder` opens another one like it.

    Raises EncoderError if the class cannot be imported by that name, or takes arguments.
    """
    require_encoder(encoder)
    kind = type(encoder)
    what = f"the encoder {kind.__qualname__} of {kind.__module__}"
    if _is_built_in(kind):
        raise EncoderError(f"{what} is built in: name it as the settings' `encoder` instead of passing it")
    try:
        name = name_of(kind)
        importable = load_plug_in(name, "--encoder", EncoderError) is kind
    except (ValueError, EncoderError):
        importable = False
    if not importable:
        raise EncoderError(
            f"{what} cannot be imported by its name, so that `score` could not open it again; define it at the top "
            "level of a module, such as my_encoder.py, and import it from there"
        )
    if kind.from_config.__func__ is Encoder.from_config.__func__:  # type: ignore[attr-defined]
        try:
            inspect.signature(kind).bind()
        except TypeError as error:
            raise EncoderError(
                f"{what} takes arguments ({error}), so that `score` could not open it again; give them defaults, or "
                "derive a class that fills them in"
            ) from error
    return name


def _plugged_in(name: str) -> type[Encoder]:
    found = load_plug_in(name, "--encoder", EncoderError)
    if not (isinstance(found, type) and issubclass(found, Encoder)):
        raise EncoderError(f"--encoder {name} is not an encoder: expected a class derived from scenewise.Encoder")
    return found


def _is_built_in(kind: type[Encoder]) -> bool:
    return kind.__module__.startswith("scenewise.")


def _require_json(what: str, value: Any) -> None:
    try:
        plain = isinstance(value, dict) and json.loads(json.dumps(value)) == value
    except (TypeError, ValueError):
        plain = False
    if not plain:
        raise EncoderError(f"{what}: expected a dict of plain JSON (texts, numbers, lists), got {value!r:.80}")
