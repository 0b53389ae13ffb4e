"""The protocols by which a run can be evaluated."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from scenewise.config import EvaluateConfig, Protocol

PROTOCOLS: dict[Protocol, tuple[str, str]] = {
    "strict": ("scenewise.evaluation.protocol", "evaluate"),
    "published": ("scenewise.published.protocol", "evaluate_published"),
}
"""Module and function of each; imported when it is asked for, since commands must start fast."""


def evaluate_by(protocol: Protocol) -> Callable[[Path, EvaluateConfig], dict[str, Any]]:
    """What evaluates a run by `protocol`."""
    module, function = PROTOCOLS[protocol]
    evaluate: Callable[[Path, EvaluateConfig], dict[str, Any]] = getattr(import_module(module), function)
    return evaluate
