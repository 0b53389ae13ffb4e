"""How the runs were made: commands, settings, seeds, versions, the encoder and hashes of every run on the page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scenewise.report.evaluated_runs import EvaluatedRun, Model
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content
from scenewise.results.rows import UNDEFINED

TITLE = "How it was made"
SEED = "seed"


@dataclass(frozen=True)
class RunFacts:
    """One run's line in the table of runs."""

    model: Model
    folder: str
    seed: int
    recorded: dict[str, str]
    """{what: value}, as the method recorded it for people."""
    seconds: str
    parameters: str
    hashes: dict[str, str]


@dataclass(frozen=True, eq=False)
class ProvenanceContent(Content):
    """How all runs were made."""

    runs: list[RunFacts]
    recorded: list[str]
    """What the methods recorded for people, of any run."""
    settings: dict[str, dict[str, str]]
    """{method: {setting: value}} of the settings that all runs of the method share."""
    differing: dict[str, list[str]]
    """{setting: its value in every run} of those, but for the seed, in which runs of one method differ."""
    encoder: dict[str, str]
    """The encoder's identity: all that decides the features."""
    execution: dict[str, str]
    """Where and how precisely it was computed."""
    versions: dict[str, str]
    commands: list[str]


def show(gathered: Gathered) -> ProvenanceContent:
    """The runs' records; a command that several runs name stands once."""
    infos = [run.info for run in gathered.runs]
    facts = [_run_facts(model, run) for model in gathered.models for run in model.runs]
    of_runs = [command for info in infos for command in info["commands"]]
    settings, differing = _settings(infos)
    return ProvenanceContent(
        runs=facts,
        recorded=list(dict.fromkeys(what for run in facts for what in run.recorded)),
        settings=settings,
        differing=differing,
        encoder=_united([info["encoder"]["identity"] for info in infos]),
        execution=_united([info["encoder"]["execution"] for info in infos]),
        versions=_united([info["versions"] for info in infos]),
        commands=list(dict.fromkeys([*gathered.commands, *of_runs])),
    )


def _run_facts(model: Model, run: EvaluatedRun) -> RunFacts:
    facts = run.info["facts"]
    return RunFacts(
        model=model,
        folder=str(run.folder),
        seed=run.info["seed"],
        recorded=run.info["summary"],
        seconds=_count(facts.get("seconds")),
        parameters=_count(facts.get("parameters")),
        hashes=run.hashes(),
    )


def _count(number: float | None) -> str:
    return UNDEFINED if number is None else f"{number:,.0f}"


def _settings(infos: Sequence[dict[str, Any]]) -> tuple[dict[str, dict[str, str]], dict[str, list[str]]]:
    """What runs of one method share, and those settings in which some of them differ."""
    shared: dict[str, dict[str, str]] = {}
    differing: list[str] = []
    for method in dict.fromkeys(info["method"] for info in infos):
        values = _values([info["settings"] for info in infos if info["method"] == method])
        values.pop(SEED, None)
        shared[method] = {name: found[0] for name, found in values.items() if len(found) == 1}
        differing += [name for name, found in values.items() if len(found) > 1]
    of_runs = [info["settings"] for info in infos]
    return shared, {
        name: [_plain(settings[name]) if name in settings else UNDEFINED for settings in of_runs]
        for name in dict.fromkeys(differing)
    }


def _united(records: Sequence[dict[str, Any]]) -> dict[str, str]:
    """One record of several: if they differ, every value that occurs."""
    return {name: "; ".join(found) for name, found in _values(records).items()}


def _values(records: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """{name: its different values} in all records that have it."""
    names = dict.fromkeys(name for record in records for name in record)
    return {name: list(dict.fromkeys(_plain(record[name]) for record in records if name in record)) for name in names}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
