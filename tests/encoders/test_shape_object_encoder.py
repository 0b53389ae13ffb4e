import math

import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.object_encoder import GREY
from scenewise.encoders.shape_object_encoder import CLIP, SLACK, ShapeObjectEncoder


def crops_of(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Noise, coarse and fine, on grey."""
    random = np.random.default_rng(seed)
    crops = np.full((count, 64, 64, 3), GREY, np.uint8)
    for crop in crops:
        top, left = random.integers(0, 20, 2)
        coarse = random.integers(0, 240, (6, 5, 3)).repeat(7, 0).repeat(7, 1)
        crop[top : top + 42, left : left + 35] = coarse + random.integers(0, 16, coarse.shape)
    return crops


def slow_features(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Pixel by pixel, vote by vote, block by block."""
    cells = np.zeros((8, 8, 9))
    levels = crop.astype(float)
    for row in range(64):
        for column in range(64):
            right = levels[row, min(column + 1, 63)] - levels[row, max(column - 1, 0)]
            down = levels[min(row + 1, 63), column] - levels[max(row - 1, 0), column]
            channel = int((right**2 + down**2).argmax())
            strength = math.hypot(right[channel], down[channel])
            turn = math.atan2(down[channel], right[channel]) % math.pi
            apart = [abs(turn - (bin_ + 0.5) * math.pi / 9) for bin_ in range(9)]
            votes = [strength * max(0, 1 - min(angle, math.pi - angle) / (math.pi / 9)) / 64 for angle in apart]
            for cell_row in range(8):
                for cell_column in range(8):
                    near = max(0, 1 - abs(row + 0.5 - (cell_row * 8 + 4)) / 8)
                    near *= max(0, 1 - abs(column + 0.5 - (cell_column * 8 + 4)) / 8)
                    if near > 0:
                        cells[cell_row, cell_column] += near * np.array(votes)
    blocks = []
    for row in range(7):
        for column in range(7):
            block = np.concatenate([cells[row + r, column + c] for r in (0, 1) for c in (0, 1)])
            block = np.minimum(block / math.sqrt((block**2).sum() + SLACK**2), CLIP)
            blocks.append(block / math.sqrt((block**2).sum() + (CLIP / 10) ** 2))
    gradients = np.concatenate(blocks)
    silhouette = [
        np.mean([(crop[row, column] != GREY).any() for row in range(r, r + 8) for column in range(c, c + 8)])
        for r in range(0, 64, 8)
        for c in range(0, 64, 8)
    ]
    return np.concatenate([gradients / np.linalg.norm(gradients), silhouette / np.linalg.norm(silhouette)])


def test_features_are_those_of_loops() -> None:
    object_encoder, crops = ShapeObjectEncoder(), crops_of(2)
    features = object_encoder.encode(crops)
    assert features.shape == (2, object_encoder.width) and features.dtype == np.float32
    # OpenCV's angles are good to a third of a degree.
    np.testing.assert_allclose(features, [slow_features(crop) for crop in crops], atol=1e-4)


def test_the_features_of_an_object_do_not_depend_on_other_crops() -> None:
    object_encoder, crops = ShapeObjectEncoder(), crops_of(9)
    whole = object_encoder.encode(crops)
    assert (np.concatenate([object_encoder.encode(crops[n : n + 1]) for n in range(9)]) == whole).all()
    assert (object_encoder.encode(crops[::-1])[::-1] == whole).all()
    assert object_encoder.encode(crops[:0]).shape == (0, object_encoder.width)


def test_grey_alone_is_nothing() -> None:
    features = ShapeObjectEncoder().encode(np.full((1, 64, 64, 3), GREY, np.uint8))
    assert (features == 0).all()


def test_what_decides_is_shape_not_colour() -> None:
    upright, lying = np.full((2, 64, 64, 3), GREY, np.uint8)
    upright[8:56, 24:40], lying[24:40, 8:56] = 200, 200
    repainted = np.where(upright == 200, np.array([60, 30, 20]), upright).astype(np.uint8)
    tall, flat, dark = ShapeObjectEncoder().encode(np.stack([upright, lying, repainted]))
    assert np.linalg.norm(tall - dark) < 0.3 * np.linalg.norm(tall - flat)
