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
REMEMBERING = {"object-memory": "object memory", "fusion": "fusion (objects + frame)"}
"""What methods are called that remember normal footage in one pass: no steps, no objective."""
SCOPES = {"pooled": "scene-agnostic (one memory)", "scene": "scene-aware (a memory a scene)"}
USED_TO_REMEMBER = {"method", "scope", "smoothing", "seed", "device", "resume"}
"""Their settings; all others are of methods that are trained in steps."""
OWN_FIELDS = {"method", "objective"}
"""Settings that have a field of their own in the key."""
DECIDE_NOTHING = {"seed", "resume", "tensorboard", "wandb", "memory_budget", "device", "precision", "keep_checkpoints"}
"""The seed is what is averaged over; the others say how training was run, and leave its result as it is."""


@dataclass(frozen=True)
class ModelKey:
    """Everything that decides a run's weights and scores but the seed."""

    method: str
    objective: str | None
    """None for methods without one."""
    encoder: str = field(compare=False)
    """What people call it."""
    encoder_digest: str
    settings: tuple[tuple[str, str], ...]
    """(name, value) by name; empty where the evaluation was written before settings were recorded."""

    @property
    def remembers(self) -> bool:
        """Whether the method remembers normal footage in one pass, with nothing drawn at random."""
        return self.method in REMEMBERING

    @property
    def scene_aware(self) -> bool:
        """Whether the scenes are told apart: by a memory for each, or by what training minimises."""
        return dict(self.settings).get("scope") == "scene" or not (self.remembers or self.objective == "reconstruction")


def model_key(metrics: Metrics) -> ModelKey:
    """What a run has in common with the runs it is averaged with.

    A setting that is younger than the run counts with its default.
    """
    recorded = metrics.get("config")
    method = metrics["method"]
    settings = {} if recorded is None else used_settings({**asdict(TrainConfig()), **recorded, "method": method})
    return ModelKey(
        method,
        None if method in REMEMBERING else metrics["objective"],
        metrics["encoder"],
        str(metrics.get("encoder_digest", metrics["encoder"])),
        tuple((name, _told(settings[name])) for name in sorted(settings.keys() - OWN_FIELDS - DECIDE_NOTHING)),
    )


def used_settings(config: dict[str, Any]) -> dict[str, Any]:
    """Of a run's settings those that its method has a use for, `scope` as what `auto` stands for."""
    remembers = config["method"] in REMEMBERING
    used = {name: value for name, value in config.items() if not remembers or name in USED_TO_REMEMBER}
    if used.get("scope") == "auto":
        used["scope"] = "scene" if remembers else "pooled"
    return used


def model_labels(keys: Sequence[ModelKey]) -> dict[ModelKey, str]:
    """What the models are called, each name once: where method, objective and encoder do not tell, settings do."""
    several_encoders = len({key.encoder for key in keys}) > 1
    labels = {}
    for key in keys:
        label = f"{REMEMBERING.get(key.method, key.method)}, {_kind(key)}"
        labels[key] = f"{label}, {key.encoder}" if several_encoders else label
    return {key: label + _difference(key, [k for k in keys if labels[k] == label]) for key, label in labels.items()}


def _kind(key: ModelKey) -> str:
    """Whether it knows the scenes, and by what."""
    if key.objective is None:
        return SCOPES["scene" if key.scene_aware else "pooled"]
    if dict(key.settings).get("scope") == "scene":
        return f"scene-aware (one a scene, {key.objective})"
    return OBJECTIVES.get(key.objective, key.objective)


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
