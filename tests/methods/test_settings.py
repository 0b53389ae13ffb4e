"""Methods and their settings by name: what is not known is told in one line that names the nearest."""

import sys
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from scenewise.errors import ConfigError
from scenewise.methods import METHODS, not_a_setting, open_method, setting_flags, setting_from_text, settings_of
from scenewise.methods.method import Method, Settings


@pytest.fixture
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's own with a method, a class that is none, and a method that needs arguments."""
    (tmp_path / "mine_for_settings.py").write_text(
        "from scenewise.methods.method import Method\n"
        "class Mine(Method):\n"
        "    name, summary, deterministic = 'mine', 'nothing', True\n"
        "    def fit(self, store, settings, work, *, resume=False): ...\n"
        "    def open(self, run, device): ...\n"
        "class NeedsMore(Mine):\n"
        "    def __init__(self, more): ...\n"
        "class Abstract(Method):\n"
        "    pass\n"
        "other = 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield "mine_for_settings"
    sys.modules.pop("mine_for_settings", None)


def one_line(error: pytest.ExceptionInfo[ConfigError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_settings_with_defaults_and_words(name: str) -> None:
    method = open_method(name)
    assert isinstance(method, Method) and method.name == name and method.summary
    assert settings_of(method) == method.Settings() == settings_of(method, {})
    assert {"smoothing", *method.free_settings, *method.adding_settings} <= {f.name for f in fields(method.Settings)}
    for variant in method.variants.values():
        assert method.title(settings_of(method, variant))


def test_a_class_of_ones_own_is_a_method(plugged_in: str) -> None:
    assert open_method(f"{plugged_in}:Mine").name == "mine"


@pytest.mark.parametrize("name", ["autoencodr", "", "no_such_module_at_all:Mine", "os:path", "os:nothing"])
def test_what_is_no_method_is_told(name: str) -> None:
    with pytest.raises(ConfigError, match="--method") as error:
        open_method(name)
    assert name in one_line(error)


@pytest.mark.parametrize("name", ["other", "NeedsMore", "Abstract", "Missing"])
def test_what_is_no_method_in_a_module_of_ones_own_is_told(plugged_in: str, name: str) -> None:
    with pytest.raises(ConfigError, match=f"{plugged_in}:{name}") as error:
        open_method(f"{plugged_in}:{name}")
    one_line(error)


def test_settings_are_given_as_they_are_or_by_name() -> None:
    method = open_method("autoencoder")
    named = settings_of(method, {"segment-length": 8, "learning_rate": 1e-3})
    assert (named.segment_length, named.learning_rate, named.steps) == (8, 1e-3, method.Settings().steps)
    assert settings_of(method, named) is named
    with pytest.raises(ConfigError, match="another method"):
        settings_of(method, open_method("fusion").Settings())
    with pytest.raises(ConfigError, match="--learning-rate"):
        settings_of(method, {"learning_rate": -1.0})


@pytest.mark.parametrize(
    ("method", "name", "nearest", "owners"),
    [
        ("autoencoder", "learning_rat", "--learning-rate", []),
        ("autoencoder", "segment-len", "--segment-length", []),
        ("autoencoder", "divergence_weight", None, ["variational"]),
        ("fusion", "steps", None, ["autoencoder", "variational", "density"]),
        ("fusion", "scop", "--scope", []),
        ("fusion", "no-standardise", None, ["autoencoder", "variational"]),
    ],
)
def test_a_setting_of_another_method_names_it_and_the_nearest(
    method: str, name: str, nearest: str | None, owners: list[str]
) -> None:
    chosen = open_method(method)
    with pytest.raises(ConfigError) as error:
        settings_of(chosen, {name: 3})
    text = one_line(error)
    assert text == not_a_setting(name.replace("-", "_"), chosen)
    assert f"--{name.replace('_', '-')}" in text and f"--method {method}" in text
    assert all(owner in text for owner in owners)
    plain = name.replace("_", "-").removeprefix("no-")
    without = [other for other in METHODS if other != method and plain not in setting_flags(open_method(other))]
    assert not [other for other in without if f" {other}" in text]
    flags = {f"--{field.name.replace('_', '-')}" for field in fields(chosen.Settings)}
    assert f"nearest is {nearest}" in text if nearest else all(flag in text for flag in flags)


def test_a_method_without_settings_of_its_own_has_the_common_ones(plugged_in: str) -> None:
    with pytest.raises(ConfigError, match="--smoothing"):
        settings_of(open_method(f"{plugged_in}:Mine"), {"smoothin": 1.0})
    with pytest.raises(ConfigError, match=f"--method {plugged_in}:Mine; its settings are --smoothing"):
        settings_of(open_method(f"{plugged_in}:Mine"), {"factor": 1.0}, f"{plugged_in}:Mine")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", "250", 250),
        ("learning_rate", "1e-3", 1e-3),
        ("standardise", "off", False),
        ("scope", "scene", "scene"),
        ("segment_fps", "12.5", 12.5),
        ("width", "native", "native"),
    ],
)
def test_a_value_as_a_person_writes_it(name: str, text: str, value: object) -> None:
    assert setting_from_text(open_method("autoencoder"), name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("steps", "many", "a whole number"),
        ("steps", "2.5", "a whole number"),
        ("learning-rate", "x", "a number"),
        ("segment_fps", "x", "a number"),
        ("scope", "planet", "one of pooled, scene"),
        ("objective", "none", "one of reconstruction, contrastive, contrastive+classification"),
        ("standardise", "perhaps", "on or off"),
    ],
)
def test_a_value_that_cannot_be_read_names_what_was_given_and_expected(name: str, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as error:
        setting_from_text(open_method("autoencoder"), name, text)
    assert one_line(error) == f"--set {name}={text}: expected {expected}, got {text!r}"


def test_settings_of_ones_own_may_be_lists() -> None:
    @dataclass(frozen=True)
    class Listed(Settings):
        sizes: tuple[int, ...] = (1,)

    class Mine(Method):
        name, summary = "mine", "nothing"
        Settings = Listed

        def fit(self, store: object, settings: object, work: Path, *, resume: bool = False) -> object:  # type: ignore[override]
            raise NotImplementedError

        def open(self, run: object, device: str) -> object:  # type: ignore[override]
            raise NotImplementedError

    assert settings_of(Mine(), {"sizes": [3, 4]}).sizes == (3, 4), "as JSON holds it"
