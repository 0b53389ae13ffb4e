"""What a figure of metrics.json is: where it stands, what people call it, its unit and its ideal.

A figure of your own: a `Metric` with a `compute`, in a file of yours, given as `evaluate --metric package.module:NAME`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from scenewise.errors import ConfigError, DataError

Unit = Literal["share", "number", "count", "seconds", "an hour", "frames a second", "bytes"]
"""What values are measured in: a share in [0, 1], shown in percent; a number without a unit, to three decimals; ..."""
Better = Literal["higher", "lower", "nearer the ideal"]
Shown = Literal["always", "with its group", "if defined"]
EACH = "*"
"""In a path: every name that stands there, such as each scene, or each class of event."""
DESCRIBED = ("path", "group", "name", "unit", "ideal", "better")


@dataclass(frozen=True)
class Metric:
    """One figure, or with EACH in its path one for each scene or each class of event."""

    path: tuple[str, ...]
    """Where it stands in metrics.json: ("scene_auc", EACH), ("event_level", "share_found")."""
    group: str
    """The heading under which tables show it, beside the figures of the same heading."""
    name: str
    """What tables call it; `{each}` becomes the name that stands for EACH."""
    unit: Unit = "share"
    ideal: float | None = None
    """The value of a perfect detector; None if there is none."""
    better: Better = "higher"
    leads_its_group: bool = False
    """Whether it sums up its group, so that tables make it bold."""
    on_auc_scale: bool = False
    """Whether the report also draws it on the common scale of all AUC."""
    constant: float | None = None
    """What scores that are constant within each scene reach by definition; None if that depends on the labels."""
    further: bool = False
    """Whether only the report's long table shows it, and the terminal does not."""
    in_benchmark: bool = True
    """Whether the benchmark's table, which is wide, has a column of it."""
    shown: Shown = "if defined"
    """When a table of several models shows it: always, even if no run defines it; if any figure of its group is
    defined; or if some run defines it."""
    compute: Callable[..., float | None] | None = None
    """Of a plugged-in figure, the function that computes it: None if the figure is undefined."""

    def __post_init__(self) -> None:
        what = f"metric {self.name!r}"
        if not self.path or not all(isinstance(part, str) and part for part in self.path):
            raise ConfigError(f"{what}: expected a path of names in metrics.json, got {self.path!r}")
        if self.path.count(EACH) > 1:
            raise ConfigError(f"{what}: expected at most one {EACH} in its path, got {self.path!r}")
        if self.unit not in get_args(Unit):
            raise ConfigError(f"{what}: expected a unit of {', '.join(get_args(Unit))}; got {self.unit!r}")
        if self.better not in get_args(Better):
            raise ConfigError(
                f"{what}: expected better to be one of {', '.join(get_args(Better))}; got {self.better!r}"
            )
        if self.better == "nearer the ideal" and self.ideal is None:
            raise ConfigError(f"{what}: a figure that is better nearer the ideal needs an ideal")

    @property
    def key(self) -> str:
        """Its name in files: `frame_auc_micro`, `event_auc/bicycle/where_normal`."""
        return "/".join(self.path)

    def described(self) -> dict[str, Any]:
        """An entry of `metrics` in metrics.json: all that tables need, so that none has to import the plug-in."""
        return {name: list(self.path) if name == "path" else getattr(self, name) for name in DESCRIBED}

    @classmethod
    def from_described(cls, described: Mapping[str, Any]) -> "Metric":
        """What `described` gave, without `compute`. Raises DataError if it describes no figure."""
        try:
            entry = {name: described[name] for name in DESCRIBED}
            return cls(**{**entry, "path": tuple(entry["path"])})
        except (KeyError, TypeError, ConfigError) as error:
            raise DataError(f"metrics.json describes a figure that it should not: {error}") from error
