"""A scorer applied to a video: smoothing, objects beside their frames, and a delay that is kept to."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.errors import PlugInError
from scenewise.methods.scores import Chunk, Scored, ScoredObjects
from scenewise.objects.object_table import no_objects
from scenewise.runs.score_stream import delay_of, score_all, score_stream
from scenewise.scoring.smoothing import smooth

FPS = 10.0


class MeanOfTheNext:
    """Scores a frame by the mean of the first feature over it and the frames it looks ahead to."""

    def __init__(self, frames: int = 12, objects: bool = False, maps: bool = False) -> None:
        self.frames, self.objects, self.maps = frames, objects, maps

    def look_ahead(self, fps: float) -> float:
        return self.frames / fps

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        needed = self.frames if look_ahead is None else min(self.frames, round(look_ahead * fps))
        held, first = np.empty(0, np.float32), 0
        for chunk in chunks:
            held = np.concatenate([held, chunk.features[:, 0]])
            ready = len(held) - needed
            if ready > 0:
                yield self._scored(held, first, ready, needed)
                held, first = held[ready:], first + ready
        if len(held):
            yield self._scored(held, first, len(held), needed)

    def _scored(self, held: np.ndarray, first: int, count: int, needed: int) -> Scored:
        scores = np.array([held[place : place + needed + 1].mean() for place in range(count)], np.float32)
        if self.maps:
            return Scored(scores, None, scores[:, None, None] + np.arange(-5, 1, dtype=np.float32).reshape(2, 3))
        if not self.objects:
            return Scored(scores, None)
        frame = np.arange(first, first + count, dtype=np.int32)
        rows = np.zeros(count, np.int32)
        return Scored(scores, ScoredObjects(frame, np.zeros((count, 4), np.float32), scores, rows, rows - 1))


def features(frames: int) -> np.ndarray:
    return np.random.default_rng(frames).random((frames, 1)).astype(np.float32)


def chunks(rows: np.ndarray, size: int, taken: list[int]) -> Iterator[Chunk]:
    for first in range(0, len(rows), size):
        taken.append(len(rows[: first + size]))
        yield Chunk(rows[first : first + size], no_objects(1))


@given(st.integers(0, 150), st.integers(1, 40), st.none() | st.floats(0.2, 6), st.floats(0, 0.5))
def test_scores_are_smoothed_complete_and_never_later_than_said(
    frames: int, size: int, latency: float | None, smoothing: float
) -> None:
    scorer, rows = MeanOfTheNext(objects=True), features(frames)
    delay = delay_of(scorer, FPS, smoothing, latency)
    taken: list[int] = []
    parts = []
    done = 0
    for scored in score_stream(scorer, chunks(rows, size, taken), FPS, "road", smoothing, latency):
        done += len(scored.scores)
        parts.append(scored.scores)
        assert scored.objects is not None
        assert scored.objects.frame.tolist() == list(range(done - len(scored.scores), done))
        assert taken[-1] - done <= round(delay.latency * FPS) or taken[-1] < size, "no later than it has to be"
    assert done == frames
    raw = [part.scores for part in scorer.stream([Chunk(rows, None)], FPS, "road", delay.look_ahead)]
    together = np.concatenate([np.empty(0, np.float32), *parts])
    expected = smooth(np.concatenate([np.empty(0, np.float32), *raw]), smoothing, FPS, delay.smoothing)
    assert together.tobytes() == expected.tobytes()


@given(st.integers(0, 50), st.floats(0, 1), st.floats(0.2, 60), st.sampled_from([5.0, 12.5, 25.0, 29.97]))
def test_the_delay_is_what_is_needed_and_no_more_than_is_granted(
    frames: int, smoothing: float, most: float, fps: float
) -> None:
    scorer = MeanOfTheNext(frames)
    needed = delay_of(scorer, fps, smoothing)
    assert needed.look_ahead is None and needed.smoothing is None
    assert needed.latency == pytest.approx((frames + int(4 * smoothing * fps + 0.5)) / fps)
    delay = delay_of(scorer, fps, smoothing, most)
    if needed.latency <= most:
        assert delay == needed
    else:
        assert delay.look_ahead is not None and delay.smoothing is not None
        assert most - 2 / fps < delay.latency <= most + 1e-6
        assert delay.look_ahead * needed.latency == pytest.approx(most * frames / fps, abs=needed.latency / fps)


class Waiting(MeanOfTheNext):
    """Cannot do with less than 0.5 seconds."""

    def least_look_ahead(self, fps: float) -> float:
        return 0.5


def test_a_scorer_that_has_to_wait_takes_it_from_the_smoothing_or_is_late() -> None:
    assert delay_of(Waiting(), FPS, 0.4, 0.7) == (0.5, 2, pytest.approx(0.7))
    assert delay_of(Waiting(), FPS, 0.4, 0.2) == (0.5, 0, 0.5)
    assert delay_of(Waiting(), FPS, 0.4, 2.4) == delay_of(MeanOfTheNext(), FPS, 0.4, 2.4)
    assert delay_of(Waiting(), FPS, 0.4) == delay_of(MeanOfTheNext(), FPS, 0.4)


def test_a_look_ahead_is_stated_in_whole_frames_rounded_up() -> None:
    assert delay_of(MeanOfTheNext(17), 12.5, 0.0).latency == pytest.approx(17 / 12.5)
    scorer = MeanOfTheNext()
    scorer.look_ahead = lambda fps: 1.25  # type: ignore[method-assign]
    assert delay_of(scorer, FPS, 0.0).latency == pytest.approx(1.3)


def test_a_score_depends_on_nothing_later_than_the_latency() -> None:
    rows = features(120)
    before = score_all(MeanOfTheNext(), chunks(rows, 7, []), FPS, "road", 0.4, 1.5).scores
    rows[60:] += 1
    after = score_all(MeanOfTheNext(), chunks(rows, 9, []), FPS, "road", 0.4, 1.5).scores
    assert (before[: 60 - 15] == after[: 60 - 15]).all() and (before[59:] != after[59:]).all()


def test_frames_alone_have_no_objects() -> None:
    assert score_all(MeanOfTheNext(), chunks(features(30), 8, []), FPS, "road", 0.1).objects is None
    assert score_all(MeanOfTheNext(), iter(()), FPS, "road", 0.1).scores.shape == (0,)


def test_an_object_scores_at_most_what_its_frame_does() -> None:
    """Its own score where that is less; whatever the chunks and the delay."""

    class Loud(MeanOfTheNext):
        def _scored(self, held: np.ndarray, first: int, count: int, needed: int) -> Scored:
            found = super()._scored(held, first, count, needed)
            assert found.objects is not None
            loud = np.where(found.objects.frame % 2, 9, -9).astype(np.float32)
            return Scored(found.scores, replace(found.objects, score=loud))

    rows = features(90)
    for size, latency in ((7, None), (90, None), (1, 0.5)):
        found = score_all(Loud(objects=True), chunks(rows, size, []), FPS, "road", 0.3, latency)
        assert found.objects is not None and len(found.objects) == 90
        odd = found.objects.frame % 2 == 1
        np.testing.assert_array_equal(found.objects.score[odd], found.scores[odd])
        assert (found.objects.score[~odd] == -9).all()


def test_objects_beside_the_scores_of_other_frames_are_told() -> None:
    class Late(MeanOfTheNext):
        def _scored(self, held: np.ndarray, first: int, count: int, needed: int) -> Scored:
            scored = super()._scored(held, first, count, needed)
            assert scored.objects is not None
            return scored._replace(objects=replace(scored.objects, frame=scored.objects.frame - 5))

    with pytest.raises(PlugInError, match="objects of frames"):
        score_all(Late(objects=True), chunks(features(40), 10, []), FPS, "lane", 0.0)


@pytest.mark.parametrize("size", [1, 7, 60])
def test_maps_come_with_their_frames_and_score_at_most_what_they_do(size: int) -> None:
    rows = features(60)
    scorer = MeanOfTheNext(maps=True)
    found = list(score_stream(scorer, chunks(rows, size, []), FPS, "road", 0.2))
    for part in found:
        assert part.maps is not None and part.maps.shape == (len(part.scores), 2, 3)
    whole = score_all(scorer, chunks(rows, 60, []), FPS, "road", 0.2)
    raw = score_all(scorer, chunks(rows, 60, []), FPS, "road", 0.0)
    assert whole.maps is not None and raw.maps is not None and raw.maps.shape == (60, 2, 3)
    np.testing.assert_array_equal(raw.maps.max(axis=(1, 2)), raw.scores)
    np.testing.assert_allclose(whole.maps, np.minimum(raw.maps, whole.scores[:, None, None]))
    np.testing.assert_allclose(np.concatenate([part.maps for part in found if part.maps is not None]), whole.maps)


class Maps:
    """Gives every frame a score of 0, and every chunk the next of `maps`."""

    def __init__(self, *maps: np.ndarray | None) -> None:
        self.maps = maps

    def look_ahead(self, fps: float) -> float:
        return 0.0

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        for chunk, maps in zip(chunks, self.maps, strict=True):
            yield Scored(np.zeros(len(chunk.features), np.float32), None, maps)


@pytest.mark.parametrize(
    ("maps", "told"),
    [
        ((np.zeros((5, 2)), None), "rows, columns"),
        ((np.zeros((4, 2, 2)), None), "rows, columns"),
        ((np.full((5, 2, 2), np.nan), None), "finite"),
        ((np.zeros((5, 2, 2)), np.zeros((5, 2, 3))), "one grid"),
        ((np.zeros((5, 2, 2)), None), "one grid"),
        ((None, np.zeros((5, 2, 2))), "one grid"),
    ],
)
def test_maps_of_a_plugged_in_scorer_are_checked(maps: tuple[np.ndarray | None, ...], told: str) -> None:
    with pytest.raises(PlugInError, match=told):
        score_all(Maps(*maps), chunks(features(10), 5, []), FPS, "road", 0.2)
