"""Where the camera looks: known movements are found again, whatever moves in the picture; nothing is made up."""

import cv2
import numpy as np
import pytest
from drawn_scene import Picture, bright, ground, noisy, with_object
from hypothesis import given, settings
from hypothesis import strategies as st

from scenewise.objects.registration import (
    AGAIN,
    LIMIT,
    STILL,
    Placement,
    Registration,
    as_shown,
    common_view,
    corners_of,
    farthest,
    in_view,
    placement_of,
    undone,
)

LARGE = ground(3, 260, 340)
SIZE = (180, 240)
EMPTY = LARGE[40:220, 50:290]
CORNERS = corners_of(EMPTY)


def seen_from(right: int, down: int) -> Picture:
    """The scene as a camera shows it that looks so far to the left and up: all of it moves right and down."""
    return LARGE[40 - down : 220 - down, 50 - right : 290 - right]


def moved(right: float, down: float, turn: float = 0.0, zoom: float = 1.0) -> Placement:
    placement = np.asarray(cv2.getRotationMatrix2D((120, 90), turn, zoom), np.float64)
    return np.asarray(placement + np.array([[0, 0, right], [0, 0, down]]), np.float64)


def apart(one: Placement, other: Placement) -> float:
    """Pixels between where two placements show a corner of the picture, at most."""
    points = np.array([[x, y, 1.0] for x in (0, 240) for y in (0, 180)])
    return float(np.linalg.norm(points @ (one - other).T, axis=1).max())


@settings(max_examples=30, deadline=None)
@given(right=st.integers(-24, 24), down=st.integers(-24, 24), light=st.floats(0.5, 1.3), seed=st.integers(0, 99))
def test_a_movement_is_found_again_in_another_light(right: int, down: int, light: float, seed: int) -> None:
    shown = noisy(np.clip(seen_from(right, down) * light, 0, 255).astype(np.uint8), seed)
    found = placement_of(shown, CORNERS)
    assert found is not None and apart(found, moved(right, down)) < 0.5


@pytest.mark.parametrize("turn, zoom", [(0.0, 1.01), (1.0, 1.0), (-0.8, 0.98)])
def test_so_are_a_turn_and_a_zoom(turn: float, zoom: float) -> None:
    placement = moved(3.3, -2.6, turn, zoom)
    shown = cv2.warpAffine(EMPTY, placement, SIZE[::-1], borderMode=cv2.BORDER_REFLECT)
    found = placement_of(noisy(np.asarray(shown), 5), CORNERS)
    assert found is not None and apart(found, placement) < 0.7


@pytest.mark.parametrize("top, left", [(0, 0), (0, 120), (60, 60), (80, 0)])
def test_what_covers_a_quarter_of_the_picture_does_not_count(top: int, left: int) -> None:
    shown = with_object(seen_from(5, -3), bright(7, 90, 120), top, left)
    found = placement_of(noisy(shown, 1), CORNERS)
    assert found is not None and apart(found, moved(5, -3)) < 0.5


def test_a_caption_that_stays_where_it_is_does_not_count() -> None:
    caption = np.random.default_rng(0).integers(0, 2, (24, 240, 1), np.uint8).repeat(3, axis=2) * 200
    corners = corners_of(with_object(EMPTY, caption, 0, 0))
    found = placement_of(with_object(seen_from(-7, 6), caption, 0, 0), corners)
    assert found is not None and apart(found, moved(-7, 6)) < 0.5


@pytest.mark.parametrize(
    "picture",
    [EMPTY[:, ::-1], ground(9, *SIZE), np.zeros((*SIZE, 3), np.uint8), noisy(np.full((*SIZE, 3), 90, np.uint8), 2)],
    ids=["mirrored", "another scene", "dark", "grey"],
)
def test_what_shows_another_scene_says_nothing(picture: Picture) -> None:
    assert placement_of(np.ascontiguousarray(picture), CORNERS) is None


@pytest.mark.parametrize("height, width", [(1, 1), (63, 200), (200, 63), (64, 64), (70, 90)])
def test_small_and_flat_scenes_have_no_corners(height: int, width: int) -> None:
    corners = corners_of(np.full((height, width, 3), 77, np.uint8))
    assert len(corners.at) == 0 and placement_of(np.zeros((height, width, 3), np.uint8), corners) is None


def test_a_placement_undone_shows_the_scene_from_where_it_was_learned() -> None:
    placement = moved(9, -4)
    seen = in_view(SIZE, placement)
    back = undone(seen_from(9, -4).astype(np.float32), placement)
    np.testing.assert_allclose(back[seen], EMPTY[seen], atol=1e-3)
    expected = np.zeros(SIZE, bool)
    expected[4:, : 240 - 9] = True
    np.testing.assert_array_equal(seen, expected)


@given(right=st.integers(-8, 8), down=st.integers(-8, 8))
def test_labels_are_moved_to_where_the_picture_shows_what_they_mark(right: int, down: int) -> None:
    labels = np.random.default_rng(1).integers(0, 1 << 20, (30, 40)).astype(np.int32)
    slow = np.zeros_like(labels)
    for y, row in enumerate(labels):
        for x, label in enumerate(row):
            if 0 <= y + down < 30 and 0 <= x + right < 40:
                slow[y + down, x + right] = label
    np.testing.assert_array_equal(as_shown(labels, moved(right, down)), slow)


def test_the_camera_is_looked_for_again_every_while_and_what_it_did_is_told() -> None:
    registration = Registration(EMPTY)
    assert registration.placement_at(EMPTY, 0.0) is None and registration.faults(480) == ()
    assert registration.placement_at(seen_from(6, 8), 0.5 * AGAIN) is None, "not yet"
    found = registration.placement_at(seen_from(6, 8), AGAIN)
    assert found is not None and apart(found, moved(6, 8)) < 0.5
    assert registration.placement_at(ground(9, *SIZE), 2 * AGAIN) is found, "nothing said is nothing new"
    assert registration.placement_at(EMPTY, 3 * AGAIN) is None
    (fault,) = registration.faults(480)
    assert fault.startswith("camera moved by up to 20 px")


def test_beyond_the_limit_nothing_is_evened_out_and_that_is_told() -> None:
    registration = Registration(EMPTY)
    assert farthest(moved(40, 20), SIZE) > LIMIT * 240
    assert registration.placement_at(seen_from(40, 20), 0.0) is None
    (fault,) = registration.faults(240)
    assert "more than the 36" in fault


def test_a_camera_that_stands_still_has_no_common_view_to_be_sought() -> None:
    assert common_view([noisy(EMPTY, seed) for seed in range(9)]) is None
    assert common_view([ground(seed, *SIZE) for seed in range(6)]) is None, "nor has a set of different scenes"
    assert common_view([EMPTY]) is None


def test_pictures_of_a_camera_that_moves_are_placed_beside_one_of_them() -> None:
    moves = [(0, 0), (12, 5), (0, 0), (-9, 7), (12, 5), (5, -14), (0, 0)]
    pictures = [*(noisy(seen_from(*move), seed) for seed, move in enumerate(moves)), ground(9, *SIZE)]
    placements = common_view(pictures)
    assert placements is not None and placements[-1] is None
    beside = np.array([placement[:, 2] for placement in placements[:-1] if placement is not None])
    np.testing.assert_allclose(beside - beside[0], np.array(moves) - moves[0], atol=0.5)
    assert min(farthest(placement, SIZE) for placement in placements if placement is not None) < STILL
