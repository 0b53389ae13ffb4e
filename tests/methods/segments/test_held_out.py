"""What is held out, and the table segments are gathered from."""

from collections.abc import Callable

import numpy as np
import pytest

from scenewise.errors import DataError, IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.methods.segments.feature_table import FeatureTable
from scenewise.methods.segments.held_out import divide
from scenewise.methods.segments.windows import every_start

MakeStore = Callable[..., FeatureStore]


def frames_of(ranges: tuple) -> set[tuple[str, str, int]]:
    return {(s.video.scene, s.video.name, frame) for s in ranges for frame in range(s.first, s.stop)}


def test_a_tenth_of_the_videos_at_least_one(make_store: MakeStore) -> None:
    store = make_store({"a": [30] * 3, "b": [30] * 20})
    split = divide(store.of("train"), 16)
    held_out = [part.video.scene for part in split.held_out]
    assert held_out.count("a") == 1 and held_out.count("b") == 2
    assert not frames_of(split.learned) & frames_of(split.held_out)
    assert len(split.learned) + len(split.held_out) == 23


def test_of_one_video_its_last_tenth_a_segment_apart(make_store: MakeStore) -> None:
    store = make_store({"a": [400]})
    split = divide(store.of("train"), 16)
    assert [(s.first, s.stop) for s in split.learned] == [(0, 344)]
    assert [(s.first, s.stop) for s in split.held_out] == [(360, 400)]


def test_short_videos_are_left_out_and_named(make_store: MakeStore) -> None:
    store = make_store({"a": [10, 30, 30]})
    split = divide(store.of("train"), 16)
    assert [video.name for video in split.too_short] == ["00"]
    assert len(split.learned) == len(split.held_out) == 1


@pytest.mark.parametrize("lengths", [[10, 12], [47]])
def test_too_little_footage_is_told(make_store: MakeStore, lengths: list[int]) -> None:
    store = make_store({"a": lengths})
    with pytest.raises(DataError, match="scene a"):
        divide(store.of("train"), 16)


@pytest.mark.parametrize("mapped", [False, True])
def test_segments_in_memory_and_mapped_are_those_of_the_videos(make_store: MakeStore, mapped: bool) -> None:
    store = make_store({"a": [150, 40, 16], "b": [400]})
    split = divide(store.of("train"), 16)
    table = FeatureTable(split.learned, mapped)
    starts = np.concatenate(table.starts(16, every_start))
    segments = table.gather(starts, 16)
    expected = []
    for part in split.learned:
        features = part.video.features()[part.first : part.stop]
        expected += [features[begin : begin + 16] for begin in range(len(features) - 15)]
    np.testing.assert_array_equal(segments, np.stack(expected))
    rows = np.concatenate([s.video.features()[s.first : s.stop] for s in split.learned]).astype(np.float64)
    mean, deviation = table.mean_and_deviation()
    np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=1e-5, atol=1e-6)
    floor = 0.25 * np.sqrt(rows.var(axis=0).mean())
    np.testing.assert_allclose(deviation, np.maximum(rows.std(axis=0), floor), rtol=1e-5)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_changed_byte_is_noticed(make_store: MakeStore, mapped: bool) -> None:
    store = make_store({"a": [150]})
    path = store.videos[0].block_paths()[1]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"000064\.safetensors"):
        FeatureTable(divide(store.of("train"), 16).learned, mapped)


def test_features_that_are_no_numbers_are_told_with_their_frame(make_store: MakeStore, tmp_path: object) -> None:
    from conftest import write_video

    features = np.ones((80, 4))
    features[70, 2] = np.nan
    store = make_store({"a": [150]})
    video = write_video(store.folder, "a", "bad", "train", features)
    with pytest.raises(IntegrityError, match="frame 70"):
        video.features()


def test_features_that_hardly_vary_are_not_blown_up(make_store: MakeStore) -> None:
    from conftest import write_video

    store = make_store({"a": [60]})
    flat = write_video(store.folder, "a", "flat", "train", np.full((60, 3), 0.1))
    assert FeatureTable(divide([flat], 16).learned).mean_and_deviation()[1].tolist() == [1, 1, 1]
    wave = np.tile([[-1.0, 0.0, 0.001], [1.0, 0.0, -0.001]], (30, 1))
    waving = write_video(store.folder, "a", "waving", "train", wave)
    deviation = FeatureTable(divide([waving], 16).learned).mean_and_deviation()[1]
    np.testing.assert_allclose(deviation, [1, 0.25 / 3**0.5, 0.25 / 3**0.5], rtol=1e-4)
