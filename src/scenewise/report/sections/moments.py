"""What is seen first if no test video has labels: the highest moments, and what each scene's footage is enough for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenewise.clock import clock
from scenewise.errors import ScenewiseError
from scenewise.report.evaluated_runs import EvaluatedRun, Model
from scenewise.report.frame_objects import FLAGGED, FrameObjects, highest_near, objects_at, raised_by
from scenewise.report.peaked_video import PeakedVideo, peaked
from scenewise.report.peaks import Height, Peak
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content
from scenewise.report.thumbnails import FULL, Shot
from scenewise.runs.run import open_run
from scenewise.scoring.calibration import read_calibration
from scenewise.scoring.level import UNUSUAL, Level, level_of
from scenewise.scoring.verdict import footage_verdict

TITLE = "Moments"
MOST = 6
"""Moments that are shown, the highest of all videos."""


@dataclass(frozen=True, eq=False)
class Moment:
    """A peak of the leading model."""

    video: PeakedVideo
    peak: Peak
    height: Height
    level: Level | None
    """The word for its score; None if the scores are raw, or the run cannot be read any more."""

    @property
    def frame(self) -> int:
        """The frame that is shown: that of the object which raised the score, if there is one, else the peak."""
        video = self.video.video
        found = highest_near(video.objects, self.height.model, self.peak.frame, video.fps)
        return self.peak.frame if found is None else found[0]

    @property
    def time(self) -> str:
        """Of that frame."""
        return clock(self.frame / self.video.video.fps)

    @property
    def picture(self) -> Shot:
        """That frame."""
        return Shot(self.video.video.source, self.frame, FULL)

    @property
    def objects(self) -> FrameObjects | None:
        """The objects in it."""
        return objects_at(self.video.video.objects, self.frame, [self.height.model])

    @property
    def raised_by(self) -> str:
        """What raised it, if no box in the picture shows it; empty if it is no alarm."""
        video = self.video.video
        return raised_by(video.objects, self.height.model, self.frame, video.fps) if self.level == "alarm" else ""


@dataclass(frozen=True, eq=False)
class MomentsContent(Content):
    """The first screen of a report without labels."""

    model: Model
    moments: list[Moment]
    videos: int
    footage: dict[str, str]
    """{scene: what its normal footage is enough for}; empty if the run cannot be read any more."""

    @property
    def alarms(self) -> int:
        """How many of the moments are above 1.0."""
        return sum(moment.level == "alarm" for moment in self.moments)

    @property
    def shots(self) -> Sequence[Shot]:
        """A picture a moment, with its objects."""
        with_objects = ((one.picture, one.objects) for one in self.moments)
        return [shot for picture, found in with_objects for shot in (picture, *(found.shots if found else ()))]


def show(gathered: Gathered) -> MomentsContent | None:
    """The highest moments of the first model; None if any test video has labels."""
    if gathered.labelled:
        return None
    model = gathered.drawn[0]
    unusual, footage = _footage(model.by_seed[0])
    videos = [peaked(video) for scene in gathered.scenes for video in scene.videos]
    found = [
        Moment(video, peak, height, _level(height.score, unusual.get(video.video.scene), gathered))
        for video in videos
        for peak in video.peaks
        for height in peak.heights
        if height.model is model
    ]
    found.sort(key=lambda moment: -moment.height.score)
    return MomentsContent(model, found[:MOST], len(videos), footage)


def _level(score: float, unusual: float | None, gathered: Gathered) -> Level | None:
    return level_of(score, unusual, FLAGGED) if gathered.in_scene_scale and unusual is not None else None


def _footage(evaluated: EvaluatedRun) -> tuple[dict[str, float], dict[str, str]]:
    """By scene, from where on a score is unusual, and what the normal footage is enough for."""
    try:
        run = open_run(evaluated.folder)
        calibration = read_calibration(run.folder, run.scenes)
        normal = {scene: calibration.normal_scores(scene) for scene in run.scenes}
    except ScenewiseError:
        return {}, {}
    quantiles = {
        scene: float(np.quantile(np.concatenate([part.scores for part in parts]), UNUSUAL))
        for scene, parts in normal.items()
    }
    return quantiles, {scene: footage_verdict(parts).in_words() for scene, parts in normal.items()}
