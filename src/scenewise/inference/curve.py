"""A video's score curve as a picture: threshold, events, and the most abnormal moments over it."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from scenewise.clock import clock
from scenewise.files import whole_file
from scenewise.inference.events import MOMENTS, EventList, FoundEvent
from scenewise.inference.moments import Moment
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.visible import visible

INK, QUIET, LINE, ALARM = "#1c2530", "#6b7785", "#2f6db3", "#c8372d"


COLUMNS = 1000
"""Columns of the curve: at least half as many for a long video, and fewer than twice as many."""


class Outline:
    """A score curve of any length in a bounded number of columns: the lowest and the highest score of each.

    Columns are joined in pairs when there are too many.
    """

    def __init__(self) -> None:
        self.stride = 1
        """Frames a column."""
        self._columns: list[tuple[float, float, float]] = []
        self._waiting: list[tuple[float, float]] = []

    def add(self, times: NDArray[np.float64], scores: NDArray[np.float32]) -> None:
        """Take the next frames: their times in seconds and their scores, (n,) each."""
        for frame in zip(times.tolist(), scores.tolist(), strict=True):
            self._waiting.append(frame)
            if len(self._waiting) == self.stride:
                self._columns.append(_column(self._waiting))
                self._waiting = []
                if len(self._columns) == 2 * COLUMNS:
                    self._halve()

    def _halve(self) -> None:
        pairs = zip(self._columns[::2], self._columns[1::2], strict=True)
        self._columns = [(early[0], min(early[1], late[1]), max(early[2], late[2])) for early, late in pairs]
        self.stride *= 2

    def columns(self) -> NDArray[np.float64]:
        """(C, 3), C below 2 x COLUMNS: time of the column's first frame, lowest and highest score."""
        rest = [_column(self._waiting)] if self._waiting else []
        return np.array([*self._columns, *rest], np.float64).reshape(-1, 3)


class Curve:
    """A sink: draws the curve and the events in it when the video has ended."""

    def __init__(self, paths: Sequence[Path], events: EventList, threshold: float, title: str) -> None:
        """`paths`: pictures to write, the format of each by its suffix (.svg, .png); `events` is closed before."""
        self.paths, self.events, self.threshold, self.title = paths, events, threshold, title
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
            figure = Figure(figsize=(9, 4.2), layout="constrained")
            grid = figure.add_gridspec(2, MOMENTS, height_ratios=[1, 1.7])
            curve = figure.add_subplot(grid[1, :])
            columns = self.outline.columns()
            _draw_scores(curve, columns, self.events.events, self.threshold)
            moments = sorted(self.events.moments, key=lambda moment: moment.frame)
            places = _places([moment.time for moment in moments], float(columns[-1, 0]))
            for moment, place in zip(moments, places, strict=True):
                _draw_moment(figure.add_subplot(grid[0, place]), curve, moment, moment.score > self.threshold)
            figure.suptitle(visible(self.title), x=0.01, ha="left", fontsize=10, color=INK)
            for path in self.paths:
                with whole_file(path) as temporary:
                    # No date, so that the same scores give the same bytes.
                    figure.savefig(temporary, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)


def _column(frames: list[tuple[float, float]]) -> tuple[float, float, float]:
    scores = [score for _, score in frames]
    return frames[0][0], min(scores), max(scores)


def _places(times: Sequence[float], length: float) -> list[int]:
    """The place of each picture among the MOMENTS places above a curve of `length` seconds: in order, near its time."""
    length = max(length, 1e-3)
    places: list[int] = []
    for index, time in enumerate(times):
        free = places[-1] + 1 if places else 0
        places.append(min(max(int(time / length * MOMENTS), free), MOMENTS - len(times) + index))
    return places


def _draw_scores(axes: Axes, columns: NDArray[np.float64], events: Sequence[FoundEvent], threshold: float) -> None:
    times, low, high = columns.T
    for listed in events:
        axes.axvspan(listed.start, listed.end, color=ALARM, alpha=0.12, linewidth=0)
    axes.fill_between(times, low, high, color=LINE, alpha=0.35, linewidth=0)
    axes.plot(times, high, color=LINE, linewidth=1.1)
    axes.axhline(threshold, color=ALARM, linewidth=0.9, linestyle=(0, (4, 3)))
    # Linear up to 1 and logarithmic above, without a kink: real peaks reach a hundred times the threshold.
    axes.set_yscale("symlog", linthresh=1, linscale=1 / np.log(10))
    bottom, top = min(float(low.min()), 0.0), max(float(high.max()), threshold, 1.0)
    axes.set_ylim(bottom - 0.1, top * 1.25)
    ticks = [tick for tick in (-2, -1, 0, 1, 3, 10, 30, 100, 300, 1000, 1e4, 1e5) if bottom <= tick <= top * 1.25]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
    axes.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.set_xlim(0, max(float(times[-1]), 1e-3))
    axes.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 1.5, 3, 6, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock(max(seconds, 0.0))))
    axes.set_ylabel("scene score", color=QUIET)
    axes.tick_params(colors=QUIET)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_moment(axes: Axes, curve: Axes, moment: Moment, alarm: bool) -> None:
    colour = ALARM if alarm else QUIET
    axes.imshow(moment.picture)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=1.2)
    axes.set_title(f"{moment.score:.3g}  at {clock(moment.time)}", fontsize=9, color=INK, pad=3)
    axes.figure.add_artist(
        ConnectionPatch(
            (0.5, 0),
            (moment.time, moment.score),
            axes.transAxes,
            curve.transData,
            color=colour,
            linewidth=0.7,
            alpha=0.6,
        )
    )
    curve.plot([moment.time], [moment.score], "o", color=colour, markersize=3.5)
