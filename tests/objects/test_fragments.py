"""Parts of one person are joined; two people, and what moves otherwise, are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scenewise.objects.fragments import union, whole
from scenewise.objects.regions import Region

STILL = np.zeros((200, 200, 2), np.float32)


def block(left: int, top: int, width: int, height: int) -> Region:
    return Region(left, top, np.ones((height, width), bool))


HEAD, TRUNK, LEGS = block(56, 10, 12, 14), block(50, 25, 24, 40), block(52, 72, 22, 38)


def boxes(regions: list[Region]) -> set[tuple[int, int, int, int]]:
    return {region.box for region in regions}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_head_a_trunk_and_legs_are_one_person(order: tuple[int, ...]) -> None:
    parts = [HEAD, TRUNK, LEGS]
    (person,) = whole([parts[number] for number in order], STILL)
    assert person.box == (50, 10, 74, 110)
    assert person.mask.sum() == sum(part.mask.sum() for part in parts)
    assert not person.mask[56:61].any(), "the belt is not seen, and stays open"


@pytest.mark.parametrize(
    "other",
    [
        block(50, 140, 24, 36),  # far below
        block(90, 72, 22, 38),  # beside
        block(52, 72, 14, 60),  # a whole person by his shape
        block(30, 66, 90, 20),  # wider than a person of that height
    ],
    ids=["far", "beside", "standing", "wide"],
)
def test_what_cannot_belong_to_the_trunk_stays_by_itself(other: Region) -> None:
    assert boxes(whole([TRUNK, other], STILL)) == boxes([TRUNK, other])


@pytest.mark.parametrize("speed, joined", [(0.0, True), (0.1, True), (0.5, False)])
def test_parts_that_move_apart_are_not_joined(speed: float, joined: bool) -> None:
    flow = np.full((200, 200, 2), 0.1, np.float32)
    flow[LEGS.place] += np.array([speed, 0], np.float32)
    assert len(whole([TRUNK, LEGS], flow)) == (1 if joined else 2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(1, 60), st.integers(1, 60)), max_size=7))
def test_no_pixel_is_lost_or_made_up(given: list[tuple[int, int, int, int]]) -> None:
    regions = [block(*one) for one in given]
    found = whole(regions, STILL)
    assert len(found) <= len(regions)
    np.testing.assert_array_equal(covered(found), covered(regions))


def covered(regions: list[Region]) -> NDArray[np.bool_]:
    picture = np.zeros((200, 200), bool)
    for region in regions:
        picture[region.place] |= region.mask
    return picture


def test_the_union_holds_both() -> None:
    both = union(block(2, 3, 4, 5), block(4, 1, 5, 3))
    assert both.box == (2, 1, 9, 8)
    np.testing.assert_array_equal(covered([both]), covered([block(2, 3, 4, 5), block(4, 1, 5, 3)]))
