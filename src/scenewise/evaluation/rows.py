"""What a table of several runs is made of: a figure over seeds, and a model's row of them."""

from dataclasses import dataclass
from statistics import mean, stdev

from scenewise.evaluation.model_key import ModelKey

UNDEFINED = "\N{EN DASH}"
"""How an undefined figure is shown."""


@dataclass(frozen=True)
class Spread:
    """One figure over seeds."""

    values: tuple[float, ...]
    """The figure of every run where it is defined, a share in [0, 1]."""
    seeds: tuple[int, ...]
    """The seeds of those runs."""

    @property
    def mean(self) -> float | None:
        """Mean over the runs; None where the figure is undefined."""
        return mean(self.values) if self.values else None

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation (n - 1) over the runs; None for fewer than two."""
        return stdev(self.values) if len(self.values) > 1 else None

    def percent(self) -> str:
        """As people read it: `83.4 ± 1.2`, `83.4` for one run, `–` where undefined."""
        if self.mean is None:
            return UNDEFINED
        spread = "" if self.deviation is None else f" ± {100 * self.deviation:.1f}"
        return f"{100 * self.mean:.1f}{spread}"


@dataclass(frozen=True)
class EventSpread:
    """A figure of one class of event, split by whether the event is abnormal where it happens."""

    where_abnormal: Spread
    where_normal: Spread


@dataclass(frozen=True)
class SummaryRow:
    """One model: all runs that differ in their seed alone."""

    label: str
    key: ModelKey
    seeds: tuple[int, ...]
    frame_auc_micro: Spread
    frame_auc_macro: Spread
    scene_auc: dict[str, Spread]
    scene_auc_mean: Spread
    average_precision: Spread
    equal_error_rate: Spread
    event_auc: dict[str, EventSpread]
    event_alarm_rate: dict[str, EventSpread]
    constants: tuple[float | None, float | None]
    """Pooled AUC of the best constant a scene, and of the best choice of 0 or 1 a scene: the same for every model."""

    @property
    def scene_aware(self) -> bool:
        """Whether training told the scenes apart."""
        return self.key.objective != "reconstruction"

    @property
    def seeds_text(self) -> str:
        """`1 seed`, `3 seeds`."""
        return f"{len(self.seeds)} seed{'s' if len(self.seeds) != 1 else ''}"
