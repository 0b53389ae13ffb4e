"""A row of a table: one model, one constant, or one published result, with every figure over its seeds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import Literal

from scenewise.counted import counted
from scenewise.evaluation.metric import Unit

UNDEFINED = "\N{EN DASH}"
"""How an undefined figure is shown."""
Bounds = tuple[float, float]
"""Lower and upper end of an interval."""
Kind = Literal["measured", "constant", "published"]
UNITS: dict[Unit, tuple[float, str, str]] = {
    "share": (100, ".1f", ""),
    "number": (1, ".3f", ""),
    "count": (1, ",.0f", ""),
    "seconds": (1, ",.1f", " s"),
    "per hour": (1, ".1f", "/h"),
    "frames per second": (1, ",.0f", "/s"),
    "bytes": (2**-30, ".2f", " GiB"),
}
"""How a value is shown: times what, with which digits, and what stands behind it."""


def share(value: float | None, digits: int = 1) -> str:
    """A share in [0, 1] as percent, without the sign; `–` if undefined."""
    return UNDEFINED if value is None else f"{100 * value:.{digits}f}"


def in_unit(value: float, unit: Unit) -> str:
    """A value as people read it: `83.4` of a share, `2.5/h`, `1.20 GiB`."""
    factor, digits, sign = UNITS[unit]
    return f"{factor * value:{digits}}{sign}"


def ideal_text(value: float | None, unit: Unit) -> str:
    """An ideal as people read it, without decimals that say nothing: `100`, `0/h`; empty if there is none."""
    return "" if value is None else f"{UNITS[unit][0] * value:g}{UNITS[unit][2]}"


@dataclass(frozen=True)
class Spread:
    """One figure over seeds; of a constant or a published result, its one value."""

    values: tuple[float, ...] = ()
    """The figure of every run that defines it."""
    interval: Bounds | None = None
    """95 % interval over test footage, means of the runs' ends; None if any run has none."""
    unit: Unit = "share"

    @property
    def mean(self) -> float | None:
        """Mean over the runs; None if the figure is undefined."""
        return mean(self.values) if self.values else None

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation (n - 1) over the runs; None for fewer than two."""
        return stdev(self.values) if len(self.values) > 1 else None

    def parts(self) -> tuple[str, str, str]:
        """`83.4`, ` ± 1.2` and `80.1 to 86.0`: mean, deviation and interval, each empty if there is none."""
        if self.mean is None:
            return "", "", ""
        factor, digits, sign = UNITS[self.unit]
        if self.deviation is None or self.unit == "count":
            return in_unit(self.mean, self.unit), "", self.bounds()
        return f"{factor * self.mean:{digits}}", f" ± {factor * self.deviation:{digits}}{sign}", self.bounds()

    def text(self) -> str:
        """`83.4 ± 1.2`, `83.4` for one run, `–` if undefined; a share in percent, without the sign."""
        mean_text, deviation, _ = self.parts()
        return f"{mean_text}{deviation}" or UNDEFINED

    def bounds(self) -> str:
        """The interval as people read it, `79.1 to 86.0`; empty if there is none."""
        return "" if self.interval is None else " to ".join(in_unit(end, self.unit) for end in self.interval)

    def numbers(self) -> dict[str, float | None]:
        """{mean, deviation, low, high} for machines; None if there is none."""
        low, high = self.interval or (None, None)
        return {"mean": self.mean, "deviation": self.deviation, "low": low, "high": high}


@dataclass(frozen=True)
class Row:
    """One model (all runs that differ in their seed alone), one constant, or one published result."""

    title: str
    """What tables call it, each row differently."""
    kind: Kind = "measured"
    method: str = ""
    """As `--method` names it; of a published result the method of the same idea; empty if there is none."""
    scene_aware: bool | None = None
    """Whether it tells the scenes apart; None of constants."""
    needs_objects: bool | None = None
    """Whether it scores objects instead of whole pictures; None of constants."""
    deterministic: bool = False
    """Whether nothing is drawn at random, so that one run is all there is."""
    seeds: tuple[int, ...] = ()
    encoder: str = ""
    encoder_digest: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    """(name, value) of what decides the result, by name; without the seed."""
    cells: Mapping[tuple[str, ...], Spread] = field(default_factory=dict)
    """{path of the figure: its spread}."""
    runs: tuple[int, ...] = ()
    """The places of its runs among those that were grouped."""
    section: Kind | None = None
    """Under which heading a published row stands, if not under its own."""

    def cell(self, *path: str) -> Spread:
        """The figure at `path` of metrics.json, such as "scene_auc", "road"; empty if it is not known."""
        return self.cells.get(path, Spread())

    @property
    def feature(self) -> str | None:
        """What it scores: `image` or `object`; None of constants."""
        return None if self.needs_objects is None else "object" if self.needs_objects else "image"

    @property
    def seeds_text(self) -> str:
        """`1 seed`, `3 seeds`, `deterministic`; empty if nothing was measured."""
        if self.deterministic or not self.seeds:
            return "deterministic" if self.deterministic else ""
        return counted(len(self.seeds), "seed")
