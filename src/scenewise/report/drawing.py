"""What several of the report's pictures for papers draw: curves, labels, boxes, legends.

Models differ in colour and in dashes, so that a grey print tells them apart too. Every score stands where the page's
axis puts it.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scenewise.report.axis import Tick
from scenewise.report.colours import ACCENTS, DASHES
from scenewise.report.curves import Chart, Series
from scenewise.report.display_names import class_name
from scenewise.report.events import Event, normal_ranges
from scenewise.report.frame_objects import FrameObjects
from scenewise.report.thumbnails import Thumbnail

ONE_COLUMN, TWO_COLUMNS = 3.5, 7.16
"""Inches: the usual widths of a paper's column and page."""
BOLD = 2.2
"""Points: the width of the default's curve."""
GREY, QUIET, LINE = "0.86", "0.35", "0.8"
TOP, LANE = 1.02, 0.1
"""Where the curves' room ends, and what a row of events above it takes, as shares of that room."""


def colour(accent: int) -> str:
    """The model's colour on light paper."""
    return ACCENTS[accent][0]


def draw_boxes(axes: Axes, picture: Thumbnail, objects: FrameObjects) -> None:
    """The boxes and scores of a frame's objects over its picture, thick if the score is above 1.0."""
    if objects.heat is not None:
        over = (-0.5, picture.width - 0.5, picture.height - 0.5, -0.5)
        axes.imshow(objects.heat, extent=over, interpolation="bilinear", zorder=1)
    for one in objects.objects:
        left, right = (picture.width * one.box[place] for place in (0, 2))
        top, bottom = (picture.height * one.box[place] for place in (1, 3))
        edge = colour(objects.model.accent) if one.flagged else "white"
        axes.add_patch(
            Rectangle((left, top), right - left, bottom - top, fill=False, ec=edge, lw=1.8 if one.flagged else 0.8)
        )
        place, upright = (bottom, "top") if one.label_below else (top, "bottom")
        about = {"fc": edge if one.flagged else "0.2", "ec": "none", "pad": 0.8}
        axes.text(left, place, one.figure, color="white", fontsize=5.5, va=upright, bbox=about)


def draw_curves(axes: Axes, chart: Chart) -> None:
    """The chart's curves, heights as on the page: shares from the bottom."""
    for one in chart.series:
        if len(one.seeds) > 1:
            low, high = (1 - chart.axis.from_top(edge) for edge in (one.low, one.high))
            axes.fill_between(chart.places, low, high, color=colour(one.accent), alpha=0.2, lw=0, zorder=2)
        heights, width = 1 - chart.axis.from_top(one.mean), BOLD if one.leads else None
        dashes = (0, DASHES[one.accent])
        order = 4 if one.leads else 3
        axes.plot(chart.places, heights, color=colour(one.accent), ls=dashes, lw=width, label=one.label, zorder=order)
    axes.set(xlabel=chart.x_title, ylabel=chart.y_title)
    if chart.axis.kind != "linear":
        axes.text(0.01, 0.985, chart.axis.kind, transform=axes.transAxes, va="top", fontsize=6.5, color=QUIET, zorder=5)
    axes.set(xlim=(chart.start, chart.end), ylim=(0, TOP))
    axes.set_yticks([1 - tick.at for tick in chart.y_ticks], [tick.text for tick in chart.y_ticks])
    _x_ticks(axes, chart.x_ticks)


def _x_ticks(axes: Axes, ticks: Sequence[Tick]) -> None:
    axes.set_xticks([tick.at for tick in ticks], [tick.text for tick in ticks])


def draw_labelled(axes: Axes, ranges: Sequence[tuple[int, int]], events: Sequence[Event]) -> None:
    """Abnormal ranges grey, events that are normal there hatched, each with its class above the curves."""
    start, end = axes.get_xlim()
    axes.set_ylim(0, TOP + LANE * len({event.lane for event in events}))
    for first, last in ranges:
        axes.axvspan(first, last + 1, color=GREY, lw=0, zorder=0)
    for first, last in normal_ranges(events):
        axes.axvspan(first, last + 1, fc="none", ec=LINE, hatch="////", lw=0.5, zorder=0)
    for event in events:
        place = max(event.first, start) / 2 + min(event.last + 1, end) / 2
        axes.text(
            place,
            TOP + LANE * event.lane,
            class_name(event.name),
            ha="center",
            fontsize=7,
            color=QUIET,
            zorder=5,
            clip_on=True,
        )


def draw_threshold(axes: Axes, chart: Chart, *, shown: bool) -> None:
    """1.0 as a dashed line."""
    if shown:
        axes.axhline(1 - float(chart.axis.from_top(1.0)), color=QUIET, lw=0.8, ls="--", zorder=1)


def draw_legend(figure: Figure, axes: Axes, series: Sequence[Series]) -> None:
    """One legend for the whole figure, of the curves in `axes`."""
    handles, _ = axes.get_legend_handles_labels()
    figure.legend(handles=handles, loc="outside upper right", ncols=min(len(series), 3))
