"""A test video and the peaks of its scores: what each shows, and what raised it."""

from dataclasses import dataclass

from scenewise.clock import clock
from scenewise.report.axis import read_off
from scenewise.report.evaluated_runs import Model
from scenewise.report.frame_objects import FLAGGED, FrameObjects, objects_at, raised_by
from scenewise.report.peaks import Peak, moments_of
from scenewise.report.scored_videos import ScoredVideo
from scenewise.report.thumbnails import FULL, Shot


@dataclass(frozen=True, eq=False)
class PeakedVideo:
    """A test video and the peaks of its scores."""

    video: ScoredVideo
    peaks: list[Peak]

    @property
    def length(self) -> str:
        """As people read it."""
        return clock(self.video.frames / self.video.fps)

    @property
    def measured(self) -> bool:
        """Whether an AUC is defined within the video."""
        return any(auc is not None for _, auc in self.video.aucs)

    def picture(self, peak: Peak, width: int = FULL) -> Shot:
        """The frame of a peak."""
        return Shot(self.video.source, peak.frame, width)

    def objects(self, peak: Peak) -> FrameObjects | None:
        """The objects at a peak, if possible by a model that peaks there."""
        return objects_at(self.video.objects, peak.frame, [height.model for height in peak.heights])

    def raised_by(self, peak: Peak) -> list[tuple[Model, str]]:
        """What raised the peak for every model that flags it, if its box does not say so."""
        flagged = [height.model for height in peak.heights if height.score > FLAGGED]
        said = ((model, raised_by(self.video.objects, model, peak.frame, self.video.fps)) for model in flagged)
        return [(model, words) for model, words in said if words]

    def shots(self, peak: Peak, width: int) -> list[Shot]:
        """The frame of a peak and its objects."""
        objects = self.objects(peak)
        return [self.picture(peak, width), *(objects.shots if objects else ())]

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
            f"with {read_off(height.score, video.chart.axis):g}"
            for peak in self.peaks
            for height in peak.heights
            if height.highest
        ]
        return f"Anomaly score of {video.scene}, video {video.name}, {video.frames} frames. {'; '.join(peaks)}."


def peaked(video: ScoredVideo) -> PeakedVideo:
    """The video with its peaks."""
    models = [model for model, _ in video.aucs]
    return PeakedVideo(video, moments_of(models, video.series, video.chart.axis, video.fps))
