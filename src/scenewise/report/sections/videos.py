"""Every test video: the scores of all models over its labelled ranges, and pictures of their peaks."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from scenewise.clock import clock
from scenewise.report.axis import significant
from scenewise.report.drawing import SCORE, TWO_COLUMNS, draw_curves, draw_labelled, draw_legend, draw_threshold
from scenewise.report.frame_objects import EXPLAINED, FLAGGED, FrameObjects, objects_at
from scenewise.report.peaks import Peak, moments_of
from scenewise.report.report_data import Gathered
from scenewise.report.scored_videos import ScoredScene, ScoredVideo
from scenewise.report.section import Content, Frames, Pictures
from scenewise.report.thumbnails import Shot

TITLE = "Videos"
ALL_OPEN = 8
"""Up to so many videos are all shown unfolded; of more, only one of each scene."""
AROUND = 3.0
"""Seconds either side of a peak in which an object may have raised it."""
MOST_PEAKS = 120
"""Pictures of peaks on one page; the videos in which the models differ most come first."""


@dataclass(frozen=True, eq=False)
class PeakedVideo:
    """A test video and the peaks of its scores."""

    video: ScoredVideo
    peaks: list[Peak]

    @property
    def length(self) -> str:
        """As people read it."""
        return clock(self.video.frames / self.video.fps)

    def picture(self, peak: Peak) -> Shot:
        """The frame of a peak."""
        return Shot(self.video.source, peak.frame)

    def objects(self, peak: Peak) -> FrameObjects | None:
        """The objects at a peak, if possible by a model that peaks there."""
        return objects_at(self.video.objects, peak.frame, [height.model for height in peak.heights])

    def whole_frame(self, peak: Peak) -> bool:
        """Whether the model of the boxes flags the peak, and no object around it stands out: the frame as a whole does.

        Scores are smoothed, so an object some frames away may have raised the peak.
        """
        shown = self.objects(peak)
        if shown is None or all(one.model is not shown.model or one.score <= FLAGGED for one in peak.heights):
            return False
        scores = next(one.scores for one in self.video.objects if one.model is shown.model)
        near = np.abs(scores.frame - peak.frame) <= AROUND * self.video.fps
        return not (scores.score[near] > EXPLAINED).any()

    def shots(self, peak: Peak) -> list[Shot]:
        """The frame of a peak and its objects."""
        objects = self.objects(peak)
        return [self.picture(peak), *(objects.shots if objects else ())]

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
    def difference(self) -> tuple[float, float]:
        """Larger for videos in which the models differ more: by their AUC, then by the highest peak."""
        defined = [auc for _, auc in self.video.aucs if auc is not None]
        highest = max(height.score for peak in self.peaks for height in peak.heights)
        return max(defined, default=0.0) - min(defined, default=0.0), highest

    @property
    def spoken(self) -> str:
        """The plot in words, for those who do not see it."""
        video = self.video
        peaks = [
            f"{height.model.short} peaks at frame {height.frame}, {clock(height.frame / video.fps)}, "
            f"with {significant(height.score):g}"
            for peak in self.peaks
            for height in peak.heights
            if height.highest
        ]
        return f"Anomaly score of {video.scene}, video {video.name}, {video.frames} frames. {'; '.join(peaks)}."


@dataclass(frozen=True, eq=False)
class SceneVideos:
    """The videos of one scene."""

    scene: ScoredScene
    videos: list[PeakedVideo]
    by_difference: list[PeakedVideo]
    """The same; those in which the models differ most come first."""


@dataclass(frozen=True, eq=False)
class VideosContent(Content):
    """All test videos."""

    scenes: list[SceneVideos]
    everything_open: bool
    """Whether all videos are unfolded, not just the one of each scene in which the models differ most."""
    in_scene_scale: bool
    models_with_objects: int
    """How many models score objects."""
    has_maps: bool = False
    """Whether a model gives maps."""
    most_peaks: int = MOST_PEAKS

    @property
    def shots(self) -> list[Shot]:
        """At most MOST_PEAKS peaks, with their objects.

        A model's highest peak comes before lesser ones, the first video of every scene before the second of any.
        """
        ranked = [scene.by_difference for scene in self.scenes]
        depth = max(map(len, ranked))
        order = [videos[rank] for rank in range(depth) for videos in ranked if rank < len(videos)]
        peaks = [(video, peak) for video in order for peak in video.peaks]
        peaks.sort(key=lambda found: not found[1].highest)
        return [shot for video, peak in peaks[: self.most_peaks] for shot in video.shots(peak)]

    def pictures(self, frames: Frames) -> Pictures:
        """The curves of every video."""
        videos = [one.video for scene in self.scenes for one in scene.videos]
        return {
            f"curve_{video.scene}_{video.name}": partial(draw_video, video, in_scene_scale=self.in_scene_scale)
            for video in videos
        }


def show(gathered: Gathered) -> VideosContent:
    """All test videos, by scene."""
    scenes = [_scene_videos(scene) for scene in gathered.scenes]
    videos = [video for scene in gathered.scenes for video in scene.videos]
    return VideosContent(
        scenes=scenes,
        everything_open=len(videos) <= ALL_OPEN,
        in_scene_scale=gathered.in_scene_scale,
        models_with_objects=max(len(video.objects) for video in videos),
        has_maps=any(one.maps is not None for video in videos for one in video.objects),
    )


def _scene_videos(scene: ScoredScene) -> SceneVideos:
    videos = [_peaked(video) for video in scene.videos]
    return SceneVideos(scene, videos, sorted(videos, key=lambda video: video.difference, reverse=True))


def _peaked(video: ScoredVideo) -> PeakedVideo:
    models = [model for model, _ in video.aucs]
    return PeakedVideo(video, moments_of(models, video.series, video.chart.axis, video.fps))


def draw_video(video: ScoredVideo, *, in_scene_scale: bool) -> Figure:
    """The scores of one video over what is labelled."""
    figure = Figure((TWO_COLUMNS, 2.5), layout="constrained")
    axes = figure.subplots()
    draw_curves(axes, video.chart)
    draw_labelled(axes, video.abnormal_ranges, video.events)
    draw_threshold(axes, video.chart, shown=in_scene_scale)
    axes.set(xlabel="frame", ylabel=SCORE)
    axes.set_title(f"{video.scene}, {video.name}", loc="left")
    draw_legend(figure, axes, video.series)
    return figure
