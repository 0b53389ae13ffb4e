"""One video's frames in, its objects out: the same however the frames are cut."""

import numpy as np
import pytest
from drawn_scene import bright, ground, noisy, with_object
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scenewise.encoders.shape_object_encoder import ShapeObjectEncoder
from scenewise.objects.background import Background, learn_background
from scenewise.objects.detector import ObjectDetector
from scenewise.objects.object_table import Objects, joined, no_objects

EMPTY = ground()
BACKGROUND = learn_background([noisy(EMPTY, number) for number in range(15)])
WALKER = bright(5, 40, 20)


def walk(frames: int = 24, step: int = 3) -> NDArray[np.uint8]:
    """A walker goes right at 10 frames per second."""
    return np.stack([noisy(with_object(EMPTY, WALKER, 50, 5 + step * number), number) for number in range(frames)])


def object_detector(every: int = 2, background: Background = BACKGROUND) -> ObjectDetector:
    return ObjectDetector(background, ShapeObjectEncoder(), every, 10.0)


def require_equal(one: Objects, other: Objects) -> None:
    for name, column in one.as_tensors().items():
        np.testing.assert_array_equal(column, other.as_tensors()[name], err_msg=name)


FILM = walk()
WHOLE = object_detector().detect(FILM)


def test_the_walker_is_where_he_is_and_as_fast_as_he_is() -> None:
    assert WHOLE.frame.tolist() == list(range(0, 24, 2)) and set(WHOLE.track) == {0}
    left = (5 + 3 * WHOLE.frame) / 160
    expected = np.stack([left, np.full(12, 50 / 120), left + 20 / 160, np.full(12, 90 / 120)], axis=1)
    np.testing.assert_allclose(WHOLE.box, expected, atol=4 / 120)
    np.testing.assert_allclose(WHOLE.area, 800 / 120 / 160, rtol=0.2)
    assert np.isnan(WHOLE.speed[0]).all(), "nothing came before"
    np.testing.assert_allclose(np.median(WHOLE.speed[1:], axis=0), 3 * 10 / 120, rtol=0.3)
    np.testing.assert_allclose(np.median(np.diff(WHOLE.centre, axis=0), axis=0), [2 * 3 / 120, 0], atol=0.02)
    assert WHOLE.features.shape == (12, ShapeObjectEncoder.width)
    np.testing.assert_allclose(WHOLE.features[3] @ WHOLE.features[4].astype(np.float32), 2, atol=0.25)  # two unit parts


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 24), max_size=6).map(sorted))
def test_the_objects_do_not_depend_on_the_cut(cuts: list[int]) -> None:
    one = object_detector()
    require_equal(joined([one.detect(part) for part in np.split(FILM, cuts)]), WHOLE)


@pytest.mark.parametrize("known", [1, 6, 13])
def test_frames_whose_objects_are_only_tracked_change_nothing_after(known: int) -> None:
    one = object_detector()
    assert len(one.detect(FILM[:known], encode=False)) == 0
    require_equal(one.detect(FILM[known:]), WHOLE.between(known, 24))


@pytest.mark.parametrize("every", [1, 3, 7, 12])
def test_objects_are_detected_in_every_nth_frame(every: int) -> None:
    found = object_detector(every).detect(FILM)
    assert found.frame.tolist() == list(range(0, 24, every))
    # However rarely objects are detected, speed is that of the last tenth of a second.
    np.testing.assert_allclose(np.median(found.speed[1:, 2]), 0.25, rtol=0.3)


def test_a_walker_detected_every_other_second_stays_one_track() -> None:
    assert set(object_detector(every=20).detect(walk(61, step=0)).track) == {0}


def test_the_objects_of_all_frames_are_encoded_in_one_call() -> None:
    calls = []

    class Counting(ShapeObjectEncoder):
        def encode(self, crops: np.ndarray) -> np.ndarray:
            calls.append(len(crops))
            return super().encode(crops)

    one = object_detector()
    one.object_encoder = Counting()
    assert len(one.detect(FILM)) == sum(calls) == len(WHOLE) and len(calls) == 1


def test_an_empty_scene_has_no_objects() -> None:
    found = object_detector().detect(np.stack([noisy(EMPTY, 50 + number) for number in range(8)]))
    require_equal(found, no_objects(ShapeObjectEncoder.width))


@pytest.mark.parametrize("height, width", [(480, 640), (60, 80), (121, 163)])
def test_frames_of_another_size_than_the_background(height: int, width: int) -> None:
    rows = np.arange(height) * 120 // height
    columns = np.arange(width) * 160 // width
    found = object_detector().detect(FILM[:, rows][:, :, columns])
    seen = found.between(4, 24)
    assert len(seen) >= 8
    assert np.abs(seen.box[:, 0] - (5 + 3 * seen.frame) / 160).mean() < 0.03


@pytest.mark.parametrize("height, width", [(1, 1), (9, 7), (12, 40), (48, 64), (37, 480)])
def test_pictures_of_any_size(height: int, width: int) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, height, width, 3), np.uint8)
    found = object_detector(1, learn_background([np.zeros_like(frames[0]), *frames[:1]])).detect(frames)
    assert np.isfinite(found.speed).all() and (found.box >= 0).all() and (found.box <= 1).all()


def test_columns_are_cut_and_joined() -> None:
    parts = [WHOLE.between(0, 7), WHOLE.between(7, 8), WHOLE.between(8, 24)]
    assert [len(part) for part in parts] == [4, 0, 8]
    require_equal(joined(parts), WHOLE)
    restored = Objects.from_tensors({**WHOLE.as_tensors(), "features": np.empty(0)})
    assert restored is not None
    require_equal(restored, WHOLE)
    assert Objects.from_tensors({"features": np.empty(0)}) is None


def test_a_camera_that_moved_shows_no_ground_as_an_object_and_boxes_lie_where_the_frames_show_them() -> None:
    large = ground(3, 260, 340)
    learned = learn_background([noisy(large[40:220, 50:290], number) for number in range(9)])
    looks = large[33:213, 58:298]  # 8 pixels to the right, and 7 up
    film = np.stack([noisy(with_object(looks, WALKER, 70, 20 + 4 * step), step) for step in range(20)])
    one = object_detector(2, learned)
    found = one.detect(film)
    assert found.frame.tolist() == list(range(0, 20, 2)) and set(found.track) == {0}
    left = (20 + 4 * found.frame) / 240
    np.testing.assert_allclose(found.box[:, 0], left, atol=3 / 240)
    np.testing.assert_allclose(found.box[:, 1], 70 / 180, atol=3 / 180)
    assert one.faults == ("camera moved by up to 11 px, which is evened out",)
    assert object_detector(2, learn_background([looks])).faults == ()
