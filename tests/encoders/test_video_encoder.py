"""Every n-th frame is encoded, and those between repeat the one before: against the slow obvious way, in any cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counting_encoder import CountingEncoder
from scenewise.encoders import Encoded, VideoEncoder
from scenewise.encoders.video_encoder import READ_BYTES
from scenewise.errors import VideoError

FRAMES = np.random.default_rng(17).integers(0, 256, (40, 4, 6, 3), np.uint8)
CUTS = st.lists(st.integers(1, 39), unique=True).map(sorted)
EVERY = st.integers(1, 45)


def obvious(count: int, every: int, carries_state: bool) -> Encoded:
    """Features and regions of the first `count` frames, one after the other."""
    encoder = CountingEncoder(carries_state)
    rows: list[Encoded] = []
    for number in range(count):
        if number % every == 0:
            rows.append(encoder.encode(FRAMES[number : number + 1]))
        else:
            rows.append(rows[-1])
    features, regions = (np.concatenate(column) for column in zip(*rows, strict=True))
    return Encoded(features.astype(np.float16), regions.astype(np.float16))


@given(cuts=CUTS, every=EVERY, carries_state=st.booleans())
def test_in_any_cut(cuts: list[int], every: int, carries_state: bool) -> None:
    expected, encoder = obvious(40, every, carries_state), CountingEncoder(carries_state)
    video = VideoEncoder(encoder, every)
    for _ in range(2):  # the second video begins anew
        video.reset()
        blocks = zip([0, *cuts], [*cuts, 40], strict=True)
        parts = [video.encode(FRAMES[first:stop], "a.mp4", first) for first, stop in blocks]
        np.testing.assert_allclose(np.concatenate([part.features for part in parts]), expected.features, rtol=1e-3)
        regions = [part.regions for part in parts if part.regions is not None]
        np.testing.assert_allclose(np.concatenate(regions), expected.regions, rtol=1e-3)
    assert encoder.encoded == 2 * -(-40 // every), "no other frame costs anything"


@given(begin=st.integers(0, 39), every=EVERY, carries_state=st.booleans())
def test_it_goes_on_inside_a_video(begin: int, every: int, carries_state: bool) -> None:
    video = VideoEncoder(CountingEncoder(carries_state), every)
    needed = video.needed_from(begin)
    video.reset()
    encoded = video.encode(FRAMES[needed:], "a.mp4", needed)
    expected = obvious(40, every, carries_state)
    np.testing.assert_allclose(encoded.features[begin - needed :], expected.features[begin:], rtol=1e-3)
    assert needed == 0 if carries_state else begin - every < needed <= begin


def test_blocks_hold_a_batch_of_what_is_encoded_unless_frames_are_large() -> None:
    encoder = CountingEncoder()
    assert VideoEncoder(encoder).frames_a_block((9000, 9000)) == encoder.batch
    assert VideoEncoder(encoder, 4).frames_a_block((36, 64)) == 4 * encoder.batch
    large = VideoEncoder(encoder, 1000).frames_a_block((1000, 1000))
    assert large == READ_BYTES // 3_000_000 > encoder.batch
    assert VideoEncoder(encoder, 1000).frames_a_block((9000, 9000)) == encoder.batch


def test_a_wrong_row_is_named_by_its_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = CountingEncoder()
    rows = np.zeros((10, 4), np.float32)
    rows[3] = np.nan
    monkeypatch.setattr(encoder, "encode", lambda frames: Encoded(rows, None))
    with pytest.raises(VideoError, match="frame 12 has others"):
        VideoEncoder(encoder, 4).encode(FRAMES, "a.mp4", 0)
