"""The same class of event in a scene that allows it and in one that forbids it, and how every model scores it.

Which events are compared is chosen by name, see event_pairs.py; of each, the frame in the middle is shown.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from matplotlib.figure import Figure
from PIL import Image

from scenewise.clock import clock
from scenewise.report.axis import score_axis
from scenewise.report.curves import Chart, Series, frame_chart
from scenewise.report.display_names import class_name
from scenewise.report.drawing import (
    LANE,
    QUIET,
    TOP,
    TWO_COLUMNS,
    colour,
    draw_boxes,
    draw_curves,
    draw_labelled,
    draw_legend,
    draw_threshold,
)
from scenewise.report.evaluated_runs import Model
from scenewise.report.event_pairs import EventPair, FoundEvent, event_pairs
from scenewise.report.events import Event
from scenewise.report.frame_objects import FrameObjects, objects_at, raised_by
from scenewise.report.labelled_box import labelled_box
from scenewise.report.report_data import Gathered
from scenewise.report.scored_videos import ScoredVideo
from scenewise.report.section import Content, Frames, Pictures
from scenewise.report.thumbnails import FULL, Shot, Thumbnail
from scenewise.report.verdicts import Verdict, verdicts_at
from scenewise.video.square import Box

TITLE = "Same event"

AROUND = 2.0
"""Seconds before and after the event, at least; half its length if that is more."""


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One event: where it is, and the curves around it."""

    video: ScoredVideo
    event: Event
    frame: int
    """The middle one, rounded down, of the frames that count."""
    time: str
    chart: Chart
    marks: list[tuple[int, float, float]]
    """The middle frame on every curve, as the plot marks it."""
    verdicts: list[Verdict]
    labelled: Box | None
    """Where the labelled thing is in the frame; None if its labels do not say."""

    @property
    def picture(self) -> Shot:
        """Which frame to show."""
        return Shot(self.video.source, self.frame, FULL)

    @property
    def shots(self) -> list[Shot]:
        """The frame and its objects."""
        return [self.picture, *(self.objects.shots if self.objects else ())]

    @cached_property
    def objects(self) -> FrameObjects | None:
        """The frame's objects with the highest scores."""
        return objects_at(self.video.objects, self.frame)

    def raised_by(self, verdict: Verdict) -> str:
        """What raised the frame for a model that flags it, if its box does not say so."""
        return raised_by(self.video.objects, verdict.model, self.frame, self.video.fps) if verdict.flagged else ""

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """Labelled abnormal ranges inside the plot."""
        return _inside(self.chart, self.video.abnormal_ranges)

    @property
    def events(self) -> list[Event]:
        """The event itself, and below it whatever else is abnormal meanwhile, each in another row."""
        others = [event for event in self.video.events if event.abnormal and event != self.event]
        shown = [event for event in others if event.first < self.chart.end and event.last >= self.chart.start]
        return [replace(event, lane=row) for row, event in enumerate([self.event, *shown])]

    @property
    def spoken(self) -> str:
        """The plot in words."""
        scores = "; ".join(f"{one.model.short} {one.figure}, {one.word}" for one in self.verdicts)
        frames = f"frames {self.chart.start:g} to {self.chart.end - 1:g}"
        return f"Anomaly score around the event, {frames}. At frame {self.frame}: {scores}."


@dataclass(frozen=True, eq=False)
class Comparison:
    """One class of event, normal in one scene and abnormal in another."""

    name: str
    allowed: Exhibit
    forbidden: Exhibit

    @property
    def lanes(self) -> int:
        """Rows above either plot, so that the two stand at the same height."""
        return max(len(self.allowed.events), len(self.forbidden.events))


@dataclass(frozen=True, eq=False)
class ComparisonContent(Content):
    """All classes of event that can be compared."""

    comparisons: list[Comparison]
    in_scene_scale: bool

    @property
    def shots(self) -> list[Shot]:
        """Two frames a class, with their objects."""
        return [shot for one in self.comparisons for exhibit in (one.allowed, one.forbidden) for shot in exhibit.shots]

    def pictures(self, frames: Frames) -> Pictures:
        """One a class."""
        return {
            f"comparison_{one.name}": partial(
                draw_comparison,
                one,
                [frames[exhibit.picture] for exhibit in (one.allowed, one.forbidden)],
                in_scene_scale=self.in_scene_scale,
            )
            for one in self.comparisons
        }


def show(gathered: Gathered) -> ComparisonContent | None:
    """What the test videos offer to compare, perhaps nothing; None without labels."""
    if not gathered.labelled:
        return None
    scaled = gathered.in_scene_scale
    pairs = event_pairs(gathered.scenes)
    return ComparisonContent([_comparison(gathered.drawn, pair, scaled=scaled) for pair in pairs], scaled)


def _comparison(models: Sequence[Model], pair: EventPair, *, scaled: bool) -> Comparison:
    """Both events on one axis of scores and one of time, so that heights and lengths can be compared."""
    both = (pair.allowed, pair.forbidden)
    seconds = min(max(map(_wanted, both)), max(found.video.frames / found.video.fps for found in both))
    parts = [_around(found, seconds) for found in both]
    series = [one for _, of_part in parts for one in of_part]
    lowest, highest = min(float(one.low.min()) for one in series), max(float(one.high.max()) for one in series)
    axis = score_axis(lowest, highest, in_scene_scale=scaled)
    charts = [
        frame_chart(of_part, axis, fps=found.video.fps, first=first, length=round(seconds * found.video.fps))
        for found, (first, of_part) in zip(both, parts, strict=True)
    ]
    exhibits = [_exhibit(models, found, chart, scaled) for found, chart in zip(both, charts, strict=True)]
    return Comparison(pair.name, *exhibits)


def _wanted(found: FoundEvent) -> float:
    """Seconds of curve around the event."""
    length = (found.event.last - found.event.first + 1) / found.video.fps
    return length + 2 * max(AROUND, length / 2)


def _around(found: FoundEvent, seconds: float) -> tuple[int, list[Series]]:
    """First frame of the part of the curves around the event, and that part: `seconds` long, if the video is."""
    video, event = found.video, found.event
    wanted = min(round(seconds * video.fps), video.frames)
    first = min(max((event.first + event.last + 1 - wanted) // 2, 0), video.frames - wanted)
    return first, [replace(one, seeds=one.seeds[:, first : first + wanted]) for one in video.series]


def _exhibit(models: Sequence[Model], found: FoundEvent, chart: Chart, scaled: bool) -> Exhibit:
    video, event, frame = found.video, found.event, found.middle
    verdicts = verdicts_at(models, found, scaled=scaled)
    heights = [round(float(chart.axis.from_top(one.score)), 4) for one in verdicts]
    marks = [(one.model.accent, frame + 0.5, height) for one, height in zip(verdicts, heights, strict=True)]
    return Exhibit(video, event, frame, clock(frame / video.fps), chart, marks, verdicts, labelled_box(found))


def _inside(chart: Chart, ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of the ranges that the chart shows."""
    start, last = int(chart.start), int(chart.end) - 1
    return [(max(low, start), min(high, last)) for low, high in ranges if low <= last and high >= start]


def draw_comparison(one: Comparison, pictures: Sequence[Thumbnail], *, in_scene_scale: bool) -> Figure:
    """The same class of event, allowed on the left and forbidden on the right; `pictures` are of the two frames."""
    lines = len(one.allowed.verdicts)
    figure = Figure((TWO_COLUMNS, 4.0 + 0.17 * lines), layout="constrained")
    grid = figure.subplots(2, 2, height_ratios=(1.6, 1))
    shown = (("allowed", one.allowed), ("forbidden", one.forbidden))
    for (word, exhibit), column, picture in zip(shown, grid.T, pictures, strict=True):
        above, below = column
        above.set_axis_off()
        above.set_title(f"{class_name(one.name)}, {word} in {exhibit.video.scene}", loc="left")
        if picture.uri:
            above.imshow(Image.open(io.BytesIO(picture.content)))
            if exhibit.objects:
                draw_boxes(above, picture, exhibit.objects)
        else:
            above.text(0.5, 0.5, picture.why_not, transform=above.transAxes, ha="center", color=QUIET, wrap=True)
        draw_curves(below, exhibit.chart)
        draw_labelled(below, exhibit.ranges, exhibit.events)
        below.set_ylim(0, TOP + LANE * one.lanes)  # the same for both
        draw_threshold(below, exhibit.chart, shown=in_scene_scale)
        for accent, place, from_top in exhibit.marks:
            below.plot(place, 1 - from_top, "o", mfc="white", mec=colour(accent), ms=4, zorder=4)
        below.set_title(_verdicts(exhibit), loc="left", fontsize=7.5, linespacing=1.35)
    draw_legend(figure, grid[1, 0], one.allowed.chart.series)
    return figure


def _verdicts(exhibit: Exhibit) -> str:
    marks = {True: "\N{CHECK MARK} ", False: "\N{BALLOT X} ", None: ""}
    lines = [f"{marks[one.right]}{one.model.short}: {one.word}, {one.figure}" for one in exhibit.verdicts]
    return "\n".join([f"video {exhibit.video.name}, frame {exhibit.frame}", *lines])
