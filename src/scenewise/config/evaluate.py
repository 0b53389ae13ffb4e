"""The settings of `scenewise evaluate`: the figures of a run on labelled test videos."""

from dataclasses import dataclass
from typing import Literal

from scenewise.config.limits import require_between
from scenewise.errors import ConfigError

Protocol = Literal["strict", "published"]
Macro = Literal["defined", "padded"]
Scale = Literal["scene", "raw"]


@dataclass(frozen=True)
class EvaluateConfig:
    """`scenewise evaluate`: the figures of a run on labelled test videos."""

    features: str | None = None
    """Folder of features to score; by default the one that the run records."""
    scale: Scale = "scene"
    """scene: (score - median) / (q99 - median), both of the scene's held-out normal scores; raw: the smoothed score."""
    protocol: Protocol = "strict"
    """strict: nothing is chosen on test data; published: checkpoint and smoothing are chosen by test AUC."""
    macro: Macro = "defined"
    """Mean AUC over videos: defined averages over the videos with normal and abnormal frames; padded adds to each video
    a normal frame with the lowest and an abnormal frame with the highest score, a convention of published code."""
    alarms_per_day: float = 24.0
    """Budget of false alarms per day and camera; it sets the threshold of the event-level figures, from held-out normal
    scores."""
    merge: float = 1.0
    """Seconds that a score may fall below the threshold without ending an alarm."""
    metric: tuple[str, ...] = ()
    """Figures of your own, each package.module:NAME of a Metric."""
    mask: tuple[str, ...] = ()
    """Hide objects in a part of a scene's picture, as `score --mask` does: SCENE=PICTURE or SCENE=x,y x,y x,y."""
    unlabelled: bool = False
    """Score the test videos without opening any labels: their scores are written, and no figure is defined."""
    device: str = "auto"
    """Where scoring runs: auto, cpu, cuda or mps."""

    def __post_init__(self) -> None:
        require_between(self, 1e-6, 1e6, "alarms_per_day")
        require_between(self, 0, 86_400, "merge")
        if self.mask and self.protocol == "published":
            raise ConfigError(
                "--mask hides objects, which published code does not; leave it out, or --protocol published"
            )
