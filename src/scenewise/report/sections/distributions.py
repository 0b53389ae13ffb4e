"""How every scene's normal and abnormal frames are scored: histograms and the ROC curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from scenewise.evaluation.metrics import Labels
from scenewise.evaluation.roc import FALSE_ALARMS, hits_at
from scenewise.report.axis import Axis, Values, score_axis, significant
from scenewise.report.curves import HEIGHT, SCORE, Chart, Series, roc_chart
from scenewise.report.drawing import LINE, ONE_COLUMN, QUIET, colour, draw_curves
from scenewise.report.evaluated_runs import Model
from scenewise.report.report_data import Gathered
from scenewise.report.scored_videos import ScoredScene, ScoredVideo
from scenewise.report.section import Content, Frames, Pictures

TITLE = "Scenes"

BINS = 48
"""Over the whole axis, evenly as it is drawn."""
FEW, SOME = 5, 50
"""Places in FALSE_ALARMS that are put into words: 1 % and 10 %."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """One model's scores of one scene's frames, all seeds together."""

    model: Model
    normal: Values
    """(BINS,) share of the normal frames in every bin; the sum is 1, or 0 if there are none."""
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
    """Empty if no frame is labelled."""
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


@dataclass(frozen=True, eq=False)
class DistributionsContent(Content):
    """All test scenes; unlabelled videos do not count."""

    distributions: list[Distribution]
    in_scene_scale: bool

    def pictures(self, frames: Frames) -> Pictures:
        """ROC curves and histograms of every scene that has them."""
        found: dict[str, partial[Figure]] = {}
        for one in self.distributions:
            if one.roc is not None:
                found[f"roc_{one.scene}"] = partial(draw_roc, one, one.roc)
            if one.histograms:
                found[f"histogram_{one.scene}"] = partial(draw_histograms, one, in_scene_scale=self.in_scene_scale)
        return found


def show(gathered: Gathered) -> DistributionsContent | None:
    """One distribution for every test scene; None without labels."""
    if not gathered.labelled:
        return None
    scaled = gathered.in_scene_scale
    found = [_distribution(gathered.drawn, scene, scaled=scaled) for scene in gathered.scenes]
    return DistributionsContent(found, scaled)


def _distribution(models: Sequence[Model], scene: ScoredScene, *, scaled: bool) -> Distribution:
    videos = [video for video in scene.videos if video.labels is not None]
    if not videos:
        return Distribution(scene.name, 0, 0, Axis(0.0, 1.0), 1.0, [], None, "No frame of this scene is labelled.")
    labels = np.concatenate([video.labels for video in videos if video.labels is not None])
    scores = [_scores(videos, number) for number in range(len(models))]
    lowest, highest = min(float(one.min()) for one in scores), max(float(one.max()) for one in scores)
    axis = score_axis(lowest, highest, in_scene_scale=scaled, from_0=False)
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


def _scores(videos: Sequence[ScoredVideo], number: int) -> Values:
    """(R, N) scores of one model's seeds for the videos' frames, one after the other."""
    return np.concatenate([video.series[number].seeds for video in videos], axis=1)


def _histogram(model: Model, scores: Values, labels: Labels, axis: Axis) -> Histogram:
    normal, abnormal = scores[:, ~labels], scores[:, labels]
    words = [
        f"{name} frames: median {significant(float(np.median(found))):g}, {np.mean(found > 1):.0%} above 1"
        for name, found in (("normal", normal), ("abnormal", abnormal))
        if found.size
    ]
    return Histogram(
        model, _shares(normal, axis), _shares(abnormal, axis), f"Scores by {model.short}. {'; '.join(words)}."
    )


def _shares(scores: Values, axis: Axis) -> Values:
    counts = np.histogram(1 - axis.from_top(scores), bins=BINS, range=(0.0, 1.0))[0]
    return np.asarray(counts / max(scores.size, 1))


def _roc(models: Sequence[Model], scene: str, scores: Sequence[Values], labels: Labels) -> tuple[Chart | None, str]:
    series = []
    words = []
    for model, seeds in zip(models, scores, strict=True):
        hits = [found for seed in seeds if (found := hits_at(labels, seed)) is not None]
        if not hits:
            missing = "abnormal" if not labels.any() else "normal"
            return None, f"No frame is labelled {missing} here, so there is no ROC curve."
        one = Series(model.short, model.accent, 100 * np.array(hits), model.leads)
        series.append(one)
        words.append(
            f"{model.short}: AUC {model.row.cell('scene_auc', scene).text()}, {one.mean[FEW]:.0f} % found at 1 % false "
            f"alarms, {one.mean[SOME]:.0f} % at 10 %"
        )
    spoken = f"Share of abnormal frames found by share of false alarms in {scene}. {'; '.join(words)}."
    return roc_chart(series, FALSE_ALARMS), spoken


def draw_roc(distribution: Distribution, chart: Chart) -> Figure:
    """ROC curves of one scene."""
    figure = Figure((ONE_COLUMN, 3.3), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1000], [0, 1], color=LINE, lw=0.8, zorder=1)
    draw_curves(axes, chart)
    axes.set_title(distribution.scene, loc="left")
    axes.set_ylim(-0.01, 1.01)
    axes.legend(loc="lower right")
    return figure


def draw_histograms(distribution: Distribution, *, in_scene_scale: bool) -> Figure:
    """Scores of one scene's frames by model: normal ones upwards and light, abnormal ones downwards and dark."""
    models = distribution.histograms
    figure = Figure((ONE_COLUMN, 0.8 + 1.15 * len(models)), layout="constrained")
    panels = figure.subplots(len(models), 1, sharex=True, squeeze=False)[:, 0]
    edges = [number / BINS for number in range(BINS + 1)]
    for axes, one in zip(panels, models, strict=True):
        shade = colour(one.model.accent)
        for shares, alpha in ((one.normal, 0.2), (-one.abnormal, 0.75)):
            axes.stairs(100 * shares, edges, fill=True, color=shade, alpha=alpha)
            axes.stairs(100 * shares, edges, color=shade, lw=0.8)
        axes.axhline(0, color="black", lw=0.6)
        if in_scene_scale:
            axes.axvline(distribution.from_left(1.0), color=QUIET, lw=0.8, ls="--")
        axes.set_ylim(-105 * distribution.tallest, 105 * distribution.tallest)
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        axes.set_title(one.model.short, loc="left", fontsize=8)
        for name, place in (("normal", 0.97), ("abnormal", 0.03)):
            top = "top" if name == "normal" else "bottom"
            axes.text(0.99, place, name, transform=axes.transAxes, ha="right", va=top, color=QUIET)
    ticks = distribution.axis.ticks
    panels[-1].set_xticks([1 - tick.at for tick in ticks], [tick.text for tick in ticks])
    panels[-1].set(xlabel=SCORE, xlim=(0, 1))
    figure.supylabel("frames, % of their kind", fontsize=8)
    figure.suptitle(distribution.scene, x=0.02, ha="left", fontsize=9)
    return figure
