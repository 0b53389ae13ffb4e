"""Which runs are one model, differing in their seed alone, and what the model is called."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scenewise.config import TrainConfig

Metrics = dict[str, Any]
"""A metrics.json as it was read."""

OBJECTIVES = {
    "reconstruction": "scene-agnostic (reconstruction)",
    "contrastive": "scene-aware (+ contrastive)",
    "contrastive+classification": "scene-aware (+ contrastive + classification)",
}
OWN_FIELDS = {"method", "objective"}
"""Settings that have a field of their own in the key."""
DECIDE_NOTHING = {"seed", "resume", "tensorboard", "wandb", "memory_budget", "device", "precision", "keep_checkpoints"}
"""The seed is what is averaged over; the others say how training was run, and leave its result as it is."""


@dataclass(frozen=True)
class ModelKey:
    """Everything that decides a run's weights and scores but the seed."""

    method: str
    objective: str
    encoder: str = field(compare=False)
    """What people call it."""
    encoder_digest: str
    settings: tuple[tuple[str, str], ...]
    """(name, value) by name; empty where the evaluation was written before settings were recorded."""


def model_key(metrics: Metrics) -> ModelKey:
    """What a run has in common with the runs it is averaged with.

    A setting that is younger than the run counts with its default.
    """
    recorded = metrics.get("config")
    settings = {} if recorded is None else {**asdict(TrainConfig()), **recorded}
    return ModelKey(
        metrics["method"],
        metrics["objective"],
        metrics["encoder"],
        str(metrics.get("encoder_digest", metrics["encoder"])),
        tuple((name, _told(settings[name])) for name in sorted(settings.keys() - OWN_FIELDS - DECIDE_NOTHING)),
    )


def model_labels(keys: Sequence[ModelKey]) -> dict[ModelKey, str]:
    """What the models are called, each name once: where method, objective and encoder do not tell, settings do."""
    several_encoders = len({key.encoder for key in keys}) > 1
    labels = {}
    for key in keys:
        label = f"{key.method}, {OBJECTIVES.get(key.objective, key.objective)}"
        labels[key] = f"{label}, {key.encoder}" if several_encoders else label
    return {key: label + _difference(key, [k for k in keys if labels[k] == label]) for key, label in labels.items()}


def _difference(key: ModelKey, alike: Sequence[ModelKey]) -> str:
    """In what `key` differs from those that would be called the same, to stand behind its name."""
    parts = []
    if len({other.encoder_digest for other in alike}) > 1:
        parts.append(f"encoder {key.encoder_digest[:8]}")
    recorded = [dict(other.settings) for other in alike if other.settings]
    if not key.settings and recorded:
        parts.append("settings not recorded")
    for name, value in key.settings:
        if any(other.get(name) != value for other in recorded):
            parts.append(f"{name.replace('_', ' ')} {value}")
    return "".join(f", {part}" for part in parts)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else json.dumps(value)
