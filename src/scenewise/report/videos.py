"""Every test video as the page shows it: curves of all models over the labelled ranges, and the peaks' pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenewise.evaluation.rows import UNDEFINED
from scenewise.report.curves import Axis, Chart, Series, frame_chart, significant
from scenewise.report.runs import Model
from scenewise.report.thumbnails import Thumbnail, thumbnails

THUMBNAILS = 120
"""Pictures on one page; the videos in which the models differ most come first."""
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


@dataclass(frozen=True)
class Peak:
    """The most abnormal moment of one model, or of several where it is the same frame."""

    frame: int
    time: str
    scores: list[tuple[Model, float, float]]
    """Model, its score, and where that stands in the plot, as a share of the height from the top."""


@dataclass(frozen=True)
class VideoView:
    """One video on the page."""

    scene: str
    name: str
    frames: int
    fps: float
    length: str
    abnormal_frames: int | None
    abnormal_ranges: list[tuple[int, int]]
    events: list[Event]
    chart: Chart
    aucs: list[tuple[Model, float | None]]
    peaks: list[Peak]
    source: Path

    @property
    def lanes(self) -> int:
        """Rows of the events' strip."""
        return 1 + max((event.lane for event in self.events), default=-1)

    @property
    def telling(self) -> tuple[float, float]:
        """Larger for videos that show more of how the models differ: by their AUC, then by the highest peak."""
        defined = [auc for _, auc in self.aucs if auc is not None]
        highest = max(score for peak in self.peaks for _, score, _ in peak.scores)
        return max(defined, default=0.0) - min(defined, default=0.0), highest

    @property
    def spoken(self) -> str:
        """The plot in words, for those who do not see it."""
        peaks = [
            f"{model.short} peaks at frame {peak.frame}, {peak.time}, with {significant(score):g}"
            for peak in self.peaks
            for model, score, _ in peak.scores
        ]
        return f"Anomaly score of {self.scene}, video {self.name}, {self.frames} frames. {'; '.join(peaks)}."


@dataclass(frozen=True)
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


def scene_views(models: Sequence[Model]) -> list[SceneView]:
    """All test videos, by scene."""
    by_scene: dict[str, list[VideoView]] = {}
    for facts in models[0].runs[0].metrics["per_video"]:
        by_scene.setdefault(facts["scene"], []).append(_video_view(facts, models))
    everything = sum(map(len, by_scene.values())) <= ALL_OPEN
    views = []
    for scene, videos in by_scene.items():
        most_telling = max(videos, key=lambda video: video.telling)
        aucs = [
            (model, model.row.scene_auc[scene].percent() if scene in model.row.scene_auc else UNDEFINED)
            for model in models
        ]
        views.append(
            SceneView(scene, aucs, videos, {video.name for video in (videos if everything else [most_telling])})
        )
    return views


def peak_pictures(scenes: Sequence[SceneView]) -> dict[tuple[Path, int], Thumbnail]:
    """The pictures of the peaks, at most THUMBNAILS: every scene's most telling video first, then its next."""
    ranked = [sorted(scene.videos, key=lambda video: video.telling, reverse=True) for scene in scenes]
    depth = max(map(len, ranked))
    order = [videos[rank] for rank in range(depth) for videos in ranked if rank < len(videos)]
    wanted = [(video.source, peak.frame) for video in order for peak in video.peaks][:THUMBNAILS]
    by_source: dict[Path, list[int]] = {}
    for source, frame in wanted:
        by_source.setdefault(source, []).append(frame)
    return thumbnails(by_source)


def clock(seconds: float) -> str:
    """A moment as people read it: `0:04.9`, `1:02:03.0`."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{text}" if hours else f"{minutes}:{text}"


def _video_view(facts: dict[str, Any], models: Sequence[Model]) -> VideoView:
    """Put one video's scores, labels and events together; `facts` is its entry in `per_video`."""
    scene, name, frames = facts["scene"], facts["name"], facts["frames"]
    series = [
        Series.over_seeds(model.short, model.accent, [run.scores(scene, name, frames) for run in model.runs])
        for model in models
    ]
    axis = _axis(series, in_scene_scale=models[0].runs[0].metrics["scale"] == "scene")
    return VideoView(
        scene=scene,
        name=name,
        frames=frames,
        fps=facts["fps"],
        length=clock(frames / facts["fps"]),
        abnormal_frames=facts["abnormal_frames"],
        abnormal_ranges=[(first, last) for first, last in facts["abnormal_ranges"]],
        events=_in_lanes(facts["events"]),
        chart=frame_chart(series, axis),
        aucs=[(model, _mean_auc(model, scene, name)) for model in models],
        peaks=_peaks(models, series, axis, facts["fps"]),
        source=Path(facts["source"]),
    )


def _axis(series: Sequence[Series], *, in_scene_scale: bool) -> Axis:
    """All scores of one video, with a little room for the peaks' marks; on the scene scale 0 and 1 are always seen."""
    lowest = float(min(one.low.min() for one in series))
    highest = float(max(one.high.max() for one in series))
    if in_scene_scale:
        lowest, highest = min(lowest, 0.0), max(highest, 1.2)
        return Axis(lowest - 0.1, highest * 1.1, "logarithmic above 1")
    room = 0.04 * (highest - lowest) or 1.0
    return Axis(lowest - room, highest + room)


def _mean_auc(model: Model, scene: str, name: str) -> float | None:
    """The video's own frame AUC, mean over the model's seeds."""
    values = [auc for run in model.runs if (auc := run.video_auc[scene, name]) is not None]
    return sum(values) / len(values) if values else None


def _peaks(models: Sequence[Model], series: Sequence[Series], axis: Axis, fps: float) -> list[Peak]:
    """The most abnormal frame of every model, in the order of time."""
    peaks: dict[int, Peak] = {}
    for model, one in zip(models, series, strict=True):
        frame = int(one.mean.argmax())
        score = float(one.mean[frame])
        peak = peaks.setdefault(frame, Peak(frame, clock(frame / fps), []))
        peak.scores.append((model, score, round(float(axis.from_top(score)), 4)))
    return [peaks[frame] for frame in sorted(peaks)]


def _in_lanes(events: Sequence[dict[str, Any]]) -> list[Event]:
    """Give every event the first row in which it overlaps no other."""
    ends: list[int] = []
    placed = []
    for event in sorted(events, key=lambda event: (event["first_frame"], event["last_frame"])):
        lane = next((lane for lane, end in enumerate(ends) if end < event["first_frame"]), len(ends))
        ends[lane : lane + 1] = [event["last_frame"]]
        placed.append(Event(event["class"], event["first_frame"], event["last_frame"], event["abnormal"], lane))
    return placed
