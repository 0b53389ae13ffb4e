"""The report's plots as matplotlib figures for papers: told apart by colour and by dashes, so that grey prints do too.

Every number comes from the page's own content, and every score stands where the page's axis puts it.
"""

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from scenewise.report.axis import Tick, significant
from scenewise.report.colours import ACCENTS, DASHES
from scenewise.report.comparison import Comparison, Exhibit
from scenewise.report.curves import Chart, Series
from scenewise.report.distributions import BINS, Distribution
from scenewise.report.novel import brief
from scenewise.report.thumbnails import Thumbnail
from scenewise.report.training_curves import TrainingChart
from scenewise.report.videos import Event, VideoView, normal_ranges

ONE_COLUMN, TWO_COLUMNS = 3.5, 7.16
"""Inches: the usual widths of a paper's column and page."""
GREY, QUIET, LINE = "0.86", "0.35", "0.8"
SCORE = "anomaly score"
TOP, LANE = 1.02, 0.1
"""Where the curves' room ends, and what a row of events above it takes, as shares of that room."""


def colour(accent: int) -> str:
    """The model's colour on light paper."""
    return ACCENTS[accent][0]


def draw_video(video: VideoView, *, in_scene_scale: bool) -> Figure:
    """Score curves of one video over what is labelled."""
    figure = Figure((TWO_COLUMNS, 2.5), layout="constrained")
    axes = figure.subplots()
    _curves(axes, video.chart)
    _labelled(axes, video.abnormal_ranges, video.events)
    _threshold(axes, video.chart, shown=in_scene_scale)
    axes.set(xlabel="frame", ylabel=SCORE)
    axes.set_title(f"{video.scene}, {video.name}", loc="left")
    _legend(figure, axes, video.chart.series)
    return figure


def draw_roc(distribution: Distribution, chart: Chart) -> Figure:
    """ROC curves of one scene."""
    figure = Figure((ONE_COLUMN, 3.3), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1000], [0, 1], color=LINE, lw=0.8, zorder=1)
    _curves(axes, chart)
    axes.set(xlabel="false alarms, % of normal frames", ylabel="found, % of abnormal frames")
    axes.set_title(distribution.scene, loc="left")
    axes.set_ylim(-0.01, 1.01)
    axes.legend(loc="lower right")
    return figure


def draw_histograms(distribution: Distribution, *, in_scene_scale: bool) -> Figure:
    """Scores of one scene's frames by model: normal ones upwards and light, abnormal ones downwards and dark."""
    models = distribution.histograms
    figure = Figure((ONE_COLUMN, 0.8 + 1.15 * len(models)), layout="constrained")
    panels = figure.subplots(len(models), 1, sharex=True, squeeze=False)[:, 0]
    edges = [number / BINS for number in range(BINS + 1)]
    for axes, one in zip(panels, models, strict=True):
        shade = colour(one.model.accent)
        for shares, alpha in ((one.normal, 0.2), (-one.abnormal, 0.75)):
            axes.stairs(100 * shares, edges, fill=True, color=shade, alpha=alpha)
            axes.stairs(100 * shares, edges, color=shade, lw=0.8)
        axes.axhline(0, color="black", lw=0.6)
        if in_scene_scale:
            axes.axvline(distribution.from_left(1.0), color=QUIET, lw=0.8, ls="--")
        axes.set_ylim(-105 * distribution.tallest, 105 * distribution.tallest)
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        axes.set_title(one.model.short, loc="left", fontsize=8)
        for name, place in (("normal", 0.97), ("abnormal", 0.03)):
            top = "top" if name == "normal" else "bottom"
            axes.text(0.99, place, name, transform=axes.transAxes, ha="right", va=top, color=QUIET)
    ticks = distribution.axis.ticks
    panels[-1].set_xticks([1 - tick.at for tick in ticks], [tick.text for tick in ticks])
    panels[-1].set(xlabel=SCORE, xlim=(0, 1))
    figure.supylabel("frames, % of their kind", fontsize=8)
    figure.suptitle(distribution.scene, x=0.02, ha="left", fontsize=9)
    return figure


def draw_training(charts: Sequence[TrainingChart]) -> Figure:
    """Every term of the loss and the held-out error, by step."""
    rows = (len(charts) + 1) // 2
    figure = Figure((TWO_COLUMNS, 0.5 + 1.9 * rows), layout="constrained")
    panels = list(figure.subplots(rows, 2, squeeze=False).flat)
    for one, axes in zip(charts, panels, strict=False):
        _curves(axes, one.chart)
        axes.set_title(one.title, loc="left", fontsize=8)
        axes.set_xlabel("step")
    for axes in panels[len(charts) :]:
        axes.remove()
    widest = max(charts, key=lambda one: len(one.chart.series))
    _legend(figure, panels[charts.index(widest)], widest.chart.series)
    return figure


def draw_comparison(one: Comparison, pictures: Sequence[Thumbnail], *, in_scene_scale: bool) -> Figure:
    """The same class of event, allowed on the left and forbidden on the right; `pictures` are of the two frames."""
    lines = len(one.allowed.verdicts)
    figure = Figure((TWO_COLUMNS, 4.0 + 0.17 * lines), layout="constrained")
    grid = figure.subplots(2, 2, height_ratios=(1.6, 1))
    shown = (("allowed", one.allowed), ("forbidden", one.forbidden))
    for (word, exhibit), column, picture in zip(shown, grid.T, pictures, strict=True):
        above, below = column
        above.set_axis_off()
        above.set_title(f"{one.name}, {word} in {exhibit.video.scene}", loc="left")
        if picture.uri:
            above.imshow(Image.open(io.BytesIO(picture.content)))
            _boxes(above, picture, exhibit)
        else:
            above.text(0.5, 0.5, picture.why_not, transform=above.transAxes, ha="center", color=QUIET, wrap=True)
        _curves(below, exhibit.chart)
        _labelled(below, exhibit.ranges, exhibit.events)
        below.set_ylim(0, TOP + LANE * one.lanes)  # the same for both
        _threshold(below, exhibit.chart, shown=in_scene_scale)
        for accent, place, from_top in exhibit.marks:
            below.plot(place, 1 - from_top, "o", mfc="white", mec=colour(accent), ms=4, zorder=4)
        below.set(xlabel="frame", ylabel=SCORE)
        below.set_title(_verdicts(exhibit), loc="left", fontsize=7.5, linespacing=1.35)
    _legend(figure, grid[1, 0], one.allowed.chart.series)
    return figure


def _boxes(axes: Axes, picture: Thumbnail, exhibit: Exhibit) -> None:
    """The frame's most novel objects, thick where their score flags them."""
    if exhibit.novel is None:
        return
    for one in exhibit.novel.objects:
        left, right = (picture.width * one.box[place] for place in (0, 2))
        top, bottom = (picture.height * one.box[place] for place in (1, 3))
        edge = colour(exhibit.novel.model.accent) if one.flagged else "white"
        axes.add_patch(
            Rectangle((left, top), right - left, bottom - top, fill=False, ec=edge, lw=1.8 if one.flagged else 0.8)
        )
        place, upright = (bottom, "top") if one.label_below else (top, "bottom")
        about = {"fc": edge if one.flagged else "0.2", "ec": "none", "pad": 0.8}
        axes.text(left, place, brief(one.score), color="white", fontsize=5.5, va=upright, bbox=about)


def _verdicts(exhibit: Exhibit) -> str:
    marks = {True: "\N{CHECK MARK} ", False: "\N{BALLOT X} ", None: ""}
    told = [f"{marks[one.right]}{one.model.short}: {one.word}, {significant(one.score):g}" for one in exhibit.verdicts]
    return "\n".join([f"video {exhibit.video.name}, frame {exhibit.frame}", *told])


def _curves(axes: Axes, chart: Chart) -> None:
    """The chart's curves, heights as on the page: shares from the bottom."""
    for one in chart.series:
        if len(one.seeds) > 1:
            low, high = (1 - chart.axis.from_top(edge) for edge in (one.low, one.high))
            axes.fill_between(chart.places, low, high, color=colour(one.accent), alpha=0.2, lw=0, zorder=2)
        heights = 1 - chart.axis.from_top(one.mean)
        axes.plot(
            chart.places, heights, color=colour(one.accent), ls=(0, DASHES[one.accent]), label=one.label, zorder=3
        )
    axes.set(xlim=(chart.start, chart.end), ylim=(0, TOP))
    axes.set_yticks([1 - tick.at for tick in chart.y_ticks], [tick.text for tick in chart.y_ticks])
    _x_ticks(axes, chart.x_ticks)


def _x_ticks(axes: Axes, ticks: Sequence[Tick]) -> None:
    axes.set_xticks([tick.at for tick in ticks], [tick.text for tick in ticks])


def _labelled(axes: Axes, ranges: Sequence[tuple[int, int]], events: Sequence[Event]) -> None:
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
            place, TOP + LANE * event.lane, event.name, ha="center", fontsize=7, color=QUIET, zorder=5, clip_on=True
        )


def _threshold(axes: Axes, chart: Chart, *, shown: bool) -> None:
    if shown:
        axes.axhline(1 - float(chart.axis.from_top(1.0)), color=QUIET, lw=0.8, ls="--", zorder=1)


def _legend(figure: Figure, axes: Axes, series: Sequence[Series]) -> None:
    handles, _ = axes.get_legend_handles_labels()
    figure.legend(handles=handles, loc="outside upper right", ncols=min(len(series), 3))
