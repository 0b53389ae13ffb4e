"""The same class of event in a scene that allows it and in one that forbids it, and what every model makes of it.

Nothing here is chosen by a score: of every class the first scene by name that allows it and the first that forbids
it, there the first event by video and frame, and of its frames the one in the middle. Where the event is allowed, only
frames count in which nothing else is abnormal: a flag would be right there for another reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.roc import labels_of
from scenewise.report.axis import Axis, score_axis, significant
from scenewise.report.curves import Chart, Series, frame_chart
from scenewise.report.novel import NovelObjects, novel_at
from scenewise.report.peaks import clock
from scenewise.report.runs import Model
from scenewise.report.thumbnails import LARGE, Shot
from scenewise.report.videos import Event, SceneView, VideoView, in_scene_scale

THRESHOLD = 1.0
"""On the scene scale: the 99th percentile of the scene's held-out normal footage."""
AROUND = 2.0
"""Seconds before and after the event, at least; half its length where that is more."""


@dataclass(frozen=True)
class Verdict:
    """What one model makes of the middle frame."""

    model: Model
    score: float
    """Mean over the seeds."""
    flagged: bool | None
    """Above the threshold; None where the scores are raw and have none."""
    right: bool | None
    seeds_alike: int
    """How many of the model's seeds, each by itself, come to the same verdict."""
    above: float | None
    """Share of the event's frames that count above the threshold, by the mean over the seeds."""

    @property
    def word(self) -> str:
        """`flagged`, `allowed`, or `no verdict` on the raw scale."""
        return "no verdict" if self.flagged is None else "flagged" if self.flagged else "allowed"


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One event: where it is, and the curves around it."""

    video: VideoView
    event: Event
    frame: int
    """The middle one, rounded down, of the frames that count."""
    time: str
    chart: Chart
    marks: list[tuple[int, float, float]]
    """The middle frame on every curve, as the plot marks it."""
    verdicts: list[Verdict]

    @property
    def picture(self) -> Shot:
        """Which frame to show."""
        return Shot(self.video.source, self.frame, LARGE)

    @cached_property
    def novel(self) -> NovelObjects | None:
        """The frame's most novel objects, by the first model that looks at objects."""
        return novel_at(self.video.objects, self.frame)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """Labelled abnormal ranges inside the plot."""
        return _inside(self.chart, self.video.abnormal_ranges)

    @property
    def events(self) -> list[Event]:
        """The event itself, and below it whatever else is abnormal meanwhile, each in a row of its own."""
        others = [event for event in self.video.events if event.abnormal and event != self.event]
        shown = [event for event in others if event.first < self.chart.end and event.last >= self.chart.start]
        return [replace(event, lane=row) for row, event in enumerate([self.event, *shown])]

    @property
    def spoken(self) -> str:
        """The plot in words."""
        scores = "; ".join(f"{one.model.short} {significant(one.score):g}, {one.word}" for one in self.verdicts)
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


def comparisons(models: Sequence[Model], scenes: Sequence[SceneView]) -> list[Comparison]:
    """One for every class that some scene's test events have as normal and another's as abnormal, by name."""
    first: dict[str, dict[bool, dict[str, tuple[VideoView, Event]]]] = {}
    for scene in sorted(scenes, key=lambda scene: scene.name):
        for video in sorted(scene.videos, key=lambda video: video.name):
            for event in sorted(video.events, key=lambda event: (event.first, event.last)):
                if len(_counting(video, event)):
                    kept_objects = first.setdefault(event.name, {False: {}, True: {}})[event.abnormal]
                    kept_objects.setdefault(scene.name, (video, event))
    made = []
    for name, judged_in in sorted(first.items()):
        pairs = product(judged_in[False].items(), judged_in[True].items())
        two_scenes = [(allowed, forbidden) for (here, allowed), (there, forbidden) in pairs if here != there]
        if two_scenes:
            made.append(_comparison(name, models, *two_scenes[0]))
    return made


def _comparison(
    name: str, models: Sequence[Model], allowed: tuple[VideoView, Event], forbidden: tuple[VideoView, Event]
) -> Comparison:
    """Both events on one axis, so that their heights can be compared."""
    pieces = [_around(*found) for found in (allowed, forbidden)]
    series = [one for found in pieces for one in found[1]]
    lowest, highest = min(float(one.low.min()) for one in series), max(float(one.high.max()) for one in series)
    scaled = in_scene_scale(models)
    axis = score_axis(lowest, highest, in_scene_scale=scaled)
    made = [
        _exhibit(models, *found, *piece, axis, scaled)
        for found, piece in zip((allowed, forbidden), pieces, strict=True)
    ]
    return Comparison(name, *made)


def _around(video: VideoView, event: Event) -> tuple[int, list[Series]]:
    """First frame of the piece of the curves around the event, and that piece."""
    more = max(round(AROUND * video.fps), (event.last - event.first + 1) // 2)
    first, stop = max(0, event.first - more), min(video.frames, event.last + 1 + more)
    return first, [Series(one.label, one.accent, one.seeds[:, first:stop]) for one in video.chart.series]


def _exhibit(
    models: Sequence[Model],
    video: VideoView,
    event: Event,
    first: int,
    series: list[Series],
    axis: Axis,
    scaled: bool,
) -> Exhibit:
    frames = _counting(video, event)
    frame = int(frames[(len(frames) - 1) // 2])
    verdicts = [
        _verdict(model, one, event.abnormal, frame, frames, scaled)
        for model, one in zip(models, video.chart.series, strict=True)
    ]
    marks = [(one.model.accent, frame + 0.5, round(float(axis.from_top(one.score)), 4)) for one in verdicts]
    return Exhibit(video, event, frame, clock(frame / video.fps), frame_chart(series, axis, first), marks, verdicts)


def _counting(video: VideoView, event: Event) -> NDArray[np.integer]:
    """Numbers of the event's frames; where it is allowed, without those in which something else is abnormal."""
    frames = np.arange(event.first, event.last + 1)
    if event.abnormal:
        return frames
    others = labels_of(video.frames, [(other.first, other.last) for other in video.events if other.abnormal])
    abnormal = others if video.labels is None else others | video.labels
    return frames[~abnormal[frames]]


def _verdict(
    model: Model, series: Series, abnormal: bool, frame: int, frames: NDArray[np.integer], scaled: bool
) -> Verdict:
    score = float(series.mean[frame])
    if not scaled:
        return Verdict(model, score, None, None, len(series.seeds), None)
    flagged = score > THRESHOLD
    alike = int(np.count_nonzero((series.seeds[:, frame] > THRESHOLD) == flagged))
    above = float(np.mean(series.mean[frames] > THRESHOLD))
    return Verdict(model, score, flagged, flagged == abnormal, alike, above)


def _inside(chart: Chart, ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of the ranges that the chart shows."""
    start, last = int(chart.start), int(chart.end) - 1
    return [(max(low, start), min(high, last)) for low, high in ranges if low <= last and high >= start]
