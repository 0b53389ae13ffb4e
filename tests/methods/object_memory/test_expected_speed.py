"""Speed given appearance: by hand, and against a slow loop."""

import numpy as np
import pytest

from scenewise.methods.object_memory import expected_speed as module
from scenewise.methods.object_memory.description import Description
from scenewise.methods.object_memory.expected_speed import (
    ALIKE,
    LEAST_SPREAD,
    TO_DEVIATION,
    expected_speed_deviation,
)

pytestmark = pytest.mark.filterwarnings("error")


def described(appearance: np.ndarray, speed: np.ndarray) -> Description:
    """Objects of which only appearance (M, d) and speed (M,) count."""
    count = len(speed)
    return Description(
        appearance.astype(np.float32),
        np.zeros((count, 3), np.float32),
        speed.astype(np.float32),
        np.zeros((count, 2), np.float32),
        np.zeros((count, 2), np.float32),
    )


def drawn(seed: int, count: int, unknown: float = 0.2) -> Description:
    random = np.random.default_rng(seed)
    speed = random.uniform(0, 2, count)
    speed[random.random(count) < unknown] = np.nan
    return described(random.normal(size=(count, 5)), speed)


def test_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three walkers and three cyclists; the median of the walkers' speeds is 1, and that of the deviations 0.1."""
    monkeypatch.setattr(module, "ALIKE", 3)
    kinds = np.repeat([[0.0], [9.0]], 3, axis=0)
    known = described(kinds, np.array([0.8, 1.0, 1.1, 1.5, 1.5, 1.5]))
    new = described(np.array([[0.1], [0.1], [8.9], [0.1]]), np.array([1.0, 1.5, 1.5, np.nan]))
    found = expected_speed_deviation(known, new)
    np.testing.assert_allclose(found, [0, 0.5 / (TO_DEVIATION * 0.1), 0, 0], atol=1e-5)
    fast = expected_speed_deviation(known, described(np.array([[9.0]]), np.array([1.8])))
    assert fast[0] == pytest.approx(0.3 / LEAST_SPREAD, rel=1e-4), "as if their speeds varied a little"


@pytest.mark.parametrize("rows", [1, 2, 10, 200])
def test_against_a_slow_loop(rows: int) -> None:
    known, new = drawn(rows, rows), drawn(1000 + rows, 40)
    known.speed[0] = 1.0
    random = np.random.default_rng(rows)
    own, theirs = random.integers(0, 4, 40).astype(np.int32), random.integers(0, 4, rows).astype(np.int32)
    for groups in (None, (own, theirs)):
        found = expected_speed_deviation(known, new, groups)
        for row in range(40):
            allowed = np.isfinite(known.speed)
            if groups is not None:
                allowed &= theirs != own[row]
            apart = np.linalg.norm(known.appearance[allowed] - new.appearance[row], axis=1)
            speeds = known.speed[allowed][np.argsort(apart)[:ALIKE]]
            if not len(speeds) or np.isnan(new.speed[row]):
                assert found[row] == 0
                continue
            spread = TO_DEVIATION * np.median(np.abs(speeds - np.median(speeds)))
            expected = abs(new.speed[row] - np.median(speeds)) / max(spread, LEAST_SPREAD)
            assert found[row] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_nothing_to_compare_with_is_no_deviation() -> None:
    untimed, new = drawn(0, 20, unknown=1.0), drawn(1, 7)
    groups = np.zeros(7, np.int32), np.zeros(20, np.int32)
    assert expected_speed_deviation(untimed, new).tolist() == [0] * 7
    assert expected_speed_deviation(untimed, new, groups).tolist() == [0] * 7
    assert expected_speed_deviation(drawn(2, 20), new, groups).tolist() == [0] * 7, "all of its own group"
    assert expected_speed_deviation(drawn(2, 20), drawn(1, 0)).shape == (0,)
