"""Speed given appearance."""

import numpy as np
import pytest

from scenewise.methods.object_memory.description import Description
from scenewise.methods.object_memory.expected_speed import (
    ALIKE,
    LEAST_SPREAD,
    TO_DEVIATION,
    expected_speed_deviation,
)


def description(appearance: np.ndarray, speed: np.ndarray) -> Description:
    count = len(speed)
    zeros = np.zeros((count, 2), np.float32)
    return Description(
        appearance.astype(np.float32), np.zeros((count, 3), np.float32), speed.astype(np.float32), zeros, zeros
    )


RANDOM = np.random.default_rng(0)
KINDS = np.repeat([0.0, 10.0], 60)
APPEARANCE = KINDS[:, None] + 0.1 * RANDOM.normal(size=(120, 2))
KNOWN = description(APPEARANCE, 0.8 + 0.05 * KINDS + 0.1 * RANDOM.normal(size=120))


def slowly(known: Description, objects: Description) -> np.ndarray:
    found = []
    for appearance, speed in zip(objects.appearance, objects.speed, strict=True):
        order = np.argsort(np.linalg.norm(known.appearance - appearance, axis=1))[:ALIKE]
        speeds = known.speed[order]
        middle = np.median(speeds)
        spread = max(TO_DEVIATION * np.median(np.abs(speeds - middle)), LEAST_SPREAD)
        found.append(abs(speed - middle) / spread)
    return np.array(found)


def test_against_the_slow_way() -> None:
    new = description(RANDOM.normal(5, 5, size=(20, 2)), RANDOM.uniform(0, 2, 20))
    np.testing.assert_allclose(expected_speed_deviation(KNOWN, new), slowly(KNOWN, new), rtol=1e-4)


def test_a_speed_is_expected_of_one_kind_and_not_of_the_other() -> None:
    both = description(np.array([[0.0, 0], [10, 10]]), np.array([1.3, 1.3]))
    slow, fast = expected_speed_deviation(KNOWN, both)
    assert slow > 3 and fast < 2


def test_unknown_speeds_and_groups_without_others() -> None:
    new = description(np.zeros((2, 2)), np.array([np.nan, 1.0]))
    assert expected_speed_deviation(KNOWN, new)[0] == 0
    same = (np.zeros(2, np.int32), np.zeros(120, np.int32))
    assert expected_speed_deviation(KNOWN, new, same).tolist() == [0, 0], "nobody to compare with"


def test_one_s_own_group_is_not_compared_with() -> None:
    new = description(KNOWN.appearance[:1], KNOWN.speed[:1] + 1)
    groups = (np.array([7], np.int32), np.where(KINDS == 0, 7, 8).astype(np.int32))
    left = description(KNOWN.appearance[KINDS > 0], KNOWN.speed[KINDS > 0])
    found = expected_speed_deviation(KNOWN, new, groups)
    assert found[0] == pytest.approx(slowly(left, new)[0], rel=1e-4)
