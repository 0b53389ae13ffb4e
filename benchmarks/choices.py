"""A run scored with any of the choices that published code makes: what published_choices.py measures one by one."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from scenewise.config import EvaluateConfig, Protocol
from scenewise.evaluation.metrics import frame_auc, mean_of_defined
from scenewise.features.store import open_store
from scenewise.labels.labels import read_labels
from scenewise.methods.method import SegmentScores
from scenewise.methods.segments.frame_errors import stream_frame_errors
from scenewise.methods.segments.held_out import divide
from scenewise.protocols import evaluate
from scenewise.published.scores import SIGMAS, segment_maxima
from scenewise.runs.run import open_run
from scenewise.scoring.calibration import scene_scale
from scenewise.scoring.smoothing import smooth

Errors = NDArray[np.float32]
AGREEMENT = 1e-4
"""How far an AUC may be from the command's: scores that differ in their last bit may change places."""


@dataclass(frozen=True)
class Choices:
    """What is done as published code does it."""

    one_scale: bool = False
    """One min-max over all videos, in the place of each scene's scale."""
    segments: bool = False
    """Segments without overlap, their largest error for all their frames, the tail dropped."""
    across: bool = False
    """Smoothing across the borders of videos."""
    sigma: bool = False
    """The smoothing of the best test AUC, in the place of the run's."""
    checkpoint: bool = False
    """The checkpoint of the best test AUC, in the place of the one of the lowest held-out error."""
    each_video: bool = False
    """A min-max within each test video, in the place of each scene's scale, as in the code of Liu et al. (CVPR 2018)
    and of many after it. `evaluate --protocol published` does not do this."""


STRICT = Choices()
PUBLISHED = Choices(one_scale=True, segments=True, across=True, sigma=True, checkpoint=True)


@dataclass(frozen=True)
class Footage:
    """Raw errors of one checkpoint, for the windows of the run or for segments without overlap."""

    test: list[Errors]
    held_out: dict[str, list[Errors]] = field(default_factory=dict)
    """By scene."""


class Measured:
    """A run with all it needs to be scored in any way."""

    def __init__(self, folder: Path) -> None:
        """Raises ConfigError if the run has no checkpoints, SystemExit unless its videos have one rate and labels."""
        self.run = open_run(folder)
        self.checkpoints = self.run.method.checkpoints(self.run.content(), "auto")
        settings = self.run.settings
        store = open_store(self.run.features)
        self.videos = store.of("test")
        rates = {video.fps for video in store.videos}
        if len(rates) > 1 or settings.segment_fps is not None:
            raise SystemExit(
                "videos of several rates, or --segment-fps: a smoothing in frames would mean several things"
            )
        self.fps = rates.pop()
        self.labels = [read_labels(video.labels, video.frames) for video in self.videos if video.labels]
        if len(self.labels) < len(self.videos):
            raise SystemExit(f"{store.folder}: test videos without labels")
        self.ranges = divide(store.of("train"), settings.segment_length).held_out
        self.features = [video.features() for video in self.videos]
        self.held_out = [one.video.features()[one.first : one.stop] for one in self.ranges]
        self.waits = round(self.run.open_scorer("auto").look_ahead(self.fps) * self.fps)
        """Frames after a frame at which its last window ends: windows count only for frames with errors of their own,
        which a method of prediction has for its last ones alone."""
        self._known: dict[tuple[str, bool], Footage] = {}
        self._found: dict[Choices, tuple[float, float]] = {}

    @property
    def form(self) -> str:
        """The form of its method, as `benchmark --methods` names it, whatever sizes and steps it was trained with."""
        fitting = {
            name: len(changed)
            for name, changed in self.run.method.variants.items()
            if all(getattr(self.run.settings, setting) == value for setting, value in changed.items())
        }
        return max(fitting, key=lambda name: fitting[name], default=self.run.method_name)

    def auc(self, choices: Choices) -> tuple[float, float]:
        """Pooled AUC, and mean AUC within scenes, of what `choices` come to."""
        if choices not in self._found:
            tried = (
                self._scored(self._footage(checkpoint, choices.segments), choices, sigma)
                for checkpoint in (self.checkpoints if choices.checkpoint else self.checkpoints[:1])
                for sigma in (SIGMAS if choices.sigma else [self.run.settings.smoothing * self.fps])
            )
            best = max(tried, key=self._pooled)
            self._found[choices] = self._pooled(best), self._within(best)
        return self._found[choices]

    def check(self) -> None:
        """Raise SystemExit if STRICT and PUBLISHED are not what `scenewise evaluate` finds."""
        cases: list[tuple[Choices, Protocol]] = [(STRICT, "strict"), (PUBLISHED, "published")]
        for choices, protocol in cases:
            found = evaluate(self.run.folder, EvaluateConfig(protocol=protocol))
            ours, theirs = self.auc(choices), (found["frame_auc_micro"], found["scene_auc_mean"])
            if np.abs(np.subtract(ours, theirs)).max() > AGREEMENT:
                raise SystemExit(f"{self.run.folder}, {protocol}: {ours} here, and {theirs} by the command")

    def _footage(self, checkpoint: SegmentScores, segments: bool) -> Footage:
        """Errors by the weights of `checkpoint`, computed once."""
        if (checkpoint.name, segments) not in self._known:
            found = Footage(
                [
                    self._errors(checkpoint, features, video.scene, segments)
                    for video, features in zip(self.videos, self.features, strict=True)
                ]
            )
            for range_, features in zip(self.ranges, self.held_out, strict=True):
                scene = range_.video.scene
                found.held_out.setdefault(scene, []).append(self._errors(checkpoint, features, scene, segments))
            self._known[checkpoint.name, segments] = found
        return self._known[checkpoint.name, segments]

    def _errors(self, checkpoint: SegmentScores, features: NDArray[np.float16], scene: str, segments: bool) -> Errors:
        if segments:
            return segment_maxima(features, checkpoint, self.fps, scene)
        settings = self.run.settings
        pieces = stream_frame_errors(
            [features],
            lambda windows: checkpoint.segment_errors(windows, scene),
            settings.segment_length,
            settings.stride,
            settings.aggregate,
            self.waits,
        )
        return np.concatenate(list(pieces))

    def _scored(self, footage: Footage, choices: Choices, sigma: float) -> list[Errors]:
        """Scores of every test video; the smoothing commutes with the scale, which is one factor and one addend."""
        scores = footage.test
        if not (choices.one_scale or choices.each_video):  # a min-max over all ranks as no scale does
            scales = {
                scene: scene_scale(np.concatenate([self._smooth(part, sigma) for part in own]))
                for scene, own in footage.held_out.items()
            }
            scores = [scales[video.scene].apply(own) for video, own in zip(self.videos, scores, strict=True)]
        if choices.across:
            row = np.concatenate(scores).astype(np.float64)
            row = gaussian_filter1d(row, sigma) if sigma else row
            scores = np.split(row.astype(np.float32), np.cumsum([len(own) for own in scores])[:-1])
        else:
            scores = [self._smooth(own, sigma) for own in scores]
        return [_min_max(own) for own in scores] if choices.each_video else scores

    def _smooth(self, scores: Errors, sigma: float) -> Errors:
        return smooth(scores, sigma / self.fps, self.fps)

    def _pooled(self, scores: list[Errors]) -> float:
        labels = [own[: len(part)] for own, part in zip(self.labels, scores, strict=True)]
        return frame_auc(np.concatenate(labels), np.concatenate(scores)) or 0.0

    def _within(self, scores: list[Errors]) -> float:
        found = []
        for scene in sorted({video.scene for video in self.videos}):
            own = [place for place, video in enumerate(self.videos) if video.scene == scene]
            labels = [self.labels[place][: len(scores[place])] for place in own]
            found.append(frame_auc(np.concatenate(labels), np.concatenate([scores[place] for place in own])))
        return mean_of_defined(found) or 0.0


def _min_max(scores: Errors) -> Errors:
    """`scores` (N,) of one video on its own scale, 0 to 1."""
    if len(scores) == 0:
        return scores
    lowest, spread = scores.min(), scores.max() - scores.min()
    return np.asarray((scores - lowest) / (spread if spread > 0 else 1), np.float32)
