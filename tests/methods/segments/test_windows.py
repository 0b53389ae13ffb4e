"""Windows against a slow obvious loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.methods.segments.windows import cut_windows, window_starts


@given(st.integers(1, 200), st.integers(1, 20), st.data())
def test_windows_cover_every_frame_and_stay_inside(frames: int, length: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, length))
    starts = window_starts(frames, length, stride)
    covered = {start + k for start in starts for k in range(length)}
    assert set(range(frames)) <= covered
    assert len(set(starts.tolist())) == len(starts) and list(starts) == sorted(starts)
    if frames >= length:
        assert max(covered) == frames - 1
        assert all(start % stride == 0 for start in starts[:-1])
    else:
        assert starts.tolist() == [0]


def test_no_frames_no_windows() -> None:
    assert len(window_starts(0, 16, 4)) == 0


def test_cut_repeats_the_last_frame_beyond_the_end() -> None:
    features = np.arange(5, dtype=np.float16)[:, None]
    assert cut_windows(features, np.array([0, 3]), 4)[..., 0].tolist() == [[0, 1, 2, 3], [3, 4, 4, 4]]
