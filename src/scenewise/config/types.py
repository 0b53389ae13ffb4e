"""The types of settings: in words for people, and checked where settings come from a file or from code."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from scenewise.errors import ConfigError


def require_types(settings: type, values: Mapping[str, Any]) -> None:
    """Raise ConfigError, naming the flag, if one of `values` {name: value} is not of its field's type in `settings`.

    Types other than numbers, texts, switches, choices and tuples of them, which a plug-in may have, are left alone.
    """
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    try:
        kinds: dict[str, Any] = get_type_hints(settings)
    except NameError:  # a plug-in's annotations that only a type checker can resolve
        return
    for name, value in values.items():
        if name not in kinds:
            raise ConfigError(f"--{name.replace('_', '-')}: there is no such setting")
        if not _is_plain(kinds[name]):
            continue
        try:
            TypeAdapter(kinds[name], config=ConfigDict(allow_inf_nan=False)).validate_python(value, strict=True)
        except ValidationError as error:
            raise ConfigError(
                f"--{name.replace('_', '-')}: expected {in_words(kinds[name])}, got {repr(value)[:60]}"
            ) from error


def _is_plain(kind: Any) -> bool:
    if get_origin(kind) in (Union, UnionType, tuple):
        return all(_is_plain(part) for part in get_args(kind) if part is not ...)
    return kind in (bool, int, float, str, NoneType) or get_origin(kind) is Literal


def in_words(kind: Any) -> str:
    """What a setting of the type `kind` is: `a number`, `on or off`, `one of scene, pooled`."""
    words = {bool: "on or off", int: "a whole number", float: "a number", str: "a text"}
    if kind in words:
        return words[kind]
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    parts = [part for part in get_args(kind) if part is not NoneType and part is not ...]
    if get_origin(kind) in (tuple, list):
        return f"a list, each {' or '.join(map(in_words, parts))}, which --set cannot give"
    return " or ".join(map(in_words, parts)) or f"a value of the type {getattr(kind, '__name__', kind)}"
