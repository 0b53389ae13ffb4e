"""The settings of `scenewise evaluate`: labels and scores to honest figures."""

from dataclasses import dataclass
from typing import Literal

from scenewise.config.limits import require_between

Protocol = Literal["strict", "published"]
Macro = Literal["defined", "padded"]
Scale = Literal["scene", "raw"]


@dataclass(frozen=True)
class EvaluateConfig:
    """`scenewise evaluate`: labels and scores to honest figures."""

    features: str | None = None
    """Folder of features to score; by default the one recorded in the run."""
    scale: Scale = "scene"
    """scene: (s - median) / (q99 - median) of the scene's held-out normal scores; raw: the smoothed error itself."""
    protocol: Protocol = "strict"
    """strict: nothing is chosen on test data; published: checkpoint and smoothing are, as published code does it."""
    macro: Macro = "defined"
    """Mean AUC over videos: defined leaves videos of one class out and counts them; padded gives each video one normal
    frame with the lowest and one abnormal frame with the highest score, a convention of published code."""
    alarms_per_day: float = 24.0
    """Budget of false alarms a day and camera, by which the threshold of the event-level figures is chosen from
    held-out normal footage."""
    merge: float = 1.0
    """Seconds that a score may fall below the threshold without ending an alarm."""
    metric: tuple[str, ...] = ()
    """A figure of your own, package.module:NAME of a Metric; may be given several times."""
    device: str = "auto"
    """Where scoring runs: auto, cpu, cuda or mps."""

    def __post_init__(self) -> None:
        require_between(self, 1e-6, 1e6, "alarms_per_day")
        require_between(self, 0, 86_400, "merge")
