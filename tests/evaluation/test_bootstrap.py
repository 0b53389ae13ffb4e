"""Resamples as weights, and the intervals they make, against frames that are really repeated."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from scenewise.evaluation.bootstrap import draw_blocks, draw_videos, weighted_auc, weighted_share
from scenewise.evaluation.intervals import FEW_VIDEOS, HeldOut, intervals
from scenewise.evaluation.metrics import frame_auc
from scenewise.evaluation.scene_dependence import ScoredVideo
from scenewise.labels.labels import Event


def repeated(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The frames of a resample themselves, each as often as it was drawn."""
    return np.repeat(values, weights.astype(int))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=30))
def test_a_weighted_auc_is_that_of_frames_repeated(drawn: list[tuple[bool, int, int]]) -> None:
    labels, scores, weights = (np.array(column) for column in zip(*drawn, strict=True))
    (value,) = weighted_auc(labels, scores, weights[None].astype(np.float32))
    expected = frame_auc(repeated(labels, weights), repeated(scores, weights))
    assert np.isnan(value) if expected is None else value == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=30))
def test_a_weighted_share_is_that_of_frames_repeated(drawn: list[tuple[bool, int]]) -> None:
    chosen, weights = (np.array(column) for column in zip(*drawn, strict=True))
    (value,) = weighted_share(chosen, weights[None].astype(np.float32))
    frames = repeated(chosen, weights)
    assert value == pytest.approx(frames.mean()) if len(frames) else np.isnan(value)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 9))
def test_whole_videos_are_drawn_as_many_as_there_are(lengths: list[int], seed: int) -> None:
    weights = draw_videos(lengths, 20, np.random.default_rng(seed))
    videos = np.split(weights, np.cumsum(lengths)[:-1], axis=1)
    assert all((drawn == drawn[:, :1]).all() for drawn in videos)
    assert (sum(drawn[:, 0] for drawn in videos) == len(lengths)).all()


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 9))
def test_blocks_lie_on_a_ring_and_hold_as_many_frames_as_there_are(frames: int, block: int, seed: int) -> None:
    weights = draw_blocks(frames, block, 20, np.random.default_rng(seed))
    random, block = np.random.default_rng(seed), min(block, frames)
    blocks = -(-frames // block)
    starts = random.integers(0, frames, (20, blocks))
    expected = np.zeros((20, frames))
    for resample, of_resample in enumerate(starts):
        for number, start in enumerate(of_resample):
            for step in range(block if number < blocks - 1 else frames - block * (blocks - 1)):
                expected[resample, (start + step) % frames] += 1
    np.testing.assert_array_equal(weights, expected)
    assert (weights.sum(axis=1) == frames).all()


def test_every_frame_is_drawn_equally_often() -> None:
    weights = draw_blocks(50, 8, 20_000, np.random.default_rng(0))
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.04)


def event(first: int, last: int, abnormal: bool) -> Event:
    return Event.model_validate({"class": "bicycle", "first_frame": first, "last_frame": last, "abnormal": abnormal})


def drawn_video(scene: str, random: np.random.Generator, frames: int = 60) -> ScoredVideo:
    """A bicycle of 20 frames, abnormal in scene b alone; there its frames score one higher."""
    first = int(random.integers(0, frames - 20))
    inside = (np.arange(frames) >= first) & (np.arange(frames) < first + 20)
    labels = inside & (scene == "b")
    scores = (random.normal(size=frames) + labels).astype(np.float32)
    return ScoredVideo(scene, scores, labels, (event(first, first + 19, scene == "b"),))


def two_scenes(videos: int) -> list[ScoredVideo]:
    random = np.random.default_rng(3)
    return [drawn_video(scene, random) for scene in "ab" for _ in range(videos)]


def held_out(scenes: str = "ab") -> dict[str, HeldOut]:
    random = np.random.default_rng(4)
    return {scene: HeldOut(random.normal(size=90).astype(np.float32), (60, 30)) for scene in scenes}


def intervals_of(videos: list[ScoredVideo], resamples: int = 200, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    given = {"held_out": held_out(), "alarm_at": 1.0, "macro": "defined"} | more
    return intervals(videos, [10.0] * len(videos), resamples=resamples, **given)


def test_intervals_hold_the_figures_and_are_reproducible() -> None:
    videos = two_scenes(4)
    first, described = intervals_of(videos)
    assert intervals_of(videos)[0] == first
    assert first["scene_auc"]["a"] is None, "no abnormal frame: undefined"
    pooled = roc_auc_score(np.concatenate([v.labels for v in videos]), np.concatenate([v.scores for v in videos]))
    low, high = first["frame_auc_micro"]
    assert low < pooled < high
    for interval in (
        first["scene_auc"]["b"],
        first["frame_auc_macro"],
        first["event_auc"]["bicycle"]["where_abnormal"],
    ):
        assert 0.5 < interval[0] < interval[1] < 1
    assert first["scene_auc_mean"] == first["scene_auc"]["b"]
    low, high = first["event_auc"]["bicycle"]["where_normal"]
    assert low < 0.5 < high
    assert 0 < first["event_alarm_rate"]["bicycle"]["where_normal"][0] < 0.3
    assert described["scenes"] == {name: {"videos": 4, "block_frames": 20} for name in "ab"}, "as long as the events"


def test_many_videos_are_drawn_whole_as_a_slow_bootstrap_draws_them() -> None:
    videos = two_scenes(FEW_VIDEOS)
    first, described = intervals_of(videos, 1000)
    assert described["scenes"]["b"]["block_frames"] is None
    random = np.random.default_rng(8)
    of_video = [roc_auc_score(v.labels, v.scores) for v in videos[FEW_VIDEOS:]]
    scene_aucs, macro = [], []
    for _ in range(1000):
        drawn = random.integers(0, FEW_VIDEOS, FEW_VIDEOS)
        labels = np.concatenate([videos[FEW_VIDEOS + k].labels for k in drawn])
        scores = np.concatenate([videos[FEW_VIDEOS + k].scores for k in drawn])
        scene_aucs.append(mannwhitneyu(scores[labels], scores[~labels]).statistic / (labels.sum() * (~labels).sum()))
        macro.append(np.mean([of_video[k] for k in drawn]))
    np.testing.assert_allclose(first["scene_auc"]["b"], np.quantile(scene_aucs, [0.025, 0.975]), atol=0.01)
    np.testing.assert_allclose(first["frame_auc_macro"], np.quantile(macro, [0.025, 0.975]), atol=0.01)


def test_longer_events_make_longer_blocks_but_at_least_six() -> None:
    labels = np.arange(600) < 450
    video = ScoredVideo("a", np.arange(600, dtype=np.float32), labels, None)
    assert intervals_of([video], 5)[1]["scenes"]["a"]["block_frames"] == 100
    short = video._replace(labels=np.arange(600) % 60 < 3)
    assert intervals_of([short], 5)[1]["scenes"]["a"]["block_frames"] == 20, "two seconds at least"


def test_a_figure_that_few_resamples_define_has_no_interval() -> None:
    rare = ScoredVideo("a", np.arange(600, dtype=np.float32), np.arange(600) == 300, None)
    assert intervals_of([rare])[0]["frame_auc_micro"] is None, "a third of the resamples hold no abnormal frame"
    unlabelled = rare._replace(labels=None)
    first, _ = intervals_of([unlabelled])
    assert first["frame_auc_micro"] is None and first["frame_auc_macro"] is None and "scene_auc" not in first


def test_padded_videos_of_one_class_count_as_one() -> None:
    calm = [ScoredVideo("a", np.zeros(30, np.float32), np.zeros(30, bool), None) for _ in range(2 * FEW_VIDEOS)]
    assert intervals_of(calm, 20, macro="padded")[0]["frame_auc_macro"] == [1.0, 1.0]
    assert intervals_of(calm[:3], 20, macro="padded")[0]["frame_auc_macro"] == [1.0, 1.0]
    assert intervals_of(calm, 20)[0]["frame_auc_macro"] is None


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_the_scenes_does_not_matter(order: list[int]) -> None:
    videos = two_scenes(3)
    a, b = [videos[k] for k in order if k < 3], [videos[k] for k in order if k >= 3]
    mixed = [videos[k] for k in order]
    assert intervals_of(mixed, 10)[0] == intervals_of([*a, *b], 10)[0]
