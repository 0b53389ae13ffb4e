"""How it was made: settings, seeds, versions, the encoder, hashes and commands of every run on the page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scenewise.report.runs import Model
from scenewise.results.rows import UNDEFINED


@dataclass(frozen=True)
class RunFacts:
    """One run's line in the table of runs."""

    model: Model
    folder: str
    seed: int
    best_step: str | None
    held_out_error: str | None
    """None for methods that are not trained in steps."""
    remembered: str | None
    """How many normal objects, in all and by scene; None for methods that remember none."""
    seconds: str
    parameters: str
    hashes: dict[str, str]


@dataclass(frozen=True)
class Making:
    """How the page's runs were made."""

    runs: list[RunFacts]
    shared: dict[str, str]
    """Settings that all runs share."""
    differing: dict[str, list[str]]
    """{setting: its value in every run}, where the runs differ in more than the seed."""
    encoder: dict[str, str]
    """The encoder's identity, one entry where every run has the same."""
    execution: dict[str, str]
    versions: dict[str, str]
    commands: list[str]


def making(models: Sequence[Model], commands: Sequence[str]) -> Making:
    """Gather it from the runs' own records; a command that several runs name stands once."""
    runs = [(model, run) for model in models for run in model.runs]
    configs = [run.info["settings"] for _, run in runs]
    names = list(dict.fromkeys(name for config in configs for name in config))
    values = {name: [_plain(config[name]) if name in config else UNDEFINED for config in configs] for name in names}
    recorded = [command for _, run in runs for command in run.info.get("commands", [])]
    infos = [run.info for _, run in runs]
    return Making(
        runs=[_run_facts(model, run.info, str(run.folder), run.hashes()) for model, run in runs],
        shared={name: found[0] for name, found in values.items() if len(set(found)) == 1},
        differing={name: found for name, found in values.items() if len(set(found)) > 1},
        encoder=_united([info["encoder"]["identity"] for info in infos]),
        execution=_united([info["encoder"]["execution"] for info in infos]),
        versions=_united([info["versions"] for info in infos]),
        commands=list(dict.fromkeys([*commands, *recorded])),
    )


def _run_facts(model: Model, info: dict[str, Any], folder: str, hashes: dict[str, str]) -> RunFacts:
    training = info["training"]
    return RunFacts(
        model=model,
        folder=folder,
        seed=info["seed"],
        best_step=f"{training['best_step']:,}" if "best_step" in training else None,
        held_out_error=f"{training['held_out_error']:.4g}" if "held_out_error" in training else None,
        remembered=_members(training["members"]) if "members" in training else None,
        seconds=f"{training['seconds']:,.0f}",
        parameters=f"{training['parameters']:,}",
        hashes=hashes,
    )


def _members(of_scene: dict[str, int]) -> str:
    """`21,987: cycleway 10,993, walkway 10,994`; of one memory the number alone."""
    together = f"{sum(of_scene.values()):,}"
    parts = ", ".join(f"{scene} {count:,}" for scene, count in of_scene.items())
    return f"{together}: {parts}" if len(of_scene) > 1 else together


def _united(records: Sequence[dict[str, Any]]) -> dict[str, str]:
    """One record of several: where they differ, every value that occurs."""
    names = dict.fromkeys(name for record in records for name in record)
    return {
        name: "; ".join(dict.fromkeys(_plain(record[name]) for record in records if name in record)) for name in names
    }


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
