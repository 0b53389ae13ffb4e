"""95 % intervals of the figures: where they could lie on other test footage of the same cameras.

The intervals cover the choice of test footage alone. They do not cover another training of the model.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.bootstrap import Values, Weights, draw_blocks, draw_videos, weighted_auc, weighted_share
from scenewise.evaluation.metrics import Labels, frame_auc, padded_auc
from scenewise.evaluation.scene_dependence import ScoredVideo, class_frames, dependent_classes
from scenewise.labels.labels import abnormal_ranges

RESAMPLES, SEED, LEVEL = 1000, 0, 0.95
AT_A_TIME = 32
"""Resamples whose weights are in memory together."""
FEW_VIDEOS = 10
"""If a scene has fewer videos, blocks of its frames are drawn: with 3 videos, intervals of whole videos cover worse;
with 5 to 9 both cover equally well (benchmarks/intervals.py)."""
LEAST_SECONDS, LEAST_BLOCKS = 2.0, 6
"""A block lasts as long as the scene's events on average, which covers far better than a fixed 2 s. It lasts at least
2 s, and is short enough that the scene has 6 blocks."""

Interval = list[float] | None
Path = tuple[str, ...]
"""Where a figure stands in metrics.json: (figure,), (figure, scene) or (figure, class, where)."""


class HeldOut(NamedTuple):
    """Held-out normal training frames of one scene."""

    scores: NDArray[np.float32]
    """(N,) on the scale of the test scores."""
    lengths: tuple[int, ...]
    """Frames of each of its videos or parts of one, in order; they sum to N."""


class _Stratum(NamedTuple):
    """Footage that is resampled by itself: the test videos of one scene, or its held-out normal footage."""

    lengths: tuple[int, ...]
    block: int | None
    """Frames of a block; None if whole videos are drawn."""

    def draw(self, resamples: int, random: np.random.Generator) -> Weights:
        if self.block is None:
            return draw_videos(self.lengths, resamples, random)
        return draw_blocks(sum(self.lengths), self.block, resamples, random)


def intervals(
    videos: Sequence[ScoredVideo],
    fps: Sequence[float],
    held_out: dict[str, HeldOut],
    alarm_at: float | None,
    macro: Literal["defined", "padded"],
    resamples: int = RESAMPLES,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """`intervals` and `bootstrap` of metrics.json: [low, high] of every figure, and how they were drawn.

    Percentile intervals of `resamples` resamples of the test `videos` and of `held_out`, scene by scene, from a fixed
    seed. The interval is None if the figure is undefined, or undefined in more than 5 % of the resamples: their values
    could lie beyond either end.
    """
    order = sorted(range(len(videos)), key=lambda place: videos[place].scene)
    videos, fps = [videos[place] for place in order], [fps[place] for place in order]
    scenes = sorted({video.scene for video in videos})
    event_lengths = {scene: _event_length([v for v in videos if v.scene == scene]) for scene in scenes}
    rates = {
        scene: float(np.mean([f for v, f in zip(videos, fps, strict=True) if v.scene == scene])) for scene in scenes
    }
    held_out = {scene: held_out[scene] for scene in scenes if scene in held_out}
    tested = {scene: tuple(len(video.scores) for video in videos if video.scene == scene) for scene in scenes}
    strata = [_stratum(lengths, event_lengths[scene], rates[scene]) for scene, lengths in tested.items()]
    strata += [_stratum(normal.lengths, event_lengths[scene], rates[scene]) for scene, normal in held_out.items()]
    random = np.random.default_rng(SEED)
    values_of: dict[Path, list[Values]] = {}
    for first in range(0, resamples, AT_A_TIME):
        count = min(AT_A_TIME, resamples - first)
        weights = np.concatenate([stratum.draw(count, random) for stratum in strata], axis=1)
        for path, values in _figures(videos, held_out, strata, alarm_at, macro, weights).items():
            values_of.setdefault(path, []).append(values)
    described = {
        "resamples": resamples,
        "seed": SEED,
        "level": LEVEL,
        "method": "percentile intervals; whole videos drawn scene by scene, blocks of frames where there are few",
        "few_videos": FEW_VIDEOS,
        "scenes": {
            scene: {"videos": len(stratum.lengths), "block_frames": stratum.block}
            for scene, stratum in zip(scenes, strata, strict=False)
        },
    }
    return _nested({path: _interval(np.concatenate(values)) for path, values in values_of.items()}), described


def _event_length(videos: Sequence[ScoredVideo]) -> float:
    """Mean length in frames of a scene's events and runs of abnormal labels; 0 if it has neither."""
    lengths = [
        last - first + 1
        for video in videos
        if video.labels is not None
        for first, last in abnormal_ranges(video.labels)
    ]
    lengths += [event.last_frame - event.first_frame + 1 for video in videos for event in video.events or ()]
    return float(np.mean(lengths)) if lengths else 0.0


def _stratum(lengths: tuple[int, ...], event_length: float, fps: float) -> _Stratum:
    if len(lengths) >= FEW_VIDEOS:
        return _Stratum(lengths, None)
    block = min(max(event_length, LEAST_SECONDS * fps), sum(lengths) / LEAST_BLOCKS)
    return _Stratum(lengths, max(round(block), 1))


def _figures(
    videos: Sequence[ScoredVideo],
    held_out: dict[str, HeldOut],
    strata: Sequence[_Stratum],
    alarm_at: float | None,
    macro: str,
    weights: Weights,
) -> dict[Path, Values]:
    """Every figure in every resample; `weights` (R, N) are those of all test frames, then of all held-out frames."""
    labels = np.concatenate([np.zeros(len(v.scores), bool) if v.labels is None else v.labels for v in videos])
    labelled = np.concatenate([np.full(len(v.scores), v.labels is not None) for v in videos])
    scene_of = np.concatenate([np.full(len(v.scores), v.scene, object) for v in videos])
    scores = np.concatenate([v.scores for v in videos] + [normal.scores for normal in held_out.values()])
    tested = len(labels)

    def auc(chosen: Labels, positive: Labels) -> Values:
        """Over the `chosen` frames (N,); `positive` (N,) are the frames that should score higher."""
        frames = np.flatnonzero(chosen)
        return weighted_auc(positive[frames], scores[frames], weights[:, frames])

    values: dict[Path, Values] = {("frame_auc_micro",): auc(labelled, labels)}
    defined = []
    for scene in dict.fromkeys(video.scene for video in videos if video.labels is not None):
        chosen = labelled & (scene_of == scene)
        values["scene_auc", scene] = auc(chosen, labels)
        if (chosen & labels).any() and (chosen & ~labels).any():
            defined.append(values["scene_auc", scene])
    undefined = np.full(len(weights), np.nan)
    values["scene_auc_mean",] = np.mean(defined or [undefined], axis=0)
    values["frame_auc_macro",] = _macro(videos, strata, macro, weights)
    held_out_of = np.concatenate(
        [np.full(tested, ""), *(np.full(len(normal.scores), scene) for scene, normal in held_out.items())]
    )
    for kind, scenes in dependent_classes(videos).items():
        for where, abnormal in (("where_abnormal", True), ("where_normal", False)):
            aucs, rates = [], []
            for scene in sorted(scenes[abnormal]):
                of_class, ordinary = (
                    np.concatenate([frames, np.zeros(len(scores) - tested, bool)])
                    for frames in class_frames(videos, scene, kind, abnormal)
                )
                ordinary |= held_out_of == scene
                if of_class.any() and ordinary.any():
                    aucs.append(auc(of_class | ordinary, of_class))
                if of_class.any() and alarm_at is not None:
                    rates.append(weighted_share(scores[of_class] > alarm_at, weights[:, of_class]))
            # A mean over scenes is undefined in a resample if one of them is undefined there.
            values["event_auc", kind, where] = np.mean(aucs or [undefined], axis=0)
            values["event_alarm_rate", kind, where] = np.mean(rates or [undefined], axis=0)
    return values


def _macro(videos: Sequence[ScoredVideo], strata: Sequence[_Stratum], macro: str, weights: Weights) -> Values:
    """Mean AUC over the drawn videos.

    A video that was drawn whole counts as often as it was drawn. If blocks were drawn, each video counts once, with its
    drawn frames.
    """
    whole = [stratum.block is None for stratum in strata for _ in stratum.lengths]
    edges = np.cumsum([0, *(len(video.scores) for video in videos)])
    total, count = np.zeros(len(weights)), np.zeros(len(weights))
    for video, drawn_whole, (first, stop) in zip(videos, whole, pairwise(edges), strict=False):
        if video.labels is None:
            continue
        drawn = weights[:, first:stop]
        if drawn_whole:
            auc = padded_auc(video.labels, video.scores) if macro == "padded" else frame_auc(video.labels, video.scores)
            values, times = np.full(len(weights), np.nan if auc is None else auc), drawn[:, 0]
        else:
            values, times = weighted_auc(video.labels, video.scores, drawn), drawn.max(axis=1) > 0
            if macro == "padded":
                abnormal = drawn[:, video.labels].sum(axis=1)
                normal = drawn[:, ~video.labels].sum(axis=1)
                right = np.nan_to_num(values) * abnormal * normal
                values = (right + abnormal + normal + 1) / ((abnormal + 1) * (normal + 1))
        times = np.where(np.isnan(values), 0, times)
        total += np.nan_to_num(values) * times
        count += times
    with np.errstate(invalid="ignore"):
        return total / count


def _interval(values: Values) -> Interval:
    defined = values[~np.isnan(values)]
    if len(defined) < LEVEL * len(values):
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return [float(low), float(high)]


def _nested(interval_of: dict[Path, Interval]) -> dict[str, Any]:
    """{figure: interval}, nested by scene or class as in metrics.json."""
    nested: dict[str, Any] = {}
    for (*outer, name), interval in interval_of.items():
        place = nested
        for key in outer:
            place = place.setdefault(key, {})
        place[name] = interval
    return nested
