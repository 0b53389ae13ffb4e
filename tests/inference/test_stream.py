"""Streaming: nothing that is held grows with the video's length."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.inference.annotated_video import _around
from scenewise.inference.annotation_panel import SECONDS, Row
from scenewise.inference.curve_outline import COLUMNS, Outline
from scenewise.inference.events import SCORES, watch
from scenewise.inference.stream import EncodedFrames, score_frames, small, take_first
from scenewise.methods.scores import Chunk, Scored
from scenewise.methods.segments.frame_errors import stream_frame_errors
from scenewise.scoring.calibration import SceneScale
from scenewise.scoring.smoothing import stream_smooth

PICTURE = np.zeros((4, 6, 3), np.uint8)


class FirstFeature:
    """Scores like a `Scorer` whose error is the first feature, as it is."""

    def stream(self, pieces: Iterator[Chunk], fps: float, scene: str) -> Iterator[Scored]:
        chunks = (piece.features for piece in pieces)
        errors = stream_frame_errors(chunks, lambda segments: segments[..., 0].astype(np.float32), 16, 4)
        return (Scored(scores, None) for scores in stream_smooth(errors, 0.2, fps))


def pieces(frames: int, taken: list[int]) -> Iterator[EncodedFrames]:
    for first in range(0, frames, 32):
        count = min(32, frames - first)
        features = np.arange(first, first + count, dtype=np.float16)[:, None] % 97
        taken.append(first + count)
        yield EncodedFrames(features, (first + np.arange(count)) / 10, np.zeros(count, bool), [PICTURE] * count)


def test_scores_follow_the_frames_by_a_bounded_lag() -> None:
    taken: list[int] = []
    done, lags = 0, []
    for piece in score_frames(pieces(2000, taken), FirstFeature(), 10.0, "road"):  # type: ignore[arg-type]
        assert piece.first == done and len(piece.scores) == len(piece.times) == len(piece.pictures)
        np.testing.assert_allclose(piece.times, (done + np.arange(len(piece.times))) / 10)
        done += len(piece.scores)
        lags.append(taken[-1] - done)
    assert done == 2000 and max(lags) < 32 + 16 + 4 + 2 * 8 and lags[-1] == 0


def test_the_first_frames_are_taken_once() -> None:
    stream = pieces(100, [])
    assert [len(piece.features) for piece in take_first(stream, 40)] == [32, 32]
    assert [len(piece.features) for piece in stream] == [32, 4]
    assert [len(piece.features) for piece in take_first(pieces(20, []), 40)] == [20]


def test_pictures_are_small() -> None:
    assert small(np.zeros((1080, 1920, 3), np.uint8)).shape == (180, 320, 3)
    assert small(PICTURE) is PICTURE


@given(st.integers(1, 9000), st.integers(0, 99))
def test_an_outline_is_bounded_and_holds_the_extremes(frames: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=frames).astype(np.float32)
    outline = Outline()
    for part in np.array_split(np.arange(frames), 3):
        outline.add(part / 25, scores[part])
    columns = outline.columns()
    assert len(columns) < 2 * COLUMNS
    for place, (time, low, high) in enumerate(columns):
        own = scores[place * outline.stride : (place + 1) * outline.stride]
        assert (time, low, high) == (place * outline.stride / 25, own.min(), own.max())


@given(st.lists(st.floats(0, 3), max_size=60))
def test_what_is_near_each_frame(steps: list[float]) -> None:
    times = np.cumsum(steps).tolist()
    rows = [Row(index, time, 0.0) for index, time in enumerate(times)]
    found = list(_around(iter(rows)))
    assert [now for now, _ in found] == rows
    for now, near in found:
        wanted = [row for row in rows if now.time - SECONDS <= row.time <= now.time + SECONDS]
        assert [row for row in near if abs(row.time - now.time) <= SECONDS] == wanted
        assert len(near) <= len(wanted) + 1  # the one row that was read too far


def test_without_an_event_the_highest_frame_is_the_moment(tmp_path: Path) -> None:
    scored = score_frames(pieces(300, []), FirstFeature(), 10.0, "road")  # type: ignore[arg-type]
    found = watch(scored, tmp_path, "road", SceneScale(0.0, 100.0), 5.0, 3)
    assert found.events == [] and len(found.moments) == 1 and found.frames == 300
    assert len((tmp_path / SCORES).read_text().splitlines()) == 301
