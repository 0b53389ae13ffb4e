"""Every test video as the page shows it: curves of all models over the labelled ranges, and the peaks' pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenewise.evaluation.metrics import Labels
from scenewise.evaluation.roc import labels_of
from scenewise.report.axis import score_axis, significant
from scenewise.report.curves import Chart, Series, frame_chart
from scenewise.report.novel import NovelObjects, VideoObjects, novel_at, video_objects
from scenewise.report.peaks import Peak, clock, find_moments
from scenewise.report.runs import Model
from scenewise.report.thumbnails import Shot

ALL_OPEN = 8
"""Up to so many videos are all shown unfolded; of more, only the most telling one of each scene."""


@dataclass(frozen=True)
class Event:
    """Something that was done on purpose or labelled, and whether it is abnormal in this scene."""

    name: str
    first: int
    last: int
    abnormal: bool
    lane: int
    """Row of the strip above the curves; events that overlap stand in different rows."""


@dataclass(frozen=True, eq=False)
class VideoView:
    """One video on the page."""

    scene: str
    name: str
    frames: int
    fps: float
    length: str
    abnormal_frames: int | None
    abnormal_ranges: list[tuple[int, int]]
    labels: Labels | None
    """(frames,) True is abnormal; None where it is unlabelled."""
    events: list[Event]
    chart: Chart
    aucs: list[tuple[Model, float | None]]
    peaks: list[Peak]
    source: Path
    objects: list[VideoObjects]
    """Of every model that looks at objects."""

    def picture(self, peak: Peak) -> Shot:
        """The frame of a peak."""
        return Shot(self.source, peak.frame)

    def novel(self, peak: Peak) -> NovelObjects | None:
        """The most novel objects at a peak, by a model that peaks there where it looks at objects."""
        return novel_at(self.objects, peak.frame, [height.model for height in peak.heights])

    @property
    def lanes(self) -> int:
        """Rows of the events' strip."""
        return 1 + max((event.lane for event in self.events), default=-1)

    @property
    def marks(self) -> list[tuple[int, float, float]]:
        """What the plot marks: accent, place, and share of the height from the top."""
        return [
            (height.model.accent, height.frame + 0.5, height.from_top)
            for peak in self.peaks
            for height in peak.heights
            if height.highest
        ]

    @property
    def telling(self) -> tuple[float, float]:
        """Larger for videos that show more of how the models differ: by their AUC, then by the highest peak."""
        defined = [auc for _, auc in self.aucs if auc is not None]
        highest = max(height.score for peak in self.peaks for height in peak.heights)
        return max(defined, default=0.0) - min(defined, default=0.0), highest

    @property
    def spoken(self) -> str:
        """The plot in words, for those who do not see it."""
        peaks = [
            f"{height.model.short} peaks at frame {height.frame}, {clock(height.frame / self.fps)}, "
            f"with {significant(height.score):g}"
            for peak in self.peaks
            for height in peak.heights
            if height.highest
        ]
        return f"Anomaly score of {self.scene}, video {self.name}, {self.frames} frames. {'; '.join(peaks)}."


@dataclass(frozen=True, eq=False)
class SceneView:
    """One scene's videos on the page."""

    name: str
    aucs: list[tuple[Model, str]]
    videos: list[VideoView]
    open: set[str]
    """Names of the videos that are unfolded."""

    @property
    def count(self) -> int:
        """How many videos."""
        return len(self.videos)


def in_scene_scale(models: Sequence[Model]) -> bool:
    """Whether 1.0 is the 99th percentile of normal; runs of two scales never stand on one page."""
    return bool(models[0].runs[0].metrics["scale"] == "scene")


def scene_views(models: Sequence[Model]) -> list[SceneView]:
    """All test videos, by scene."""
    by_scene: dict[str, list[VideoView]] = {}
    for facts in models[0].runs[0].metrics["per_video"]:
        by_scene.setdefault(facts["scene"], []).append(_video_view(facts, models))
    everything = sum(map(len, by_scene.values())) <= ALL_OPEN
    views = []
    for scene, videos in by_scene.items():
        most_telling = max(videos, key=lambda video: video.telling)
        aucs = [(model, model.row.cell("scene_auc", scene).text()) for model in models]
        views.append(
            SceneView(scene, aucs, videos, {video.name for video in (videos if everything else [most_telling])})
        )
    return views


def peak_shots(scenes: Sequence[SceneView], most: int) -> list[Shot]:
    """The pictures of at most so many peaks, and of their objects: highest before lesser ones, every scene's most
    telling video before its next.
    """
    ranked = [sorted(scene.videos, key=lambda video: video.telling, reverse=True) for scene in scenes]
    depth = max(map(len, ranked))
    order = [videos[rank] for rank in range(depth) for videos in ranked if rank < len(videos)]
    peaks = [(video, peak) for video in order for peak in video.peaks]
    peaks.sort(key=lambda found: not found[1].highest)
    shots = []
    for video, peak in peaks[:most]:
        novel = video.novel(peak)
        shots += [video.picture(peak), *(novel.shots if novel else ())]
    return shots


def _video_view(facts: dict[str, Any], models: Sequence[Model]) -> VideoView:
    """Put one video's scores, labels and events together; `facts` is its entry in `per_video`."""
    scene, name, frames = facts["scene"], facts["name"], facts["frames"]
    series = [
        Series(model.short, model.accent, np.stack([run.scores(scene, name, frames) for run in model.runs]))
        for model in models
    ]
    lowest, highest = min(float(one.low.min()) for one in series), max(float(one.high.max()) for one in series)
    axis = score_axis(lowest, highest, in_scene_scale=in_scene_scale(models))
    ranges = [(first, last) for first, last in facts["abnormal_ranges"]]
    source, scaled = Path(facts["source"]), in_scene_scale(models)
    return VideoView(
        scene=scene,
        name=name,
        frames=frames,
        fps=facts["fps"],
        length=clock(frames / facts["fps"]),
        abnormal_frames=facts["abnormal_frames"],
        abnormal_ranges=ranges,
        labels=None if facts["abnormal_frames"] is None else labels_of(frames, ranges),
        events=_in_lanes(facts["events"]),
        chart=frame_chart(series, axis),
        aucs=[(model, _mean_auc(model, scene, name)) for model in models],
        peaks=find_moments(models, series, axis, facts["fps"]),
        source=source,
        objects=video_objects(models, scene, name, frames, source, scaled=scaled),
    )


def _mean_auc(model: Model, scene: str, name: str) -> float | None:
    """The video's own frame AUC, mean over the model's seeds."""
    values = [auc for run in model.runs if (auc := run.video_auc[scene, name]) is not None]
    return sum(values) / len(values) if values else None


def normal_ranges(events: Sequence[Event]) -> list[tuple[int, int]]:
    """First and last frame, both included, of the stretches in which at least one event is that is normal there."""
    ranges: list[tuple[int, int]] = []
    for event in sorted((event for event in events if not event.abnormal), key=lambda event: event.first):
        if ranges and event.first <= ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], max(ranges[-1][1], event.last)
        else:
            ranges.append((event.first, event.last))
    return ranges


def _in_lanes(events: Sequence[dict[str, Any]]) -> list[Event]:
    """Give every event the first row in which it overlaps no other."""
    ends: list[int] = []
    placed = []
    for event in sorted(events, key=lambda event: (event["first_frame"], event["last_frame"])):
        lane = next((lane for lane, end in enumerate(ends) if end < event["first_frame"]), len(ends))
        ends[lane : lane + 1] = [event["last_frame"]]
        placed.append(Event(event["class"], event["first_frame"], event["last_frame"], event["abnormal"], lane))
    return placed
