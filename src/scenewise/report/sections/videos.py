"""Every test video: the scores of all models over its labelled ranges, and pictures of their peaks."""

from dataclasses import dataclass
from functools import partial
from itertools import islice

from matplotlib.figure import Figure

from scenewise.report.drawing import TWO_COLUMNS, draw_curves, draw_labelled, draw_legend, draw_threshold
from scenewise.report.peaked_video import PeakedVideo, peaked
from scenewise.report.peaks import Peak
from scenewise.report.report_data import Gathered
from scenewise.report.scored_videos import ScoredScene, ScoredVideo
from scenewise.report.section import Content, Frames, Pictures
from scenewise.report.thumbnails import FULL, WIDTH, Shot, Thumbnail

TITLE = "Videos"
MOST_PEAKS = 120
"""Pictures of peaks on one page; the videos in which the models differ most come first."""
MOST_FULL = 40
"""So many of them, the first, are at full size."""


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
    unfolded: PeakedVideo
    """The video in which the models differ most."""
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
        sized = ((video, peak, FULL if place < MOST_FULL else WIDTH) for place, (video, peak) in enumerate(peaks))
        return [shot for video, peak, width in islice(sized, self.most_peaks) for shot in video.shots(peak, width)]

    def shown(self, frames: Frames, video: PeakedVideo, peak: Peak) -> Thumbnail | None:
        """The picture of a peak at the size that it has; None if it is beyond the page's limit."""
        return frames.get(video.picture(peak)) or frames.get(video.picture(peak, WIDTH))

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
        unfolded=max((video for scene in scenes for video in scene.videos), key=lambda video: video.difference),
        in_scene_scale=gathered.in_scene_scale,
        models_with_objects=max(len(video.objects) for video in videos),
        has_maps=any(one.maps is not None for video in videos for one in video.objects),
    )


def _scene_videos(scene: ScoredScene) -> SceneVideos:
    videos = [peaked(video) for video in scene.videos]
    return SceneVideos(scene, videos, sorted(videos, key=lambda video: video.difference, reverse=True))


def draw_video(video: ScoredVideo, *, in_scene_scale: bool) -> Figure:
    """The scores of one video over what is labelled."""
    figure = Figure((TWO_COLUMNS, 2.5), layout="constrained")
    axes = figure.subplots()
    draw_curves(axes, video.chart)
    draw_labelled(axes, video.abnormal_ranges, video.events)
    draw_threshold(axes, video.chart, shown=in_scene_scale)
    axes.set_title(f"{video.scene}, {video.name}", loc="left")
    draw_legend(figure, axes, video.series)
    return figure
