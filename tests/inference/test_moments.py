"""The highest moments: apart in time, and never an empty picture while something moves elsewhere."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.inference.moments import APART, MOST, TopMoments
from scenewise.inference.scored_frames import ScoredFrames, Sighting

FPS = 5.0
PICTURE = np.zeros((2, 3, 3), np.uint8)


def frames_of(first: int, scores: list[float], moving: list[bool]) -> ScoredFrames:
    count = len(scores)
    values = np.array(scores, np.float32)
    times = (first + np.arange(count)) / FPS
    seen = [[Sighting(first + place, (0.1, 0.1, 0.4, 0.5), 0.3, 1, None)] if one else []
            for place, one in enumerate(moving)]  # fmt: skip
    return ScoredFrames(first, values, values, times, np.zeros(count, bool), [PICTURE] * count, seen)


def top(scores: list[float], moving: list[bool], block: int = 7) -> list[tuple[int, float]]:
    found = TopMoments()
    for first in range(0, len(scores), block):
        found.add(frames_of(first, scores[first : first + block], moving[first : first + block]))
    return [(moment.frame, moment.score) for moment in found.top()]


@given(st.lists(st.tuples(st.integers(-50, 50), st.booleans()), min_size=1, max_size=300), st.integers(1, 50))
def test_moments_are_apart_sorted_and_show_what_moves(drawn: list[tuple[int, bool]], block: int) -> None:
    scores, moving = [float(score) for score, _ in drawn], [one for _, one in drawn]
    found = top(scores, moving, block)
    assert 1 <= len(found) <= MOST and found == top(scores, moving, 1), "blocks do not matter"
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    numbers = sorted(frame for frame, _ in found)
    assert all(late - early >= APART * FPS - 1e-6 for early, late in pairwise(numbers))
    candidates = [frame for frame in range(len(scores)) if moving[frame]] or range(len(scores))
    assert found[0][1] == max(scores[frame] for frame in candidates)


def test_an_empty_picture_is_shown_only_if_nothing_moves_anywhere() -> None:
    scores = [9.0] * 30 + [0.1] * 30
    assert top(scores, [False] * 60)[0][1] == 9.0
    assert top(scores, [False] * 59 + [True]) == [(59, np.float32(0.1))]
