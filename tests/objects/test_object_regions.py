"""Foreground areas to regions, and a fast one cut out of a slow one."""

from itertools import pairwise

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.objects.regions import LEAST_AREA, Region, regions_of, split

SHAPE = (120, 160)
STILL = np.zeros(SHAPE, np.float32)
LEAST = LEAST_AREA * 120 * 160


def labelled(mask: np.ndarray) -> tuple[np.ndarray, list[int]]:
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    return labels, list(range(1, count))


def drawn(*places: tuple[slice, slice]) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    for place in places:
        mask[place] = True
    return mask


@given(seed=st.integers(0, 10_000), share=st.floats(0.01, 0.3))
def test_regions_are_the_areas_that_are_large_enough(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(random.normal(size=SHAPE).astype(np.float32), (0, 0), 4)
    labels, areas = labelled(noise > np.quantile(noise, 1 - share))
    chosen = [area for area in areas if random.random() < 0.7]
    regions = regions_of(labels, chosen, STILL)
    kept = [area for area in chosen if (labels == area).sum() >= LEAST]
    assert len(regions) == len(kept)
    for region, area in zip(regions, kept, strict=True):
        whole = np.zeros(SHAPE, bool)
        whole[region.place] = region.mask
        np.testing.assert_array_equal(whole, labels == area)
        rows, columns = np.nonzero(labels == area)
        assert region.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_without_areas_there_are_no_regions() -> None:
    assert regions_of(np.zeros(SHAPE, np.int32), [], STILL) == []


def test_a_fast_part_inside_a_slow_area_is_a_region_by_itself() -> None:
    mask = drawn(np.s_[20:80, 30:110])
    speed = np.where(mask, np.float32(0.1), 0)
    speed[30:60, 50:70] = 0.5  # someone rides through a group
    fast, rest = regions_of(*labelled(mask), speed)
    left, top, right, bottom = fast.box
    assert abs(left - 50) <= 2 and abs(top - 30) <= 2 and abs(right - 70) <= 2 and abs(bottom - 60) <= 2
    assert rest.box == (30, 20, 110, 80) and not rest.mask[20:30, 25:35].any()
    assert fast.mask.sum() + rest.mask.sum() == mask.sum()


def test_what_moves_as_one_stays_one() -> None:
    mask = drawn(np.s_[20:80, 30:110])
    for speed in (0.0, 0.3):
        assert len(regions_of(*labelled(mask), np.full(SHAPE, speed, np.float32))) == 1
    slow = np.where(mask, np.float32(0.005), 0)
    slow[30:60, 50:70] = 0.03  # six times as fast, and yet nothing moves
    assert len(regions_of(*labelled(mask), slow)) == 1
    most = np.where(mask, np.float32(0.1), 0)
    most[20:80, 30:100] = 0.5  # nearly all of it moves: that is the region
    assert len(regions_of(*labelled(mask), most)) == 1


def test_a_part_that_cuts_the_rest_leaves_two() -> None:
    mask = drawn(np.s_[40:80, 20:140])
    speed = np.where(mask, np.float32(0.1), 0)
    speed[40:80, 70:90] = 0.5
    boxes = sorted(region.box for region in split(Region(20, 40, mask[40:80, 20:140]), speed, LEAST))
    assert len(boxes) == 3 and boxes[0][0] == 20 and boxes[2][2] == 140
    assert all(one[2] <= other[0] for one, other in pairwise(boxes))
