"""The anomaly score of every pixel of a frame: from the cells of a method's map, or from its boxes."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.pixel_level import Map
from scenewise.evaluation.regions import Detections

OUTSIDE = float(np.finfo(np.float16).min)
"""The score of pixels in no box, below all others: the lowest number of the format that pixels are counted in."""


def of_cells(cells: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W) scores of the pixels of a picture of `size` from those of the cells (rows, columns) of a grid over it.

    A cell's score is that of its middle, and between the middles it changes linearly in both directions, as PatchCore
    (Roth et al., CVPR 2022) enlarges its maps; beyond the outermost middles it stays as it is.
    """
    rows, columns = (_weights(count, pixels) for count, pixels in zip(cells.shape, size, strict=True))
    scores: NDArray[np.float32] = rows @ cells.astype(np.float32) @ columns.T
    return scores


@cache
def _weights(cells: int, pixels: int) -> NDArray[np.float32]:
    """(pixels, cells): how much each cell of a line counts at each pixel's middle; a pixel's weights add up to 1."""
    middles = np.clip((np.arange(pixels) + 0.5) * cells / pixels - 0.5, 0, cells - 1)
    apart = np.abs(middles[:, None] - np.arange(cells))
    weights: NDArray[np.float32] = np.maximum(1 - apart, 0).astype(np.float32)
    return weights


def of_boxes(detections: Detections, frames: int, size: tuple[int, int]) -> Iterator[Map]:
    """(H, W) of each of a video's `frames`, of `size`: the highest score of the boxes that hold the pixel's middle.

    A pixel in no box has the score OUTSIDE. Boxes are in pixels.
    """
    order = np.lexsort((detections.score, detections.frame))
    edges = np.searchsorted(detections.frame[order], np.arange(frames + 1))
    corners = np.clip(np.ceil(detections.box - 0.5), 0, np.tile(size[::-1], 2)).astype(int)
    for begin, end in pairwise(edges.tolist()):
        scores = np.full(size, OUTSIDE, np.float32)
        for row in order[begin:end]:  # the highest is painted last
            left, top, right, bottom = corners[row]
            scores[top:bottom, left:right] = detections.score[row]
        yield scores
