"""The time of a moment as people read it."""

from hypothesis import given
from hypothesis import strategies as st

from scenewise.clock import clock


def test_tenths_are_rounded_down() -> None:
    assert [clock(4.94), clock(59.99), clock(60), clock(3723)] == ["0:04.9", "0:59.9", "1:00.0", "1:02:03.0"]


@given(st.integers(0, 10**6), st.sampled_from([10, 20, 25, 50, 30000 / 1001]))
def test_a_frame_at_a_whole_tenth_stands_at_it(tenths: int, fps: float) -> None:
    frame = tenths / 10 * fps
    hours, rest = divmod(tenths, 36000)
    lead = f"{hours}:{rest // 600:02d}" if hours else f"{rest // 600}"
    assert clock(frame / fps) == f"{lead}:{rest // 10 % 60:02d}.{rest % 10}"
