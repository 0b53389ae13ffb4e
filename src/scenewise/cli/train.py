"""`scenewise train`: its settings are those of the method that `--method` names."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from scenewise.cli.app import ConfigFile, Flat, Json, app, command_line, give
from scenewise.cli.config_file import setting_of, value_of
from scenewise.errors import ConfigError
from scenewise.methods import DEFAULT, METHODS, not_a_setting, open_method


def register_train(arguments: list[str]) -> None:
    """Register the command with the settings of the method that `arguments`, or their `--config`, name.

    Raises ConfigError if there is no such method, or a setting of another method is given.
    """
    name = value_of("--method", arguments) or setting_of("method", arguments) or DEFAULT
    method = open_method(name)
    group = Group(f"Settings of --method {name}", sort_key=2)

    def train(
        features: Path,
        /,
        *,
        out: Path,
        method: Annotated[str, Parameter(help=_methods_in_words())] = DEFAULT,
        resume: Annotated[
            bool,
            Parameter(
                negative="",
                help="Resume a training that was stopped; the result is the same as without the interruption.",
            ),
        ] = False,
        settings: Any = None,
        config: ConfigFile = None,
        json: Json = False,
    ) -> None:
        """Learn what is normal in each scene from normal footage. `--method NAME --help` shows a method's settings.

        Parameters
        ----------
        features
            Folder of features that `extract` or `features import` wrote.
        out
            Folder of the run to write, or to resume.
        """
        from scenewise.runs.train import train as make

        run = make(features, out, method, settings, resume=resume, commands=[command_line()])
        lines = [f"{what}: {value}" for what, value in run.summary.items()]
        text = "; ".join([*lines, f"run in {out}"])
        give({"run": str(out), "scenes": list(run.scenes), **run.facts}, text, json)

    kind = method.Settings
    train.__annotations__["settings"] = Annotated[kind, Flat, Parameter(group=group)]
    train.__kwdefaults__ = {**(train.__kwdefaults__ or {}), "settings": kind()}
    if "train" in app:  # an earlier call in this process
        del app["train"]
    app.command(train)
    _refuse_settings_of_others(arguments, name)


def _refuse_settings_of_others(arguments: list[str], name: str) -> None:
    """Raise ConfigError for a flag of another method: a clearer line than "unknown option"."""
    method = open_method(name)
    mine = {field.name.replace("_", "-") for field in fields(method.Settings)}
    others = {field.name.replace("_", "-") for other in METHODS for field in fields(open_method(other).Settings)} - mine
    for argument in arguments:
        flag = argument.partition("=")[0].removeprefix("--")
        if argument.startswith("--") and flag.removeprefix("no-") in others:
            raise ConfigError(not_a_setting(flag, method))


def _methods_in_words() -> str:
    known = "; ".join(f"{name}: {open_method(name).summary}" for name in METHODS)
    return (
        f"The method that learns what is normal. {known}; or a class of your own as package.module:Class. "
        "`train --method NAME --help` shows the settings of the method."
    )
