"""The time of a moment as people read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.clock import clock, duration


def test_tenths_are_rounded_down() -> None:
    assert [clock(4.94), clock(59.99), clock(60), clock(3723)] == ["0:04.9", "0:59.9", "1:00.0", "1:02:03.0"]


@given(st.integers(0, 10**6), st.sampled_from([10, 20, 25, 50, 30000 / 1001]))
def test_a_frame_at_a_whole_tenth_stands_at_it(tenths: int, fps: float) -> None:
    frame = tenths / 10 * fps
    hours, rest = divmod(tenths, 36000)
    lead = f"{hours}:{rest // 600:02d}" if hours else f"{rest // 600}"
    assert clock(frame / fps) == f"{lead}:{rest // 10 % 60:02d}.{rest % 10}"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.3, "0.3 s"), (21.024, "21 s"), (99, "99 s"), (100, "2 min"), (2400, "40 min"), (4680, "78 min"),
        (7200, "2 hours"), (51_111, "14 hours"), (183_000, "2.1 days"), (300_000, "3.5 days"),
    ],
)  # fmt: skip
def test_lengths_of_time_have_the_unit_that_fits(seconds: float, words: str) -> None:
    assert duration(seconds) == words
