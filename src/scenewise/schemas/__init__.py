"""JSON schemas of what programs read, as `scenewise schema NAME` prints them; docs/results-for-programs.md."""

from typing import Any

from pydantic import BaseModel

from scenewise.evaluation.metrics_form import MetricsForm
from scenewise.schemas.events import EventsForm
from scenewise.schemas.printed import (
    PrintedAcceptance,
    PrintedBenchmark,
    PrintedExtraction,
    PrintedHistory,
    PrintedReport,
    PrintedScores,
    PrintedTraining,
    PrintedTrial,
)
from scenewise.schemas.table import TableForm

SCHEMAS: dict[str, tuple[str, type[BaseModel]]] = {
    "metrics": ("metrics.json, and evaluate --json of one run", MetricsForm),
    "events": ("events.json of a scored video", EventsForm),
    "table": ("table.json of a benchmark, and evaluate --format json", TableForm),
    "extract": ("extract --json", PrintedExtraction),
    "train": ("train --json", PrintedTraining),
    "score": ("score --json", PrintedScores),
    "try": ("try --json", PrintedTrial),
    "accept": ("accept --json", PrintedAcceptance),
    "history": ("history --json, and undo --json", PrintedHistory),
    "report": ("report --json", PrintedReport),
    "benchmark": ("benchmark --json", PrintedBenchmark),
}
"""{name: what has this form, the form}."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(name: str) -> dict[str, Any]:
    """The JSON schema `name` of SCHEMAS; other keys than it lists may be there as well."""
    what, form = SCHEMAS[name]
    return {"$schema": DIALECT, **form.model_json_schema(), "title": f"Scenewise: {what}"}
