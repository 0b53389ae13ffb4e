"""A run applied to a video: raw scores of the method, smoothed, and objects with the score of their frame."""

from collections.abc import Iterable, Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.methods.scores import Chunk, Scored, ScoredObjects
from scenewise.runs.scored_video import score_video, stream_scores
from scenewise.scoring.smoothing import smooth

FRAMES, FPS = 60, 10.0


class Echo:
    """Scores that are the first feature, and an object in every third frame."""

    def __init__(self, with_objects: bool) -> None:
        self.with_objects = with_objects

    def look_ahead(self, fps: float) -> float:
        return 0.0

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        seen = 0
        for chunk in chunks:
            scores = chunk.features[:, 0].astype(np.float32)
            frame = np.arange(seen, seen + len(scores), dtype=np.int32)
            frame = frame[frame % 3 == 0]
            seen += len(scores)
            box, numbers = np.zeros((len(frame), 4), np.float32), np.full(len(frame), -1, np.int64)
            objects = ScoredObjects(frame, box, scores[frame - seen + len(scores)], frame, numbers)
            yield Scored(scores, objects if self.with_objects else None)


@given(st.lists(st.integers(0, FRAMES), max_size=8).map(sorted), st.sampled_from([0.0, 0.1, 0.4]), st.booleans())
def test_however_the_frames_come(cuts: list[int], smoothing: float, with_objects: bool) -> None:
    features = np.random.default_rng(0).random((FRAMES, 2)).astype(np.float32)
    chunks = [Chunk(part, None) for part in np.split(features, cuts)]
    parts = list(stream_scores(Echo(with_objects), chunks, FPS, "place", smoothing))
    expected = smooth(features[:, 0], smoothing, FPS)
    np.testing.assert_array_equal(np.concatenate([part.scores for part in parts]), expected)
    given = 0
    for part in parts:
        frames = range(given, given + len(part.scores))
        given = frames.stop
        if not with_objects:
            assert part.objects is None
            continue
        assert part.objects is not None
        assert part.objects.frame.tolist() == [frame for frame in frames if frame % 3 == 0]
        np.testing.assert_array_equal(part.objects.score, features[part.objects.frame, 0])
    whole = score_video(Echo(with_objects), chunks, FPS, "place", smoothing)
    np.testing.assert_array_equal(whole.scores, expected)
    assert (whole.objects is not None) == with_objects


def test_a_video_without_frames() -> None:
    assert score_video(Echo(False), [], FPS, "place", 0.4).scores.shape == (0,)
