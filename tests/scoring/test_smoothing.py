"""Smoothing in pieces gives the same numbers as smoothing the whole."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.scoring.smoothing import smooth, stream_smooth


@given(st.integers(0, 120), st.floats(0.0, 1.0), st.sampled_from([5.0, 10.0, 25.0]), st.data())
def test_pieces_smooth_to_the_last_bit_of_the_whole(
    frames: int, seconds: float, fps: float, data: st.DataObject
) -> None:
    scores = np.random.default_rng(frames).random(frames).astype(np.float32)
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=8)))
    pieces = [*stream_smooth(np.split(scores, cuts), seconds, fps)]
    together = np.concatenate([np.empty(0, np.float32), *pieces])
    assert together.tobytes() == smooth(scores, seconds, fps).tobytes()
