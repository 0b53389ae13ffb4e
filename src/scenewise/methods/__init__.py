"""The methods: each learns what is normal. One folder or file per method, and one line in METHODS.

method.py          what a method is to the rest of the program
scores.py          what goes into its scorer, and what comes out
folds.py           folds of normal footage, for scoring each by the others
segments/          segments of frames: what methods share that are trained in steps on several frames together
autoencoder/       reconstruction error of a Transformer autoencoder, plain and variational
frames/            models fitted in one pass: what methods share that look at frames, regions or objects one by one
object_memory/     neighbour distance of moving objects in a memory bank, alone and with the whole frame
NAME.py            each of the other methods
"""

import re
from dataclasses import fields
from typing import Any, get_type_hints

from scenewise.config import in_words, require_types
from scenewise.did_you_mean import did_you_mean, nearest
from scenewise.errors import ConfigError
from scenewise.methods.method import Method, Settings
from scenewise.plug_in import in_short, is_plug_in, load_plug_in

METHODS = {
    "fusion": "scenewise.methods.object_memory.method:Fusion",
    "object-memory": "scenewise.methods.object_memory.method:ObjectMemory",
    "autoencoder": "scenewise.methods.autoencoder.method:AutoencoderMethod",
    "variational": "scenewise.methods.autoencoder.method:VariationalMethod",
    "frame-knn": "scenewise.methods.frame_knn:FrameKnn",
    "frame-residual": "scenewise.methods.frame_residual:FrameResidual",
    "whitened-knn": "scenewise.methods.whitened_knn:WhitenedKnn",
    "mahalanobis": "scenewise.methods.mahalanobis:Mahalanobis",
    "density": "scenewise.methods.density:Density",
    "attribute-density": "scenewise.methods.attribute_density:AttributeDensity",
    "patch-memory": "scenewise.methods.patch_memory:PatchMemoryMethod",
    "memory-autoencoder": "scenewise.methods.memory_autoencoder:MemoryAutoencoderMethod",
    "prediction": "scenewise.methods.prediction:PredictionMethod",
    "adversarial": "scenewise.methods.adversarial:AdversarialMethod",
    "scene-prediction": "scenewise.methods.scene_prediction:ScenePredictionMethod",
    "scene-contrast": "scenewise.methods.scene_contrast:SceneContrastMethod",
    "appearance-motion": "scenewise.methods.appearance_motion:AppearanceMotionMethod",
    "hybrid": "scenewise.methods.hybrid:HybridMethod",
}
"""{name: class}, the default first."""
DEFAULT = next(iter(METHODS))


def open_method(name: str) -> Method:
    """The method called `name`, or the class `package.module:Class` that is plugged in.

    Raises ConfigError if there is none, or the class is not a method.
    """
    if name not in METHODS and not is_plug_in(name):
        raise ConfigError(
            f"--method {name}: expected one of {', '.join(METHODS)}, or a class as "
            f"package.module:Class{did_you_mean(name, METHODS)}"
        )
    found = load_plug_in(METHODS.get(name, name), "--method", ConfigError)
    if not (isinstance(found, type) and issubclass(found, Method)):
        what = f"the {type(found).__name__} {getattr(found, '__name__', found)}"
        raise ConfigError(f"--method {name}: expected a class derived from scenewise.Method, got {what}")
    try:
        return found()
    except Exception as error:  # the user's class may raise anything
        raise ConfigError(f"--method {name}: cannot be made without arguments ({in_short(error)})") from error


def settings_of(method: Method, given: Any = None, method_name: str = "") -> Any:
    """The settings of `method`: a Settings as it is, or one made of {name: value}, or the defaults.

    `method_name` is what the user called the method, by default its own name. Raises ConfigError, naming the flag and
    the nearest setting, if one is not the method's, of another type, or out of range.
    """
    if given is None:
        return method.Settings()
    if isinstance(given, method.Settings):
        return given
    if isinstance(given, Settings):
        raise ConfigError(f"--method {method_name or method.name}: expected its settings, got those of another method")
    values = {re.sub("-", "_", name): value for name, value in dict(given).items()}
    names = {field.name for field in fields(method.Settings)}
    for name in values:
        if name not in names:
            raise ConfigError(not_a_setting(name, method, method_name))
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    require_types(method.Settings, plain)
    return method.Settings(**plain)


def not_a_setting(name: str, method: Method, method_name: str = "") -> str:
    """One line: `name` is no setting of `method`; whose it is, and which of the method's is nearest, or all it has.

    `method_name` is what the user called the method, by default its own name.
    """
    flag = name.replace("_", "-")
    plain = flag.removeprefix("no-")
    flags = setting_flags(method)
    takers = [] if plain in flags else [other for other in METHODS if plain in setting_flags(open_method(other))]
    named = [*takers[:3], "others"] if len(takers) > 3 else takers
    theirs = f"it belongs to --method {' and '.join(named)}; " if takers else ""
    near = nearest(plain, flags)
    hint = f"the nearest is --{near}" if near else f"its settings are --{', --'.join(sorted(flags))}"
    return f"--{flag} is not a setting of --method {method_name or method.name}; {theirs}{hint}"


def setting_flags(method: Method) -> list[str]:
    """The settings of `method` as flags name them, without the dashes before: `segment-length`."""
    return [field.name.replace("_", "-") for field in fields(method.Settings)]


def setting_from_text(method: Method, name: str, text: str) -> Any:
    """The value of a setting as a person writes it: `250`, `1e-3`, `off`. Raises ConfigError, naming NAME=TEXT."""
    from pydantic import TypeAdapter, ValidationError

    kind: Any = get_type_hints(method.Settings)[name.replace("-", "_")]
    try:
        return TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        raise ConfigError(f"--set {name}={text}: expected {in_words(kind)}, got {text!r}") from error
