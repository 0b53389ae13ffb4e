"""Dense flow, in picture heights a second."""

import cv2
import numpy as np
import pytest
from drawn_scene import ground

from scenewise.objects.motion import Motion


@pytest.mark.parametrize("right, down", [(0, 0), (3, 0), (-4, 2), (1, -5)])
def test_a_shifted_texture_moves_by_its_shift(right: int, down: int) -> None:
    large = ground(1, 200, 260)
    earlier, later = large[40:160, 40:200], large[40 - down : 160 - down, 40 - right : 200 - right]
    flow = Motion().flow(earlier, later, seconds=0.2)
    assert flow.shape == (120, 160, 2) and flow.dtype == np.float32
    expected = np.array([right, down]) / 120 / 0.2
    np.testing.assert_allclose(
        np.median(flow[20:-20, 20:-20], axis=(0, 1)), expected, atol=0.2 / 120 / 0.2
    )  # a fifth of a pixel


def test_threads_and_what_was_seen_before_do_not_change_it() -> None:
    large = ground(1, 300, 500)
    earlier, later = large[10:250, 10:470], large[13:253, 5:465]
    threads = cv2.getNumThreads()
    flows = []
    try:
        for number in (1, 2, 3, 8):
            cv2.setNumThreads(number)
            motion = Motion()
            motion.flow(later, earlier, 0.1)
            flows.append(motion.flow(earlier, later, 0.1))
    finally:
        cv2.setNumThreads(threads)
    for flow in flows[1:]:
        np.testing.assert_array_equal(flow, flows[0])


@pytest.mark.parametrize(
    "height, width", [(1, 1), (4, 4), (12, 12), (13, 40), (16, 480), (20, 480), (480, 9), (31, 33)]
)
def test_tiny_and_narrow_pictures(height: int, width: int) -> None:
    earlier, later = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
    flow = Motion().flow(earlier, later, 0.1)
    assert flow.shape == (height, width, 2) and np.isfinite(flow).all()
