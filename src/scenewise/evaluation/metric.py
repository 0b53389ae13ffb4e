"""The description of a figure in metrics.json: its path, its name for people, its unit and its ideal.

To add a figure of yours, write a `Metric` with a `compute` and give it as `evaluate --metric package.module:NAME`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from scenewise.errors import ConfigError, DataError

Unit = Literal["share", "number", "count", "seconds", "per hour", "frames per second", "bytes"]
"""The unit of a value: a share in [0, 1] is shown in percent, a number without a unit to three decimals."""
Better = Literal["higher", "lower", "nearer the ideal"]
Shown = Literal["always", "with its group", "if defined"]
EACH = "*"
"""In a path: every name at that place, such as each scene or each class of event."""
DESCRIBED = ("path", "group", "name", "unit", "ideal", "better")


@dataclass(frozen=True)
class Metric:
    """One figure; with EACH in its path, one figure for each scene or each class of event."""

    path: tuple[str, ...]
    """Where it stands in metrics.json: ("scene_auc", EACH), ("event_level", "share_found")."""
    group: str
    """The heading of tables that it stands under."""
    name: str
    """Its name in tables; `{each}` is replaced by the name at the place of EACH."""
    unit: Unit = "share"
    ideal: float | None = None
    """The value of a perfect detector; None if there is none."""
    better: Better = "higher"
    leads_its_group: bool = False
    """Whether it sums up its group, so that tables make it bold."""
    on_auc_scale: bool = False
    """Whether the report also draws it on the common scale of all AUC."""
    constant: float | None = None
    """Its value for scores that are constant within each scene; None if that depends on the labels."""
    further: bool = False
    """Whether it is left out of the figures by scene and class of event in a terminal."""
    in_benchmark: bool = True
    """Whether the benchmark's wide table has a column for it."""
    shown: Shown = "if defined"
    """When a table of several models shows it: always; if a run defines any figure of its group; or if a run defines
    this one."""
    short: str = ""
    """Its name as the head of a narrow column, understood without its group; by default its name."""
    compute: Callable[..., float | None] | None = None
    """The function that computes a plugged-in figure from a list of ScoredVideo; it gives None if that is undefined."""

    def __post_init__(self) -> None:
        metric = f"metric {self.name!r}"
        if not self.path or not all(isinstance(part, str) and part for part in self.path):
            raise ConfigError(f"{metric}: expected a path of names in metrics.json, got {self.path!r}")
        if self.path.count(EACH) > 1:
            raise ConfigError(f"{metric}: expected at most one {EACH} in its path, got {self.path!r}")
        if self.unit not in get_args(Unit):
            raise ConfigError(f"{metric}: expected a unit of {', '.join(get_args(Unit))}; got {self.unit!r}")
        if self.better not in get_args(Better):
            raise ConfigError(
                f"{metric}: expected better to be one of {', '.join(get_args(Better))}; got {self.better!r}"
            )
        if self.better == "nearer the ideal" and self.ideal is None:
            raise ConfigError(f"{metric}: a figure that is better nearer the ideal needs an ideal")

    @property
    def key(self) -> str:
        """Its name in files: `frame_auc_micro`, `event_auc/bicycle/where_normal`."""
        return "/".join(self.path)

    def described(self) -> dict[str, Any]:
        """An entry of `metrics` in metrics.json: all that tables need, so that they do not import the plug-in."""
        return {name: list(self.path) if name == "path" else getattr(self, name) for name in DESCRIBED}

    @classmethod
    def from_described(cls, described: Mapping[str, Any]) -> "Metric":
        """The metric that `described` describes, without `compute`. Raises DataError if it describes none."""
        try:
            entry = {name: described[name] for name in DESCRIBED}
            return cls(**{**entry, "path": tuple(entry["path"])})
        except (KeyError, TypeError, ConfigError) as error:
            raise DataError(f"metrics.json: an entry of its `metrics` is not valid: {error}") from error
