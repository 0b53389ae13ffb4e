"""The protocols by which a run can be evaluated."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from scenewise.config import EvaluateConfig, Protocol

PROTOCOLS: dict[Protocol, tuple[str, str]] = {
    "strict": ("scenewise.evaluation.protocol", "evaluate_strict"),
    "published": ("scenewise.published.protocol", "evaluate_published"),
}
"""Module and function of each; imported when it is asked for, since commands must start fast."""


def evaluate(folder: str | Path, config: EvaluateConfig | None = None) -> dict[str, Any]:
    """Score the test videos with the run in `folder` by `config.protocol`, and return the content of metrics.json.

    Raises what `evaluate_strict` and `evaluate_published` raise.
    """
    folder = Path(folder)
    config = config or EvaluateConfig()
    module, function = PROTOCOLS[config.protocol]
    evaluate_by: Callable[[Path, EvaluateConfig], dict[str, Any]] = getattr(import_module(module), function)
    return evaluate_by(folder, config)
