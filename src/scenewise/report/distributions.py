"""How every scene's normal and abnormal frames are scored: histograms and the ROC curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenewise.evaluation.metrics import Labels
from scenewise.evaluation.roc import FALSE_ALARMS, hits_at
from scenewise.report.axis import Axis, Values, score_axis, significant
from scenewise.report.curves import HEIGHT, Chart, Series, roc_chart
from scenewise.report.runs import Model
from scenewise.report.videos import SceneView, VideoView, in_scene_scale

BINS = 48
"""Over the whole axis, evenly as it is drawn."""
FEW, SOME = 5, 50
"""Places in FALSE_ALARMS that are told in words: 1 % and 10 %."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """One model's scores of one scene's frames, all seeds together."""

    model: Model
    normal: Values
    """(BINS,) share of the normal frames in every bin; the sum is 1, or 0 where there are none."""
    abnormal: Values
    """(BINS,) likewise of the abnormal frames."""
    spoken: str


@dataclass(frozen=True, eq=False)
class Distribution:
    """One scene."""

    scene: str
    normal_frames: int
    abnormal_frames: int
    axis: Axis
    """Of the scores, from left to right; the same for all models."""
    tallest: float
    """The largest share in any of the histograms."""
    histograms: list[Histogram]
    """Empty where no frame is labelled."""
    roc: Chart | None
    """None without both classes."""
    spoken: str
    """The ROC curves in words, or why there are none."""

    def outline(self, shares: Values, *, above: bool) -> str:
        """The histogram as an SVG path: a unit to the right a bin, HEIGHT up (or down) the tallest."""
        heights = np.rint(HEIGHT * (1 - shares / self.tallest if above else 1 + shares / self.tallest)).astype(int)
        return f"M0 {HEIGHT}" + "".join(f"V{height}h1" for height in heights.tolist()) + f"V{HEIGHT}z"

    def from_left(self, value: float) -> float:
        """Where a score stands, as a share of the width."""
        return round(1 - float(self.axis.from_top(value)), 4)


def distributions(models: Sequence[Model], scenes: Sequence[SceneView]) -> list[Distribution]:
    """One for every test scene; unlabelled videos are left out."""
    return [_distribution(models, scene) for scene in scenes]


def _distribution(models: Sequence[Model], scene: SceneView) -> Distribution:
    videos = [video for video in scene.videos if video.labels is not None]
    if not videos:
        return Distribution(scene.name, 0, 0, Axis(0.0, 1.0), 1.0, [], None, "No frame of this scene is labelled.")
    labels = np.concatenate([video.labels for video in videos if video.labels is not None])
    scores = [_scores(videos, number) for number in range(len(models))]
    lowest, highest = min(float(one.min()) for one in scores), max(float(one.max()) for one in scores)
    axis = score_axis(lowest, highest, in_scene_scale=in_scene_scale(models))
    roc, spoken = _roc(models, scene.name, scores, labels)
    histograms = [_histogram(model, one, labels, axis) for model, one in zip(models, scores, strict=True)]
    abnormal = int(labels.sum())
    return Distribution(
        scene=scene.name,
        normal_frames=len(labels) - abnormal,
        abnormal_frames=abnormal,
        axis=axis,
        tallest=max(float(max(one.normal.max(), one.abnormal.max())) for one in histograms),
        histograms=histograms,
        roc=roc,
        spoken=spoken,
    )


def _scores(videos: Sequence[VideoView], number: int) -> Values:
    """(R, N) scores of one model's seeds for the videos' frames, one after the other."""
    return np.concatenate([video.chart.series[number].seeds for video in videos], axis=1)


def _histogram(model: Model, scores: Values, labels: Labels, axis: Axis) -> Histogram:
    normal, abnormal = scores[:, ~labels], scores[:, labels]
    told = [
        f"{name} frames: median {significant(float(np.median(found))):g}, {np.mean(found > 1):.0%} above 1"
        for name, found in (("normal", normal), ("abnormal", abnormal))
        if found.size
    ]
    return Histogram(
        model, _shares(normal, axis), _shares(abnormal, axis), f"Scores by {model.short}. {'; '.join(told)}."
    )


def _shares(scores: Values, axis: Axis) -> Values:
    counts = np.histogram(1 - axis.from_top(scores), bins=BINS, range=(0.0, 1.0))[0]
    return np.asarray(counts / max(scores.size, 1))


def _roc(models: Sequence[Model], scene: str, scores: Sequence[Values], labels: Labels) -> tuple[Chart | None, str]:
    series = []
    told = []
    for model, seeds in zip(models, scores, strict=True):
        hits = [found for seed in seeds if (found := hits_at(labels, seed)) is not None]
        if not hits:
            missing = "abnormal" if not labels.any() else "normal"
            return None, f"No frame is labelled {missing} here, so there is no ROC curve."
        one = Series(model.short, model.accent, 100 * np.array(hits))
        series.append(one)
        told.append(
            f"{model.short}: AUC {model.row.cell('scene_auc', scene).text()}, {one.mean[FEW]:.0f} % found at 1 % false "
            f"alarms, {one.mean[SOME]:.0f} % at 10 %"
        )
    spoken = f"Share of abnormal frames found by share of false alarms in {scene}. {'; '.join(told)}."
    return roc_chart(series, FALSE_ALARMS), spoken
