"""Every test video with its scores, labels, events and objects, scene by scene: what several sections show parts of."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenewise.evaluation.metrics import Labels
from scenewise.evaluation.roc import labels_of
from scenewise.report.axis import score_axis
from scenewise.report.curves import Chart, Series, frame_chart
from scenewise.report.evaluated_runs import Model
from scenewise.report.events import Event, events_of
from scenewise.report.frame_objects import VideoObjects, video_objects


@dataclass(frozen=True, eq=False)
class ScoredVideo:
    """One test video."""

    scene: str
    name: str
    frames: int
    fps: float
    source: Path
    """Its file or folder."""
    abnormal_frames: int | None
    abnormal_ranges: list[tuple[int, int]]
    labels: Labels | None
    """(frames,) True is abnormal; None if it is unlabelled."""
    events: list[Event]
    chart: Chart
    """The scores of all models."""
    aucs: list[tuple[Model, float | None]]
    """Frame AUC within this video, mean over the model's seeds."""
    objects: list[VideoObjects]
    """Of every model that scores objects."""

    @property
    def series(self) -> Sequence[Series]:
        """The scores of every model, (R, frames) with R seeds."""
        return self.chart.series

    @property
    def lanes(self) -> int:
        """Rows of the events' strip."""
        return 1 + max((event.lane for event in self.events), default=-1)


@dataclass(frozen=True, eq=False)
class ScoredScene:
    """The test videos of one scene."""

    name: str
    aucs: list[tuple[Model, str]]
    """AUC within the scene, as the table shows it."""
    videos: list[ScoredVideo]

    @property
    def number(self) -> int:
        """Of videos."""
        return len(self.videos)


def in_scene_scale(models: Sequence[Model]) -> bool:
    """Whether 1.0 is the 99th percentile of normal scores; runs of two scales never stand on one page."""
    return bool(models[0].runs[0].metrics["scale"] == "scene")


def scored_scenes(models: Sequence[Model]) -> list[ScoredScene]:
    """All test videos, by scene. Raises IntegrityError if a file of scores or objects was changed."""
    videos_of: dict[str, list[ScoredVideo]] = {}
    for described in models[0].runs[0].metrics["per_video"]:
        videos_of.setdefault(described["scene"], []).append(_scored_video(described, models))
    return [
        ScoredScene(scene, [(model, model.row.cell("scene_auc", scene).text()) for model in models], videos)
        for scene, videos in videos_of.items()
    ]


def _scored_video(described: dict[str, Any], models: Sequence[Model]) -> ScoredVideo:
    """`described` is the video's entry in `per_video`."""
    scene, name, frames = described["scene"], described["name"], described["frames"]
    series = [
        Series(
            model.short, model.accent, np.stack([run.scores(scene, name, frames) for run in model.runs]), model.leads
        )
        for model in models
    ]
    scaled = in_scene_scale(models)
    lowest, highest = min(float(one.low.min()) for one in series), max(float(one.high.max()) for one in series)
    ranges = [(first, last) for first, last in described["abnormal_ranges"]]
    source = Path(described["source"])
    return ScoredVideo(
        scene=scene,
        name=name,
        frames=frames,
        fps=described["fps"],
        source=source,
        abnormal_frames=described["abnormal_frames"],
        abnormal_ranges=ranges,
        labels=None if described["abnormal_frames"] is None else labels_of(frames, ranges),
        events=events_of(described["events"]),
        chart=frame_chart(series, score_axis(lowest, highest, in_scene_scale=scaled), fps=described["fps"]),
        aucs=[(model, _mean_auc(model, scene, name)) for model in models],
        objects=video_objects(models, scene, name, frames, source, scaled=scaled),
    )


def _mean_auc(model: Model, scene: str, name: str) -> float | None:
    values = [auc for run in model.runs if (auc := run.video_auc[scene, name]) is not None]
    return sum(values) / len(values) if values else None
