"""A video's score curve as a picture: the alarm line, the events, and over it the frames of its highest moments."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from scenewise.clock import clock, ticks
from scenewise.files import whole_file
from scenewise.inference.events import EventList
from scenewise.inference.highlights import Highlights, with_box
from scenewise.inference.moments import APART
from scenewise.inference.outline import Outline
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.scoring.level import Level, Levels, shown
from scenewise.video.decode import Frame
from scenewise.visible import visible

INK, QUIET, LINE = "#1c2530", "#6b7785", "#2f6db3"
COLOUR_OF: dict[Level, str] = {"ordinary": QUIET, "unusual": "#b07612", "alarm": "#c8372d"}
ALARM = COLOUR_OF["alarm"]
RIM = [withStroke(linewidth=2.5, foreground="white", alpha=0.8)]
"""Around words that the curve may cross."""
MOMENTS = 4
"""At most so many frames stand over the curve."""
WIDTH, LEFT, RIGHT, GAP = 9.0, 0.55, 0.15, 0.12
"""Inches: of the picture, beside the curve, and between two frames."""
TITLE, CAPTION, LINKS, CURVE, AXIS = 0.34, 0.22, 0.3, 2.1, 0.5
"""Inches: the heights of the parts of the picture, from its top; the frames lie above LINKS."""
TALLEST = 1.8
"""Inches; taller frames are drawn smaller."""


class Shown(NamedTuple):
    """A frame over the curve."""

    time: float
    score: float
    picture: Frame


class Curve:
    """A sink: draws the curve and the events in it when the video has ended."""

    def __init__(self, paths: Sequence[Path], events: EventList, highlights: Highlights, title: str) -> None:
        """`paths`: pictures to write, the format of each by its suffix (.svg, .png).

        `events` and `highlights` are closed before.
        """
        self.paths, self.events, self.highlights, self.title = paths, events, highlights, title
        self.outline = Outline()

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""
        self.outline.add(frames.times, frames.scene_scores)

    def close(self) -> None:
        """See `Sink`."""
        # Without parse_math: names of videos and scenes may hold dollar signs.
        with matplotlib.rc_context(
            {"font.size": 9, "svg.hashsalt": "scenewise", "axes.edgecolor": QUIET, "text.parse_math": False}
        ):
            figure = self._drawn()
            for path in self.paths:
                with whole_file(path) as temporary:
                    # No date, so that the same scores give the same bytes.
                    figure.savefig(temporary, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)

    def _drawn(self) -> Figure:
        levels, columns = self.events.marks.levels, self.outline.columns()
        length = max(float(columns[-1, 0]), 1e-3)
        moments = self._moments()
        wide = (WIDTH - LEFT - RIGHT - (len(moments) - 1) * GAP) / len(moments)
        sizes = [_size(one.picture, wide) for one in moments]
        above = max(height for _, height in sizes) + CAPTION + LINKS
        height = TITLE + above + CURVE + AXIS
        figure = Figure(figsize=(WIDTH, height))
        curve = figure.add_axes((LEFT / WIDTH, AXIS / height, (WIDTH - LEFT - RIGHT) / WIDTH, CURVE / height))
        _draw_scores(curve, columns, levels)
        for listed in self.events.events:
            curve.axvspan(listed.start, listed.end, color=ALARM, alpha=0.1, linewidth=0)
        peaks = [LEFT + one.time / length * (WIDTH - LEFT - RIGHT) for one in moments]
        for one, left, (across, down) in zip(moments, beside(peaks, [size[0] for size in sizes]), sizes, strict=True):
            bottom = AXIS + CURVE + LINKS
            axes = figure.add_axes((left / WIDTH, bottom / height, across / WIDTH, down / height))
            _draw_moment(axes, curve, one, levels.of(one.score))
        title = f"{visible(self.title)}: highest {levels.in_words(self.events.highest)}"
        figure.text(0.1 / WIDTH, 1 - 0.2 / height, title, fontsize=10, color=INK, va="center")
        return figure

    def _moments(self) -> list[Shown]:
        """The highest highlights, and moments apart from them if there is room; in order of time."""
        chosen = [Shown(one.time, one.score, one.small) for one in self.highlights.found[:MOMENTS]]
        level_of = self.events.marks.levels.of
        for moment in self.highlights.moments.top():
            if len(chosen) < MOMENTS and all(abs(moment.time - one.time) >= APART for one in chosen):
                picture = with_box(moment.picture, moment.sighting, level_of(moment.score))
                chosen.append(Shown(moment.time, moment.score, picture))
        return sorted(chosen, key=lambda one: one.time)


def beside(wanted: Sequence[float], widths: Sequence[float]) -> list[float]:
    """The left edges, in inches, of frames that are `widths` wide and stand side by side over a curve.

    The middle of each is near its place in `wanted`, in rising order: halfway between where it is if they give way
    to the right alone, and to the left alone.
    """
    to_right = _pushed([middle - width / 2 for middle, width in zip(wanted, widths, strict=True)], widths)
    mirrored = [WIDTH - RIGHT + LEFT - middle - width / 2 for middle, width in zip(wanted, widths, strict=True)]
    to_left = _pushed(mirrored[::-1], widths[::-1])[::-1]
    flipped = (WIDTH - RIGHT + LEFT - left - width for left, width in zip(to_left, widths, strict=True))
    return [(one + other) / 2 for one, other in zip(to_right, flipped, strict=True)]


def _pushed(lefts: Sequence[float], widths: Sequence[float]) -> list[float]:
    """`lefts`, each moved right until it is free, and then back as far as the right edge demands."""
    placed: list[float] = []
    free, end = LEFT, WIDTH - RIGHT
    for left, width in zip(lefts, widths, strict=True):
        placed.append(max(left, free))
        free = placed[-1] + width + GAP
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], end - widths[place])
        end = placed[place] - GAP
    return placed


def _size(picture: Frame, wide: float) -> tuple[float, float]:
    """Width and height in inches at which a frame is drawn."""
    height, width = picture.shape[:2]
    scale = min(wide / width, TALLEST / height)
    return width * scale, height * scale


def _draw_scores(axes: Axes, columns: NDArray[np.float64], levels: Levels) -> None:
    """The curve from 0 on, for half of all normal footage lies below; what is above the alarm line is tinted."""
    times, low, high = columns.T
    low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
    top = 1.25 * max(float(high.max()), levels.alarm, 1.0)
    last = max(float(times[-1]), 1e-3)
    axes.axhspan(levels.alarm, top, color=ALARM, alpha=0.05, linewidth=0)
    axes.fill_between(times, 0, high, color=LINE, alpha=0.12, linewidth=0)
    axes.fill_between(times, low, high, color=LINE, alpha=0.35, linewidth=0)
    axes.plot(times, high, color=LINE, linewidth=1.1)
    above = Rectangle((0, levels.alarm), last, top - levels.alarm, transform=axes.transData)
    axes.fill_between(times, levels.alarm, np.maximum(high, levels.alarm), color=ALARM, alpha=0.3, linewidth=0)
    axes.plot(times, high, color=ALARM, linewidth=1.3)[0].set_clip_path(above)
    axes.axhline(levels.alarm, color=ALARM, linewidth=0.9, linestyle=(0, (4, 3)))
    # Linear up to 1 and logarithmic above, without a kink: real peaks reach a hundred times the threshold.
    axes.set_yscale("symlog", linthresh=1, linscale=1 / np.log(10))
    axes.set_ylim(0, top)
    marks = [tick for tick in (0, 0.5, 1, 2, 3, 5, 10, 30, 100, 300, 1000, 1e4, 1e5) if tick <= top]
    few = marks if top < 12 else [tick for tick in marks if tick in (0, 1, 3) or tick >= 10]
    axes.set_yticks(few, [f"{tick:g}" for tick in few], minor=False)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlim(0, last)
    seconds = dict(ticks(last, 9))
    axes.set_xticks(list(seconds), list(seconds.values()))
    axes.set_xlabel("time in the video", color=QUIET)
    axes.set_ylabel("score", color=QUIET)
    axes.tick_params(colors=QUIET)
    axes.spines[["top", "right"]].set_visible(False)
    _label(axes, f"alarm above {levels.alarm:.2f}", levels.alarm, 2, ALARM)
    if 0 < levels.unusual < 0.85 * levels.alarm:  # else its words would lie on the alarm line
        axes.axhline(levels.unusual, color=COLOUR_OF["unusual"], linewidth=0.8, linestyle=(0, (1, 2)))
        _label(axes, f"unusual above {levels.unusual:.2f}", levels.unusual, -10, COLOUR_OF["unusual"])


def _label(axes: Axes, words: str, score: float, rise: float, colour: str) -> None:
    """Words `rise` points above the line at `score`, at its left end."""
    axes.annotate(words, (0, score), (4, rise), textcoords="offset points", fontsize=8, color=colour, path_effects=RIM)


def _draw_moment(axes: Axes, curve: Axes, one: Shown, level: Level) -> None:
    colour = COLOUR_OF[level]
    axes.imshow(one.picture, aspect="auto")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=1.2)
    axes.set_title(f"{level} {shown(one.score)} at {clock(one.time)}", fontsize=9, color=INK, pad=3)
    place = one.time, max(one.score, 0.0)
    axes.figure.add_artist(
        ConnectionPatch((0.5, 0), place, axes.transAxes, curve.transData, color=colour, linewidth=0.7, alpha=0.6)
    )
    curve.plot(*place, "o", color=colour, markersize=3.5, clip_on=False)
