"""Every figure against an independent, obvious implementation."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.evaluation.metrics import (
    average_precision,
    constant_per_scene_auc,
    equal_error_rate,
    frame_auc,
    mean_of_defined,
    padded_auc,
    pairs_within_scene,
)
from scenewise.evaluation.scene_dependence import ScoredVideo, scene_dependence
from scenewise.labels.labels import Event


def slow_auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of abnormal-normal pairs in the right order, ties half (Mann-Whitney)."""
    wins = [1.0 if high > low else 0.5 if high == low else 0.0 for high in scores[labels] for low in scores[~labels]]
    return float(np.mean(wins))


def slow_average_precision(labels: np.ndarray, scores: np.ndarray) -> float:
    total, recall_before = 0.0, 0.0
    for threshold in sorted(set(scores.tolist()), reverse=True):
        flagged = scores >= threshold
        precision, recall = labels[flagged].mean(), (labels & flagged).sum() / labels.sum()
        total += (recall - recall_before) * precision
        recall_before = recall
    return float(total)


def slow_equal_error_rate(labels: np.ndarray, scores: np.ndarray) -> float:
    """Walk the ROC curve's straight pieces, and find where false alarms equal misses, by bisection on each."""
    points = [(0.0, 1.0)]
    for threshold in sorted(set(scores.tolist()), reverse=True):
        flagged = scores >= threshold
        points.append((float(flagged[~labels].mean()), float((~flagged)[labels].mean())))
    for (f0, m0), (f1, m1) in itertools.pairwise(points):
        if f1 >= m1:
            low, high = 0.0, 1.0
            for _ in range(60):
                at = (low + high) / 2
                if f0 + at * (f1 - f0) >= m0 + at * (m1 - m0):
                    high = at
                else:
                    low = at
            return f0 + high * (f1 - f0)
    raise AssertionError("the curve ends at misses 0")


@st.composite
def labelled_scores(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    labels = np.array(draw(st.lists(st.booleans(), min_size=2, max_size=40)))
    labels[0], labels[-1] = True, False
    scores = draw(st.lists(st.integers(-5, 9), min_size=len(labels), max_size=len(labels)))  # few values: many ties
    return labels, np.array(scores) / 4


@given(labelled_scores())
def test_figures_equal_slow_implementations(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    labels, scores = drawn
    assert frame_auc(labels, scores) == pytest.approx(slow_auc(labels, scores))
    assert average_precision(labels, scores) == pytest.approx(slow_average_precision(labels, scores))
    assert equal_error_rate(labels, scores) == pytest.approx(slow_equal_error_rate(labels, scores), abs=1e-6)


def test_figures_of_one_class_are_undefined() -> None:
    for labels in (np.zeros(5, bool), np.ones(5, bool), np.empty(0, bool)):
        scores = np.arange(len(labels))
        assert frame_auc(labels, scores) is None
        assert average_precision(labels, scores) is None
        assert equal_error_rate(labels, scores) is None
    assert mean_of_defined([None, 0.25, 0.75]) == 0.5
    assert mean_of_defined([None]) is None


def test_perfect_and_reversed_scores() -> None:
    labels = np.array([False, False, True, True])
    assert equal_error_rate(labels, np.array([0, 1, 2, 3])) == pytest.approx(0)
    assert equal_error_rate(labels, np.array([3, 2, 1, 0])) == pytest.approx(1)


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.booleans(), min_size=1, max_size=8), min_size=1))
def test_no_constants_beat_the_best(drawn: dict[str, list[bool]]) -> None:
    labels = {scene: np.array(drawn_labels) for scene, drawn_labels in drawn.items()}
    pooled = np.concatenate(list(labels.values()))
    constants_auc = constant_per_scene_auc(labels)
    if pooled.all() or not pooled.any():
        assert constants_auc == {"best": None, "zero_or_one": None}
        return
    tried = []
    for constants in itertools.product(range(len(labels)), repeat=len(labels)):
        scores = np.concatenate(
            [np.full(len(of_scene), c) for of_scene, c in zip(labels.values(), constants, strict=True)]
        )
        tried.append(slow_auc(pooled, scores))
    assert constants_auc["best"] == pytest.approx(max(tried))
    abnormal = np.concatenate([np.full(len(of_scene), of_scene.any()) for of_scene in labels.values()]).astype(float)
    assert constants_auc["zero_or_one"] == pytest.approx(slow_auc(pooled, abnormal))


def test_constants_of_shanghaitech_sd() -> None:
    # Frames and abnormal frames of its test scenes, from the data set's description.
    counts = {"01": (1710, 0), "06": (795, 328), "10": (1034, 848), "12": (2407, 1722)}
    labels = {scene: np.arange(frames) < abnormal for scene, (frames, abnormal) in counts.items()}
    constants_auc = constant_per_scene_auc(labels)
    assert round(constants_auc["zero_or_one"], 3) == 0.781
    assert round(constants_auc["best"], 3) == 0.847


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.booleans(), max_size=8)))
def test_pairs_within_a_scene_are_counted_one_by_one(drawn: dict[str, list[bool]]) -> None:
    frames = [(scene, label) for scene, drawn_labels in drawn.items() for label in drawn_labels]
    pairs = [high == low for high, abnormal in frames if abnormal for low, other in frames if not other]
    share = pairs_within_scene({scene: np.array(drawn_labels, bool) for scene, drawn_labels in drawn.items()})
    assert share == (pytest.approx(np.mean(pairs)) if pairs else None)


def test_pairs_within_the_scenes_of_shanghaitech_sd() -> None:
    counts = {"01": (1710, 0), "06": (795, 328), "10": (1034, 848), "12": (2407, 1722)}
    labels = {scene: np.arange(frames) < abnormal for scene, (frames, abnormal) in counts.items()}
    assert pairs_within_scene(labels) == pytest.approx((328 * 467 + 848 * 186 + 1722 * 685) / (2898 * 3048))


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 5)), min_size=1, max_size=20))
def test_padding_puts_a_normal_frame_below_and_an_abnormal_one_above(drawn: list[tuple[bool, int]]) -> None:
    labels, scores = (np.array(column) for column in zip(*drawn, strict=True))
    expected = slow_auc(np.array([False, *labels, True]), np.array([-9, *scores, 9]))
    assert padded_auc(labels, scores) == pytest.approx(expected)


def event(kind: str, first: int, last: int, abnormal: bool) -> Event:
    return Event.model_validate({"class": kind, "first_frame": first, "last_frame": last, "abnormal": abnormal})


def video(scene: str, scores: list[float], *events: Event, labels: list[int] | None = None) -> ScoredVideo:
    return ScoredVideo(scene, np.array(scores, np.float32), None if labels is None else np.array(labels, bool), events)


def test_scene_dependence_by_hand() -> None:
    walkway = video("walkway", [0, 0, 3, 3, 9], event("bicycle", 2, 3, True), event("running", 4, 4, True))
    road = video("road", [1, 1, 0.5, 0.5], event("bicycle", 2, 3, False))
    held_out = {"walkway": np.array([4, 0], np.float32), "road": np.array([0, 1], np.float32)}
    aucs, rates = scene_dependence([walkway, road], held_out, alarm_at=1.0)
    # walkway: 3, 3 against 0, 0 (test, in no event) and 4, 0 (held out): 3 of 4 are lower. Running is not ordinary.
    # road: 0.5, 0.5 against 1, 1, 0, 1: one of four is lower.
    assert aucs == {"bicycle": {"where_abnormal": 0.75, "where_normal": 0.25}}
    assert rates == {"bicycle": {"where_abnormal": 1.0, "where_normal": 0.0}}


def test_frames_are_ordinary_only_if_events_are_known() -> None:
    walkway = video("walkway", [0, 5], event("bicycle", 1, 1, True))
    road = video("road", [2, 1, 3], event("bicycle", 0, 0, False), labels=[0, 0, 1])  # the 3 is labelled abnormal
    unknown = ScoredVideo("road", np.full(9, 9, np.float32), None, None)
    labelled_only = ScoredVideo("road", np.full(9, 9, np.float32), np.zeros(9, bool), None)
    aucs, _ = scene_dependence([walkway, road, unknown, labelled_only], {}, None)
    assert aucs["bicycle"]["where_normal"] == 1.0, "2 against 1 alone"
    calm = video("road", [9, 9, 9], labels=[0, 0, 1])
    aucs, _ = scene_dependence([walkway, road, calm], {}, None)
    assert aucs["bicycle"]["where_normal"] == pytest.approx(1 / 3), "a video that is known to have no events counts"


EVENTS = st.builds(
    lambda kind, first, length, abnormal: event(kind, first, min(first + length, 29), abnormal),
    st.sampled_from(["bicycle", "running"]),
    st.integers(0, 29),
    st.integers(0, 20),
    st.booleans(),
)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(EVENTS, max_size=5), st.booleans()), max_size=6))
def test_scores_equal_to_the_labels_reach_the_ideal(drawn: list[tuple[str, list[Event], bool]]) -> None:
    videos = []
    for scene, events, labelled in drawn:
        labels = [int(any(e.abnormal and e.first_frame <= k <= e.last_frame for e in events)) for k in range(30)]
        labels[7] = int(labelled or labels[7])  # abnormal, but in no event
        videos.append(video(scene, labels, *events, labels=labels if labelled else None))
    held_out = {scene: np.zeros(3, np.float32) for scene in "abc"}
    aucs, rates = scene_dependence(videos, held_out, alarm_at=0.5)
    for kind in aucs:
        assert aucs[kind]["where_normal"] in (0.5, None) and aucs[kind]["where_abnormal"] == 1.0
        assert rates[kind]["where_normal"] in (0.0, None) and rates[kind]["where_abnormal"] == 1.0


def test_classes_that_are_abnormal_everywhere_do_not_count() -> None:
    running = video("a", [0] * 4, event("running", 0, 1, True))
    assert scene_dependence([running, running._replace(scene="b")], {}, None) == ({}, {})


def test_a_class_depends_on_the_scene_only_if_two_scenes_differ() -> None:
    both = video("a", [0] * 4, event("running", 0, 1, True), event("running", 2, 2, False))
    assert scene_dependence([both], {}, None) == ({}, {})
    assert scene_dependence([both, video("b", [0] * 4, event("running", 0, 1, True))], {}, None)[0].keys() == {
        "running"
    }


def test_average_precision_is_never_above_1() -> None:
    """Its sum over the steps of recall is 1.0000000000000002 for many numbers of perfectly ranked frames."""
    for abnormal in range(1, 60):
        labels = np.arange(60) >= 60 - abnormal
        found = average_precision(labels.astype(np.uint8), np.arange(60, dtype=np.float32))
        assert found is not None and 1 - 1e-9 < found <= 1
