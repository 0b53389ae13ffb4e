"""The protocols by which a run can be evaluated."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scenewise.config import EvaluateConfig, Protocol
from scenewise.errors import ConfigError
from scenewise.plug_in import load_plug_in

PROTOCOLS: dict[Protocol, str] = {
    "strict": "scenewise.evaluation.protocol:evaluate",
    "published": "scenewise.published.protocol:evaluate_published",
}


def evaluate_by(protocol: Protocol) -> Callable[[Path, EvaluateConfig], dict[str, Any]]:
    """What evaluates a run by `protocol`."""
    evaluate: Callable[[Path, EvaluateConfig], dict[str, Any]] = load_plug_in(
        PROTOCOLS[protocol], "--protocol", ConfigError
    )
    return evaluate
