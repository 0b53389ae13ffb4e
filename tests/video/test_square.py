"""The square that shows an object lies in the picture, with the object in its middle where the edges allow it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenewise.video.square import square_around


@given(
    st.integers(8, 60),
    st.integers(8, 60),
    st.tuples(*[st.floats(0, 1)] * 4).map(lambda two: (*np.minimum(two[:2], two[2:]), *np.maximum(two[:2], two[2:]))),
)
def test_a_square_lies_in_the_picture_and_shows_the_middle_of_the_box(
    height: int, width: int, box: tuple[float, float, float, float]
) -> None:
    numbers = np.arange(height * width).reshape(height, width, 1)
    part = square_around((height, width), box).of(numbers)
    assert part.shape[0] == part.shape[1] >= 2
    x, y = (box[0] + box[2]) / 2 * width, (box[1] + box[3]) / 2 * height
    middle = min(int(y), height - 1) * width + min(int(x), width - 1)
    assert middle in part


def test_its_side_follows_the_longer_side_of_the_box() -> None:
    assert square_around((100, 200), (0.25, 0.4, 0.5, 0.6)) == (35, 10, 80)
    assert square_around((100, 200), (0.0, 0.9, 0.05, 1.0)) == (0, 84, 16), "moved to lie inside"
    assert square_around((100, 200), (0.25, 0.4, 0.26, 0.41), least=0.3).side == 30
