"""Normalised speed: what is fast for where it is."""

import numpy as np
import pytest

from scenewise.methods.object_memory.speed import LEAST, SpeedScale, fit_speed_scale


def test_the_scale_follows_a_drawn_perspective() -> None:
    random = np.random.default_rng(0)
    bottom = random.uniform(0.3, 1, 2000)
    speed = (0.4 * bottom - 0.05) * random.lognormal(0, 0.3, 2000)
    speed[::10] *= 6  # cyclists
    scale = fit_speed_scale(speed, bottom)
    assert abs(scale.slope - 0.4) < 0.06 and abs(scale.intercept + 0.05) < 0.04
    walker = scale.normalise(np.array([[0.07] * 3, [0.35] * 3]), np.array([0.3, 1.0]))
    np.testing.assert_allclose(walker, 1, atol=0.2)  # near and far, he walks


def test_normalised_speed_saturates() -> None:
    speed = np.array([[0, 0.1, 0.2], [0.3, 1000, 0]])
    found = SpeedScale(0.0, 0.1, 0.03).normalise(speed, np.array([0.5, 0.5]))
    np.testing.assert_allclose(found, [[0, 1, 4 / 3], [1.5, 2, 0]], atol=1e-3)
    assert found.dtype == np.float32


def test_no_row_falls_short_of_the_least() -> None:
    scale = fit_speed_scale(np.linspace(0, 0.4, 200), np.linspace(0.2, 1, 200))
    assert scale.least == pytest.approx(LEAST * 0.2, rel=0.1)
    assert scale.normalise(np.full((1, 3), scale.least), np.array([0.0]))[0, 0] == pytest.approx(1)


@pytest.mark.parametrize("count", range(1, 12))
def test_few_objects(count: int) -> None:
    bottom = np.linspace(0.2, 0.9, count)
    scale = fit_speed_scale(0.1 + 0 * bottom, bottom)
    np.testing.assert_allclose(scale.normalise(np.full((count, 3), 0.1), bottom), 1, atol=1e-3)


def test_a_scene_that_stands_still() -> None:
    scale = fit_speed_scale(np.zeros(50), np.linspace(0, 1, 50))
    assert np.isfinite(scale.normalise(np.array([[0.0, 0.1, 5.0]]), np.array([0.5]))).all()
