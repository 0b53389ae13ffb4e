"""One rate for all cameras."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SMALL, write_video
from scenewise.errors import DataError
from scenewise.features.store import FeatureStore, write_store
from scenewise.methods import open_method, settings_of
from scenewise.methods.scores import Chunk
from scenewise.methods.segments.feature_table import FeatureTable
from scenewise.methods.segments.held_out import FrameRange
from scenewise.methods.segments.segment_rate import Thinning, frames_needed, picked_frames
from scenewise.methods.segments.training_footage import prepare
from scenewise.methods.segments.windows import every_start
from scenewise.runs.train import train

RATES = st.sampled_from([5.0, 10.0, 12.5, 25.0, 29.97, 30.0])


def test_by_hand() -> None:
    assert picked_frames(10, 25, 10).tolist() == [0, 2, 5, 7]
    assert picked_frames(7, 30, 10).tolist() == [0, 3, 6]
    assert picked_frames(3, 10, 20).tolist() == [0, 0, 1, 1, 2, 2]
    assert picked_frames(4, 25, None).tolist() == [0, 1, 2, 3]
    assert frames_needed(16, 25, 25) == frames_needed(16, 25, None) == 16
    assert frames_needed(3, 30, 10) == 7


@given(st.integers(1, 120), RATES, RATES, st.data())
def test_a_thinned_stream_is_the_picked_frames_and_every_frame_gets_a_score(
    frames: int, fps: float, segment_fps: float, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=5)))
    rows = np.arange(frames, dtype=np.float32)[:, None]
    thinning = Thinning(fps, segment_fps)
    picked = np.concatenate(list(thinning.thin(np.split(rows, cuts))))
    expected = picked_frames(frames, fps, segment_fps)
    np.testing.assert_array_equal(picked[:, 0], expected)
    # Scores that number the picks: each frame has the last pick at or before it.
    at = sorted(data.draw(st.lists(st.integers(0, len(expected)), max_size=4)))
    pieces = np.split(np.arange(len(expected), dtype=np.float32), at)
    spread = np.concatenate([np.empty(0, np.float32), *thinning.spread(pieces)])
    slow = [max(k for k, frame in enumerate(expected) if frame <= i) for i in range(frames)]
    np.testing.assert_array_equal(spread, slow)


@given(st.integers(1, 20), RATES, st.one_of(st.none(), RATES))
def test_the_frames_needed_hold_one_segment_and_no_fewer_do(length: int, fps: float, segment_fps: float | None) -> None:
    needed = frames_needed(length, fps, segment_fps)
    assert len(picked_frames(needed, fps, segment_fps)) >= length
    assert needed == 1 or len(picked_frames(needed - 1, fps, segment_fps)) < length


@pytest.mark.parametrize("mapped", [False, True])
def test_tables_hold_the_picked_rows(make_store: Callable[..., FeatureStore], mapped: bool) -> None:
    store = make_store({"a": [150, 70]})
    ranges = [FrameRange(video, 3, video.frames) for video in store.of("train")]
    table = FeatureTable(ranges, mapped, segment_fps=10)
    segments = table.gather(np.concatenate(table.starts(8, every_start)), 8)
    expected = []
    for part in ranges:
        rows = part.video.features()[3:][picked_frames(part.video.frames - 3, 25, 10)]
        expected += [rows[begin : begin + 8] for begin in range(len(rows) - 7)]
    np.testing.assert_array_equal(segments, np.stack(expected))


def test_a_camera_at_twice_the_rate_learns_and_scores_alike(
    make_store: Callable[..., FeatureStore], tmp_path: Path
) -> None:
    store = make_store({"a": [80, 80]}, {"a": [60]}, name="slow")
    doubled = [
        write_video(tmp_path / "fast", "a", video.name, video.split, video.features().repeat(2, axis=0), fps=50.0)
        for video in store.videos
    ]
    write_store(replace(store, folder=tmp_path / "fast", videos=tuple(doubled)))
    settings = {**SMALL, "objective": "reconstruction", "steps": 10, "segment_fps": 25.0}
    scores = {}
    for name, fps in (("slow", 25.0), ("fast", 50.0)):
        scorer = train(tmp_path / name, tmp_path / f"run-{name}", "autoencoder", settings).open_scorer("cpu")
        (video,) = (store.videos if name == "slow" else doubled)[2:]
        scores[name] = np.concatenate([one.scores for one in scorer.stream([Chunk(video.features(), None)], fps, "a")])
    np.testing.assert_allclose(scores["fast"], scores["slow"].repeat(2), rtol=1e-4, atol=1e-5)


def test_a_rate_above_the_slowest_camera_is_noted(
    make_store: Callable[..., FeatureStore], capsys: pytest.CaptureFixture[str]
) -> None:
    store = make_store({"a": [80, 80]})
    method = open_method("autoencoder")
    for segment_fps, noted in ((25.0, False), (50.0, True)):
        prepare(store, settings_of(method, {"objective": "reconstruction", "segment_fps": segment_fps}))
        assert ("repeat frames" in capsys.readouterr().err) == noted
    with pytest.raises(DataError, match="--segment-fps 1"):
        prepare(store, settings_of(method, {"objective": "reconstruction", "segment_fps": 1.0}))
