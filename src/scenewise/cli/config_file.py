"""`--config FILE`: settings from a TOML file, checked before the command line is read."""

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from cyclopts import App
from cyclopts.config import Dict

from scenewise.did_you_mean import nearest
from scenewise.errors import ConfigError
from scenewise.methods import DEFAULT, METHODS, not_a_setting, open_method, setting_flags
from scenewise.text_file import read_text


def config_file(app: App, arguments: list[str]) -> tuple[Dict, ...]:
    """The source of settings that `--config FILE` among the arguments names; () if there is no such flag.

    Raises ConfigError if FILE is not a TOML file, or has a key that is not a flag of the command.
    """
    path = value_of("--config", arguments)
    if path is None:
        return ()
    try:
        settings = _read(path)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"--config {path}: expected settings in TOML: {error}") from error
    words = _words_of_command(app, arguments)
    _refuse_unknown_keys(app, words, arguments, path, settings)
    of_command: dict[str, Any] = settings
    for word in reversed(words):
        # As in a file of settings for all commands: of a flat one, cyclopts drops what is called like a command.
        of_command = {word: of_command}
    return (Dict(of_command, source=path),)


def _words_of_command(app: App, arguments: list[str]) -> list[str]:
    """The words that name the command, which come first: `train`, or `datasets check`."""
    words: list[str] = []
    for word in arguments:
        if word.startswith("-") or word not in app:
            break
        app = app[word]
        words.append(word)
    return words


def _refuse_unknown_keys(app: App, words: list[str], arguments: list[str], path: str, settings: dict[str, Any]) -> None:
    for word in words:
        app = app[word]
    if app.default_command is None:
        return  # cyclopts reports it
    command = " ".join(words)
    flags = {argument.name.removeprefix("--") for argument in app.assemble_argument_collection()}
    for key, value in settings.items():
        if isinstance(value, dict):
            raise ConfigError(f"--config {path}: settings are flat: write NAME = VALUE lines, no table [{key}]")
        if key.replace("_", "-") not in flags:
            known = refusal_by_method(key, flags, arguments) if command == "train" else None
            near = nearest(key.replace("_", "-"), flags)
            hint = f"the nearest is {near}" if near else f"scenewise {command} --help lists them"
            raise ConfigError(f"--config {path}: {known or f'{command} has no setting {key}; {hint}'}")


def refusal_by_method(key: str, flags: Collection[str], arguments: list[str]) -> str | None:
    """One line: the method that `arguments` name has no setting `key`, none of the `flags` of `train`.

    None if `key` is a slip of a flag that `train` has whatever the method is, such as `out`.
    """
    name = method_given(arguments)
    method = open_method(name)
    flag = key.replace("_", "-")
    near = nearest(flag, flags)
    of_a_method = any(flag.removeprefix("no-") in setting_flags(open_method(other)) for other in METHODS)
    if near and near not in setting_flags(method) and not of_a_method:
        return None
    return not_a_setting(key, method, name)


def method_given(arguments: list[str]) -> str:
    """The name of the method that `--method` gives, or the file that `--config` names; else the default."""
    return value_of("--method", arguments) or setting_of("method", arguments) or DEFAULT


def setting_of(key: str, arguments: list[str]) -> str | None:
    """The text of `key` in the file that `--config` names; None if there is no file, or no such key in it."""
    path = value_of("--config", arguments)
    try:
        value = None if path is None else _read(path).get(key)
    except (ConfigError, ValueError, RecursionError):
        return None  # `config_file` reports it
    return value if isinstance(value, str) else None


def _read(path: str) -> dict[str, Any]:
    """Raises ConfigError if the file cannot be read, ValueError or RecursionError if it is not TOML."""
    return tomllib.loads(read_text(Path(path), "expected settings in TOML", ConfigError))


def value_of(name: str, arguments: list[str]) -> str | None:
    """What follows the flag `name` among the arguments; "" if nothing does, None if the flag is not given."""
    for index, argument in enumerate(arguments):
        flag, given, value = argument.partition("=")
        if flag == name:
            return value if given else "".join(arguments[index + 1 : index + 2])
    return None
