"""The empty scene: passers-by, exposure and noise do not belong to it."""

import numpy as np
from drawn_scene import bright, ground, noisy, with_object
from hypothesis import given
from hypothesis import strategies as st

from scenewise.objects.background import (
    PICTURE_WIDTH,
    evened,
    gains,
    learn_background,
    shrunk,
    softened,
    working_size,
)


def test_a_passer_by_and_the_exposure_are_not_part_of_it() -> None:
    empty, walker = ground(), bright(5, 40, 20)
    pictures = [
        np.clip(noisy(with_object(empty, walker, 40, 4 + 10 * step), step) * (0.9 + 0.02 * step), 0, 255).astype(
            np.uint8
        )
        for step in range(11)
    ]
    background = learn_background(pictures)
    apart = np.abs(background.picture - softened(empty))
    assert apart.mean() < 1.5 and np.percentile(apart, 99) < 5
    assert background.noise.shape == empty.shape[:2] and background.noise.max() < 5


def test_where_it_always_moves_the_noise_is_large() -> None:
    empty = ground()
    pictures = [noisy(empty, number) for number in range(20)]
    for number, picture in enumerate(pictures):
        picture[:40, :40] = np.random.default_rng(number).integers(0, 255, 3)
    noise = learn_background(pictures).noise
    assert noise[10:30, 10:30].min() > 5 * np.median(noise)


def test_one_picture_is_its_own_background() -> None:
    background = learn_background([ground()])
    np.testing.assert_allclose(background.picture, softened(ground()), atol=0.51)
    assert not background.noise.any()


@given(factors=st.lists(st.floats(0.5, 1.3), min_size=3, max_size=3))
def test_exposure_is_evened_channel_by_channel(factors: list[float]) -> None:
    reference = ground().astype(np.float32)
    darker = ((reference + 8) * np.array(factors, np.float32) - 8).astype(np.float32)
    np.testing.assert_allclose(gains(darker, reference), 1 / np.array(factors), rtol=1e-4)
    np.testing.assert_allclose(evened(darker, reference), reference, atol=0.05)


@given(height=st.integers(1, 3000), width=st.integers(1, 5000))
def test_pictures_keep_their_aspect_and_stay_small(height: int, width: int) -> None:
    rows, columns = working_size(height, width)
    assert columns == min(width, PICTURE_WIDTH) and rows >= 1
    assert abs(rows - height * columns / width) <= 0.5 or rows == 1


def test_shrinking_averages() -> None:
    frame = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    assert shrunk(frame, (8, 8)) is frame
    slow = frame.reshape(4, 2, 4, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(shrunk(frame, (4, 4)), slow, atol=0.51)
