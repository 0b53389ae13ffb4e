"""What is foreground, and what only differs from the empty scene by its light."""

import numpy as np
import pytest
from drawn_scene import bright, ground, noisy, with_object
from numpy.typing import NDArray

from scenewise.objects.background import learn_background
from scenewise.objects.foreground import Foreground, correlation

EMPTY = ground()


def opened(empty: NDArray[np.uint8] = EMPTY) -> Foreground:
    return Foreground(learn_background([noisy(empty, number) for number in range(15)]))


def covered(foreground: Foreground, picture: NDArray[np.uint8], seconds: float = 0.1) -> NDArray[np.bool_]:
    labels, areas = foreground.areas(picture, seconds)
    return np.isin(labels, areas)


def test_an_object_is_found_with_its_mask() -> None:
    foreground = opened()
    found = covered(foreground, noisy(with_object(EMPTY, bright(5, 40, 20), 50, 60), 99))
    drawn = np.zeros(EMPTY.shape[:2], bool)
    drawn[50:90, 60:80] = True
    assert (found & drawn).sum() / (found | drawn).sum() > 0.85


def test_two_objects_are_two_areas() -> None:
    picture = with_object(with_object(EMPTY, bright(5, 40, 20), 50, 20), bright(6, 30, 20), 50, 100)
    assert len(opened().areas(picture, 0.1)[1]) == 2


@pytest.mark.parametrize("exposure", [0.6, 0.8, 1.0, 1.2, 1.4])
def test_another_exposure_is_no_foreground(exposure: float) -> None:
    picture = np.clip(EMPTY * exposure, 0, 255).astype(np.uint8)
    assert not covered(opened(), noisy(picture, 99)).any()


@pytest.mark.parametrize("exposure", [0.8, 1.25])
def test_neither_is_a_sky_that_stays_white_nor_a_corner_that_is_blanked(exposure: float) -> None:
    empty = EMPTY.copy()
    empty[:30], empty[100:, :40] = 255, 0
    picture = np.clip(EMPTY * exposure, 0, 255).astype(np.uint8)
    picture[:30], picture[100:, :40] = 255, 0
    assert not covered(opened(empty), picture).any()


@pytest.mark.parametrize("light", [0.5, 1.4], ids=["shadow", "lamp"])
def test_a_shadow_and_a_lamp_are_no_foreground(light: float) -> None:
    tiles = (np.indices(EMPTY.shape[:2]) // 8).sum(axis=0) % 2
    paved = (EMPTY // 4 + 110 * tiles[..., None] + 10).astype(np.uint8)
    picture = paved.copy()
    picture[32:88, 40:112] = np.clip(picture[32:88, 40:112] * light, 0, 255)
    foreground = opened(paved)
    labels, areas = foreground.areas(picture, 0.1)
    assert labels.max() >= 1, "it differs,"
    assert not areas, "and shows the ground"


def test_a_camera_that_shakes_by_a_pixel_shows_no_foreground() -> None:
    assert not covered(opened(), noisy(np.roll(EMPTY, 1, axis=1), 99))[:, 4:].any()  # there it was rolled in


def test_slow_light_is_followed_and_what_stands_still_stays_for_minutes() -> None:
    foreground = opened()
    walker = bright(5, 40, 20)
    for second in range(60):
        tint = EMPTY.astype(np.float32)
        tint[:, :80] += 0.5 * second  # the sun comes round, on one side: 30 levels in a minute
        found = covered(foreground, with_object(tint.astype(np.uint8), walker, 50, 100), seconds=1.0)
        assert found[55:85, 103:117].mean() > 0.9
        assert not found[:, :90].any()


def test_correlation_against_numpy() -> None:
    random = np.random.default_rng(0)
    one, other = random.normal(100, 30, (2, 12, 9)).astype(np.float32)
    np.testing.assert_allclose(correlation(one, other), np.corrcoef(one.ravel(), other.ravel())[0, 1], atol=1e-4)
    np.testing.assert_allclose(correlation(one, 3 * one + 7), 1, atol=1e-5)
    assert correlation(one, np.full_like(one, 7)) == 0


def test_where_people_stood_in_training_a_bright_passer_by_is_found_all_the_same() -> None:
    pictures = [noisy(EMPTY, number) for number in range(15)]
    for number, picture in enumerate(pictures):
        picture[40:100, 40:100] = np.random.default_rng(number).integers(0, 255, 3)
    learned = learn_background(pictures)
    assert np.median(learned.noise[50:90, 50:90]) > 25
    object_there = np.full((40, 20, 3), 250, np.uint8)
    found = covered(Foreground(learned), with_object(learned.picture, object_there, 50, 60))
    assert found[52:88, 62:78].mean() > 0.9
