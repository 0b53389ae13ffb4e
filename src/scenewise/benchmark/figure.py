"""The benchmark's figure: one point a row of the table, and what it costs.

To the right, the mean AUC within scenes. Upwards, the AUC of the same classes of event where they are normal, which
should be one half; where no class depends on the scene, the pooled AUC. Larger points have more parameters; filled ones
tell the scenes apart.
"""

from collections.abc import Sequence
from math import log10
from statistics import fmean
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenewise.report.colours import ACCENTS
from scenewise.report.drawing import QUIET, TWO_COLUMNS
from scenewise.results.rows import Row, Spread
from scenewise.results.table import POOLED_AUC, Table

WITHIN = ("scene_auc_mean",)
SMALLEST, LARGEST = 20.0, 160.0
"""Areas of points, in square points."""
COLOUR = ACCENTS[1][0]


class Point(NamedTuple):
    """One row of the table in the figure; AUCs in percent."""

    title: str
    scene_aware: bool
    within: Spread
    upwards: float
    parameters: float | None


def points_of(table: Table) -> list[Point]:
    """A point for every model whose two AUCs are defined, in the order of the rows."""
    scene_dependent = depends_on_scenes(table)
    points = []
    for row in table.measured:
        within, upwards = row.cell(*WITHIN), _upwards(row, table, scene_dependent)
        if within.mean is not None and upwards is not None:
            points.append(Point(row.title, bool(row.scene_aware), within, 100 * upwards, row.cell("parameters").mean))
    return points


def depends_on_scenes(table: Table) -> bool:
    """Whether some class of event is normal in one scene and abnormal in another, so that its AUC is known there."""
    return any(_where_normal(row, table) for row in table.measured)


def _upwards(row: Row, table: Table, scene_dependent: bool) -> float | None:
    if not scene_dependent:
        return row.cell(*POOLED_AUC).mean
    known = _where_normal(row, table)
    return fmean(known) if known else None


def _where_normal(row: Row, table: Table) -> list[float]:
    """The AUC of each class of event in the scenes where it is normal."""
    paths = [one.path for one in table.columns if one.path[0] == "event_auc" and one.path[-1] == "where_normal"]
    return [mean for path in paths if (mean := row.cell(*path).mean) is not None]


def draw_benchmark(table: Table) -> Figure:
    """The figure; numbers beside the points lead to the names at its right."""
    points = points_of(table)
    figure = Figure(figsize=(TWO_COLUMNS, max(3.2, 0.16 * len(points) + 0.8)), layout="constrained")
    axes, names = figure.subplots(1, 2, width_ratios=(3, 2))
    numbers: dict[tuple[float, float], list[str]] = {}
    for number, (point, area) in enumerate(zip(points, areas([one.parameters for one in points]), strict=True), 1):
        place = 100 * (point.within.mean or 0.0), point.upwards
        face = COLOUR if point.scene_aware else "white"
        axes.errorbar(*place, xerr=100 * (point.within.deviation or 0.0), color=COLOUR, lw=0.6, zorder=1)
        axes.scatter(*place, s=area, facecolor=face, edgecolor=COLOUR, lw=0.9, alpha=0.8, zorder=2)
        numbers.setdefault((round(place[0], 1), round(place[1], 1)), []).append(str(number))
    for place, together in numbers.items():
        axes.annotate(", ".join(together), place, (4, 4), textcoords="offset points", fontsize=6.5, zorder=3)
    _label(axes, table)
    _list(names, points)
    return figure


def _label(axes: Axes, table: Table) -> None:
    chosen = ", chosen on test data" if table.chosen_on_test_data else ""
    axes.set_xlabel(f"mean AUC within scenes, percent{chosen}")
    if depends_on_scenes(table):
        axes.axhline(50, color=QUIET, lw=0.8, ls="--", zorder=0)
        axes.set_ylabel("AUC of the same classes of event where they are normal, percent; ideal 50")
        return
    axes.set_ylabel("pooled AUC, percent")
    constants = [mean for row in table.constants if (mean := row.cell(*POOLED_AUC).mean) is not None]
    if constants:
        axes.axhline(100 * max(constants), color=QUIET, lw=0.8, ls="--", zorder=0, label="best constant per scene")
        axes.legend(loc="best")


def _list(axes: Axes, points: Sequence[Point]) -> None:
    axes.axis("off")
    lines = [f"{number}  {point.title}" for number, point in enumerate(points, 1)]
    about = "filled: scene-aware; larger: more parameters;\nbars: deviation over seeds"
    axes.text(0, 1, "\n".join([*lines, "", about]), va="top", fontsize=6.5, transform=axes.transAxes)


def areas(parameters: Sequence[float | None]) -> list[float]:
    """The area of each point, from SMALLEST to LARGEST by the logarithm of its parameters; SMALLEST if unknown."""
    logs = [None if count is None else log10(max(count, 1)) for count in parameters]
    known = [one for one in logs if one is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = high - low or 1.0
    return [SMALLEST if one is None else SMALLEST + (LARGEST - SMALLEST) * (one - low) / span for one in logs]
