"""`scenewise train`: its settings are those of the method that `--method` names."""

import shlex
from pathlib import Path
from typing import Annotated, Any

from cyclopts import ArgumentCollection, Group, Parameter

from scenewise.cli.app import ConfigFile, Flat, Json, app, command_line, give
from scenewise.cli.config_file import method_given, refusal_by_method
from scenewise.cli.default_out import out_or_default
from scenewise.cli.help_groups import TRAIN, HelpInGroups
from scenewise.cli.require_there import require_folder
from scenewise.errors import ConfigError
from scenewise.methods import DEFAULT, METHODS, open_method


def register_train(arguments: list[str]) -> None:
    """Register the command with the settings of the method that `arguments`, or their `--config`, name.

    Raises ConfigError if there is no such method, or it has no such setting.
    """
    name = method_given(arguments)
    method = open_method(name)
    group = Group(f"Settings of --method {name}", help=f"{_sentence(method.summary)}.", sort_key=2)

    def train(
        features: Path,
        /,
        *,
        out: Path | None = None,
        method: Annotated[str, Parameter(help=_methods_in_words())] = DEFAULT,
        resume: Annotated[
            bool,
            Parameter(
                negative="",
                help="Resume a training that was stopped; the result is the same as without the interruption.",
            ),
        ] = False,
        thumbnails: Annotated[
            bool,
            Parameter(
                help="Keep small pictures of normal examples in the run, at most 5 MB: they are shown beside flagged "
                "objects where the training videos are gone.",
            ),
        ] = True,
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
            Folder of the run to write, or to resume; by default NAME-METHOD in the current folder, NAME that of the
            data set.
        """
        require_folder(features, "a folder of features, made by: scenewise extract")
        from scenewise.runs.train import train as make
        from scenewise.runs.verdicts import verdicts_of, warnings_of

        out = out_or_default(out, features, method)
        run = make(features, out, method, settings, resume=resume, thumbnails=thumbnails, commands=[command_line()])
        verdicts = verdicts_of(run)
        text = "; ".join([*(f"{what}: {value}" for what, value in run.summary.items()), f"run in {out}"])
        lines = [f"{scene}: {verdict.in_words()}" for scene, verdict in verdicts.items()]
        lines += [*warnings_of(run), text]
        lines.append(f"next: scenewise score {shlex.quote(str(out))} VIDEOS")
        described = {scene: verdict.as_json() for scene, verdict in verdicts.items()}
        give({"run": str(out), "scenes": list(run.scenes), "verdicts": described, **run.facts}, lines, json)

    kind = method.Settings
    train.__annotations__["settings"] = Annotated[kind, Flat, Parameter(group=group)]
    train.__kwdefaults__ = {**(train.__kwdefaults__ or {}), "settings": kind()}
    if "train" in app:  # an earlier call in this process
        del app["train"]
    app.command(train, help_formatter=HelpInGroups(groups=TRAIN))
    if arguments[:1] == ["train"]:
        _refuse_unknown_settings(arguments)


def _refuse_unknown_settings(arguments: list[str]) -> None:
    """Raise ConfigError for a flag that the method does not have: a clearer line than "unknown option"."""
    known = app["train"].assemble_argument_collection()
    always = {*app.help_flags, *app.version_flags}
    flags = {argument.name.removeprefix("--") for argument in known}
    for word in arguments:
        flag = word.partition("=")[0]
        if not flag.startswith("--") or flag in ("--", *always) or _takes(known, flag):
            continue
        refusal = refusal_by_method(flag.removeprefix("--"), flags, arguments)
        if refusal:
            raise ConfigError(refusal)


def _takes(known: ArgumentCollection, flag: str) -> bool:
    """Whether one of the arguments is called `flag`."""
    try:
        known.match(flag)
    except ValueError:
        return False
    return True


def _methods_in_words() -> str:
    # Their names alone: what each learns is known by its file, and most files need PyTorch or numpy.
    return (
        f"The method that learns what is normal: {', '.join(METHODS)}, or a class of your own as package.module:Class. "
        "`train --method NAME --help` says what it learns and shows its settings."
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
