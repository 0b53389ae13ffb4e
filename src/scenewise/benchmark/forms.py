"""The forms that a benchmark compares: methods, each with one or several choices of settings."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from scenewise.config import BenchmarkConfig, Protocol
from scenewise.did_you_mean import did_you_mean
from scenewise.errors import ConfigError
from scenewise.methods import METHODS, open_method, setting_from_text, settings_of
from scenewise.methods.method import Method
from scenewise.plug_in import is_plug_in

ALL = "all"
"""In `--methods`: every form."""
DEFAULT_FORMS = ("fusion", "reconstruction", "contrastive", "contrastive+classification")


@dataclass(frozen=True)
class Form:
    """A method with the settings of one row of the table."""

    name: str
    """Its name in `--methods`."""
    method_name: str
    method: Method
    settings: Any
    """The method's Settings, with seed 0."""
    protocols: tuple[Protocol, ...]
    """The protocols that it is evaluated by."""

    def with_seed(self, seed: int) -> Any:
        """Its settings with another seed."""
        return replace(self.settings, seed=seed) if seed else self.settings


def all_forms() -> dict[str, tuple[str, dict[str, Any]]]:
    """{name of a form: its method and the settings that it changes}; the name of a method is its default form."""
    forms: dict[str, tuple[str, dict[str, Any]]] = {name: (name, {}) for name in METHODS}
    for name in METHODS:
        forms |= {form: (name, dict(settings)) for form, settings in open_method(name).variants.items()}
    return forms


def every_form(config: BenchmarkConfig) -> list[str]:
    """The names of all forms, each once: a method's own name is left out if one of its variants is its default form."""
    names = []
    for name in METHODS:
        variants = open_method(name).variants
        default = _form(name, name, {}, config).settings
        others = [variant for variant in variants if variant != name]
        named = name in variants or any(
            _form(one, name, dict(variants[one]), config).settings == default for one in others
        )
        names += [*variants] if named else [name, *variants]
    return names


def chosen_forms(config: BenchmarkConfig) -> list[Form]:
    """The forms that `config` asks for, whether or not the data allows them.

    Raises ConfigError if there is no such method, if a setting belongs to none of them, or if settings do not go
    together.
    """
    known = all_forms()
    names = _chosen_names(config)
    unknown = [name for name in names if name not in known and not is_plug_in(name)]
    if unknown:
        raise ConfigError(
            f"--methods: there is no {unknown[0]}; expected some of {', '.join(known)}, {ALL}, or package.module:Class"
            f"{did_you_mean(unknown[0], [*known, ALL])}"
        )
    forms = [_form(name, *known.get(name, (name, {})), config) for name in names]
    for given in config.set:
        name = _setting_name(given)
        settings = {field.name for form in forms for field in fields(form.method.Settings)}
        if name not in settings:
            raise ConfigError(
                f"--set {given}: none of {', '.join(names)} has a setting {name}{did_you_mean(name, settings)}"
            )
    if config.protocol == "published" and not any("published" in form.protocols for form in forms):
        raise ConfigError(f"--protocol published chooses among checkpoints, and --methods {' '.join(names)} have none")
    return forms


def compared_forms(config: BenchmarkConfig, scenes: Sequence[str], *, objects: bool) -> tuple[list[Form], list[str]]:
    """The forms to compare on training footage of `scenes`, whose features hold `objects` or not; and notes.

    If the data does not allow a form, ConfigError is raised if `--methods` names it. Others are skipped, and a note
    says why.
    """
    compared, notes = [], []
    for form in chosen_forms(config):
        try:
            if form.method.needs_objects and not objects:
                raise ConfigError(
                    "the method scores moving objects, and the features hold none; extract again without --no-objects"
                )
            form.method.require_scenes(form.settings, scenes)
        except ConfigError as error:
            if is_named(form, config):
                raise ConfigError(f"--methods {form.name}: {error}") from error
            notes.append(f"{form.name} is skipped: {error}")
        else:
            compared.append(form)
    return compared, notes


def is_named(form: Form, config: BenchmarkConfig) -> bool:
    """Whether `--methods` names the form itself, so that it has to run."""
    return form.name in (config.methods or ())


def _chosen_names(config: BenchmarkConfig) -> list[str]:
    if config.methods is None:
        return [*DEFAULT_FORMS]
    every = every_form(config) if ALL in config.methods else []
    return [*dict.fromkeys(one for name in config.methods for one in (every if name == ALL else [name]))]


def _form(name: str, method_name: str, changed: dict[str, Any], config: BenchmarkConfig) -> Form:
    method = open_method(method_name)
    if not method.deterministic and not _has(method, "seed"):
        raise ConfigError(
            f"--methods {name}: expected `deterministic = True` or a setting `seed`, so that its seeds can be compared"
        )
    values = {"device": config.device} if _has(method, "device") else {}
    for given in config.set:
        setting = _setting_name(given)
        if _has(method, setting):
            written, _, value = given.partition("=")
            values[setting] = setting_from_text(method, written, value)
    settings = settings_of(method, {**values, **changed}, method_name)
    with_checkpoints = method.with_checkpoints(settings) if config.protocol == "published" else None
    if with_checkpoints is None:
        return Form(name, method_name, method, settings, ("strict",))
    return Form(name, method_name, method, with_checkpoints, ("strict", "published"))


def _setting_name(given: str) -> str:
    return given.partition("=")[0].replace("-", "_")


def _has(method: Method, setting: str) -> bool:
    return setting in {field.name for field in fields(method.Settings)}
