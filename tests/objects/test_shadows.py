"""The ground in shadow is the ground; dark, coloured and patterned clothes are not."""

import cv2
import numpy as np
import pytest
from drawn_scene import ground
from numpy.typing import NDArray

from scenewise.objects.shadows import shadows

LIT = ground(4).astype(np.float32) + 30
INSIDE = slice(50, 80), slice(60, 100)


def with_patch(patch: NDArray[np.float32]) -> NDArray[np.float32]:
    picture = LIT.copy()
    picture[40:90, 50:110] = patch
    return picture


@pytest.mark.parametrize("share", [0.6, 0.75, 0.9])
def test_ground_in_shadow(share: float) -> None:
    found = shadows(with_patch(share * (LIT[40:90, 50:110] + 8) - 8), LIT)
    assert found[INSIDE].all()
    assert not found[:30].any() and not found[100:].any(), "lit ground is no shadow"


@pytest.mark.parametrize("share", [0.3, 0.5, 1.0, 1.3])
def test_black_clothes_and_lamps(share: float) -> None:
    assert not shadows(with_patch(share * (LIT[40:90, 50:110] + 8) - 8), LIT)[INSIDE].any()


def test_coloured_clothes() -> None:
    tint = np.array([0.8, 0.7, 0.6], np.float32)
    assert not shadows(with_patch(tint * LIT[40:90, 50:110]), LIT)[INSIDE].any()


def test_clothes_with_folds() -> None:
    folds = 0.7 + 0.15 * np.sin(np.arange(60, dtype=np.float32))[None, :, None]
    assert not shadows(with_patch((folds * LIT[40:90, 50:110]).astype(np.float32)), LIT)[INSIDE].any()


def test_what_is_dark_already() -> None:
    dark = (LIT / 6).astype(np.float32)
    assert not shadows((0.7 * (dark + 8) - 8).astype(np.float32), dark).any()


def test_against_a_slow_reference() -> None:
    random = np.random.default_rng(2)
    reference = np.asarray(cv2.GaussianBlur(random.uniform(0, 255, (24, 30, 3)), (0, 0), 2), np.float32)
    level = reference * random.uniform(0.5, 1.0, (24, 30, 1)).astype(np.float32) ** 0.2
    share = ((level + 8) / (reference + 8)).astype(np.float64)
    grey = np.pad(share.mean(axis=2), 4, mode="reflect")
    found = shadows(level, reference)
    for y in range(24):
        for x in range(30):
            one, rough = share[y, x], grey[y : y + 9, x : x + 9].std()
            margins = [
                one.mean() - 0.55,
                0.95 - one.mean(),
                0.06 - np.ptp(one),
                0.03**2 - rough**2,
                (reference[y, x].mean() - 60) / 100,
            ]
            if min(map(abs, margins)) > 1e-5:
                assert found[y, x] == (min(margins) > 0)
