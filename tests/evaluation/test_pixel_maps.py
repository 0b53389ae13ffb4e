"""Scores of pixels: the cells of a map and boxes against slow loops, and their AUC against all pixels in a row."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from conftest import write_video
from scenewise.datasets import LabelSource
from scenewise.evaluation.localisation import localisation
from scenewise.evaluation.pixel_maps import OUTSIDE, of_boxes, of_cells
from scenewise.evaluation.regions import Detections

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))
CELLS = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.floats(-100, 100, width=16))
)


def slow_cells(cells: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pixel by pixel: the nearest two middles of cells on either side, in both directions."""
    pixels = np.empty(size)
    for y in range(size[0]):
        for x in range(size[1]):
            value = 0.0
            places = []
            for at, length, count in ((y, size[0], cells.shape[0]), (x, size[1], cells.shape[1])):
                place = min(max((at + 0.5) / length * count - 0.5, 0.0), count - 1.0)
                low = int(place)
                places.append([(low, 1 - (place - low)), (min(low + 1, count - 1), place - low)])
            for row, first in places[0]:
                for column, second in places[1]:
                    value += first * second * cells[row, column]
            pixels[y, x] = value
    return pixels


@given(CELLS, SIZES)
def test_a_pixel_lies_between_the_middles_of_cells(cells: np.ndarray, size: tuple[int, int]) -> None:
    found = of_cells(cells, size)
    assert found.shape == size and found.min() >= cells.min() - 1e-3 and found.max() <= cells.max() + 1e-3
    np.testing.assert_allclose(found, slow_cells(cells, size), rtol=1e-4, atol=1e-3)


def test_a_grid_as_fine_as_the_picture_stays_as_it_is() -> None:
    cells = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_array_equal(of_cells(cells, (4, 6)), cells)


@given(st.integers(0, 10_000))
def test_a_pixel_has_the_highest_score_of_its_boxes(seed: int) -> None:
    random = np.random.default_rng(seed)
    frame, corner = random.integers(0, 3, 7), random.uniform(-2, 6, (7, 2))
    boxes = Detections(frame, np.concatenate([corner, corner + random.uniform(0, 5, (7, 2))], 1), random.normal(size=7))
    for number, found in enumerate(of_boxes(boxes, 3, (5, 6))):
        for y in range(5):
            for x in range(6):
                inside = [
                    score
                    for of_frame, (left, top, right, bottom), score in zip(*boxes, strict=True)
                    if of_frame == number and left <= x + 0.5 < right and top <= y + 0.5 < bottom
                ]
                assert found[y, x] == np.float32(max(inside, default=OUTSIDE))


@pytest.mark.parametrize("by", ["maps", "boxes"])
def test_the_auc_is_that_of_every_pixel_of_every_video(tmp_path: Path, by: str) -> None:
    """A video that is normal throughout counts with as many pixels as the others."""
    random = np.random.default_rng(5)
    masks = np.zeros((4, 10, 12), np.uint8)
    masks[1:3, 4:8, 5:9] = 1
    np.save(tmp_path / "masks.npy", masks)

    def video(name: str, **more: object):
        return write_video(tmp_path / "features", "road", name, "test", np.zeros((4, 2)), **more)

    located, calm = video("00", masks=LabelSource(tmp_path / "masks.npy")), video("01")
    truths = {located: (masks.any(axis=(1, 2)), None), calm: (np.zeros(4, bool), None)}
    maps = {one: random.normal(size=(4, 3, 3)).astype(np.float16) for one in truths}
    corner = random.uniform(0, 8, (9, 2))
    box = np.concatenate([corner, corner + 4], axis=1)
    detections = {one: Detections(random.integers(0, 4, 9), box, random.normal(size=9)) for one in truths}
    figures = localisation(truths, detections, maps if by == "maps" else None)
    assert figures is not None
    if by == "maps":
        pixels = [slow_cells(cells.astype(float), (10, 12)) for one in truths for cells in maps[one]]
    else:
        pixels = [scores for one in truths for scores in of_boxes(detections[one], 4, (10, 12))]
    labels = np.concatenate([masks, np.zeros_like(masks)]).ravel()
    assert figures["pixel_auc"] == pytest.approx(roc_auc_score(labels, np.stack(pixels).ravel()), abs=1e-3)
    assert figures["rbdc"] is not None
