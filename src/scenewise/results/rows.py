"""What a table of several runs is made of: a figure over seeds, and a model's row of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, mean, stdev
from typing import Any, Literal

from scenewise.results.model_key import Metrics, ModelKey

UNDEFINED = "\N{EN DASH}"
"""How an undefined figure is shown."""
Unit = Literal["%", "s", "/h"]
"""What a figure is told in: percent of a share, seconds, times an hour."""
Bounds = tuple[float, float]
"""Lower and upper end of an interval."""


@dataclass(frozen=True)
class Spread:
    """One figure over seeds; of a constant or a published result, its one value."""

    values: tuple[float, ...] = ()
    """The figure of every run where it is defined; a share in [0, 1] where the unit is percent."""
    seeds: tuple[int, ...] = ()
    """The seeds of those runs."""
    interval: Bounds | None = None
    """95 % interval over test footage, means of the runs' own ends; None where any run has none."""
    unit: Unit = "%"

    @property
    def mean(self) -> float | None:
        """Mean over the runs; None where the figure is undefined."""
        return mean(self.values) if self.values else None

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation (n - 1) over the runs; None for fewer than two."""
        return stdev(self.values) if len(self.values) > 1 else None

    def percent(self) -> str:
        """As people read it: `83.4 ± 1.2`, `83.4` for one run, `–` where undefined; without its unit."""
        if self.mean is None:
            return UNDEFINED
        spread = "" if self.deviation is None else f" ± {self._told(self.deviation)}"
        return f"{self._told(self.mean)}{spread}"

    def bounds(self) -> str:
        """The interval as people read it, `79.1 to 86.0`; empty where there is none."""
        return "" if self.interval is None else " to ".join(self._told(end) for end in self.interval)

    def _told(self, value: float) -> str:
        return f"{100 * value if self.unit == '%' else value:.1f}"


def spread_of(runs: Sequence[Metrics], *path: str, unit: Unit = "%") -> Spread:
    """The figure that `path` leads to in every run's metrics; a run where it is absent or null is left out."""
    values, seeds = [], []
    for run in runs:
        found = figure_at(run, path)
        if found is not None:
            values.append(float(found))
            seeds += run["seeds"]
    return Spread(tuple(values), tuple(seeds), _mean_interval(runs, path), unit)


def figure_at(metrics: Metrics, path: Sequence[str]) -> Any:
    """What `path` leads to in one run's metrics; None where it leads nowhere."""
    found: Any = metrics
    for name in path:
        found = None if found is None else found.get(name)
    return found


def _mean_interval(runs: Sequence[Metrics], path: Sequence[str]) -> Bounds | None:
    """Means of the runs' lower and of their upper ends; None where a run has none.

    All runs draw the same resamples of the same footage. Would they rank them all alike, this would be the interval of
    the mean over the runs; otherwise that one is narrower.
    """
    ends = [figure_at(run, ("intervals", *path)) for run in runs]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    return fmean(low for low, _ in known), fmean(high for _, high in known)


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
    """Pooled AUC of the best constant a scene, and of 0 for scenes without an abnormal frame and 1
    elsewhere: the same for every model."""
    protocol: str = "strict"
    pairs_within_scene: float | None = None
    """Share of abnormal-normal pairs that lie within one scene: the same for every model."""
    macro: str = "defined"
    """Whether the mean AUC over videos leaves videos of one class out (defined), or pads every video (padded)."""
    macro_left_out: int | None = None
    """How many it leaves out; None where an older evaluation did not say."""
    event_level: dict[str, Spread] = field(default_factory=dict)
    """What an alarm budget's threshold comes to over all scenes; empty where it was not measured."""
    thresholds_extrapolated: bool = False
    """Whether held-out footage was too short to measure the budget in."""
    alarms_per_day: float | None = None
    """That budget."""
    localisation: dict[str, Spread] = field(default_factory=dict)
    """Where in the picture; empty for methods that do not say."""

    @property
    def chosen_on_test(self) -> bool:
        """Whether anything was chosen by results on test data, so that the figures promise too much."""
        return self.protocol == "published"

    @property
    def scene_aware(self) -> bool:
        """Whether the scenes are told apart."""
        return self.key.scene_aware

    @property
    def seeds_text(self) -> str:
        """`1 seed`, `3 seeds`."""
        return f"{len(self.seeds)} seed{'s' if len(self.seeds) != 1 else ''}"
