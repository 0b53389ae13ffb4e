"""Appearance features of objects without weights: the directions of their edges, and their silhouette.

crop ──┬─ gradients ── 8 x 8 cells x 9 orientations ── 7 x 7 blocks, each normalised ── histograms of gradients
       └─ what is not grey ── 8 x 8 cells ──────────────────────────────────────────── silhouette
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.encoders.object_encoder import GREY, unit_parts

SIZE, CELL = 64, 8
"""Pixels a side of a crop and of a cell; Dalal and Triggs found cells of 6 to 8 pixels best for people."""
CELLS = SIZE // CELL
ORIENTATIONS = 9
"""Bins over half a turn, so that a dark object on bright ground equals a bright one on dark ground."""
AXES = ((1, 0), (0, 1))
"""Orders of derivation to the right and down."""
BLOCK = 2
"""Cells a side of a block."""
CLIP = 0.2
"""The largest share that one value has of its block's length, so that one hard edge, such as the mask's, does not
outweigh all others."""
SLACK = 2.0
"""Levels across two pixels: a block as weak as that is not scaled to full length, for it may hold noise alone."""


def _spread() -> NDArray[np.float32]:
    """(CELLS, SIZE): the share of a pixel's vote that each cell of its row or column gets, linear between centres."""
    pixels, centres = np.arange(SIZE) + 0.5, (np.arange(CELLS) + 0.5) * CELL
    return np.maximum(0, 1 - abs(pixels - centres[:, None]) / CELL).astype(np.float32)


SPREAD = _spread()


class ShapeObjectEncoder:
    """An object encoder that needs no weights.

    Histograms of oriented gradients as Dalal and Triggs (Histograms of Oriented Gradients for Human Detection, CVPR
    2005, section 6) found best: of every pixel the colour channel with the largest gradient, centred and unsmoothed; a
    vote as large as the gradient, shared linearly between orientations, rows and columns of cells; overlapping blocks,
    normalised by L2-hys. Their Gaussian window inside blocks is left out.
    """

    width = (CELLS - BLOCK + 1) ** 2 * BLOCK**2 * ORIENTATIONS + CELLS**2
    size = SIZE
    distinguishes_classes = False

    def __init__(self) -> None:
        self.identity: dict[str, Any] = {"kind": "shape", "size": SIZE, "cell": CELL, "revision": 1}

    def encode(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Appearance features (M, D') of crops (M, size, size, 3) uint8 RGB; M may be 0."""
        gradients = np.empty((len(crops), self.width - CELLS**2), np.float32)
        for number, crop in enumerate(crops):  # one by one they stay in the processor's cache
            gradients[number] = _blocks(_cells(crop)).ravel()
        covered = (crops != GREY).any(axis=3).reshape(len(crops), CELLS, CELL, CELLS, CELL)
        return unit_parts(gradients, covered.mean(axis=(2, 4)).reshape(len(crops), CELLS**2))


def _cells(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Histograms (CELLS, CELLS, ORIENTATIONS) of a crop's gradients, in levels across two pixels."""
    across, down = _strongest(crop)
    length, angle = cv2.cartToPolar(across, down)
    place = angle.ravel() * (ORIENTATIONS / np.pi) - 0.5  # in bins, counted from the first one's centre
    lower = np.floor(place)
    share = (place - lower) * length.ravel()
    votes = np.zeros((ORIENTATIONS, SIZE * SIZE), np.float32)
    first = lower.astype(np.intp) % ORIENTATIONS
    pixels = np.arange(SIZE * SIZE)
    votes[first, pixels] = length.ravel() - share
    votes[(first + 1) % ORIENTATIONS, pixels] = share
    cells = SPREAD @ votes.reshape(ORIENTATIONS, SIZE, SIZE) @ SPREAD.T
    return np.asarray(np.moveaxis(cells, 0, 2) / CELL**2, np.float32)


def _strongest(crop: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gradients (SIZE, SIZE) to the right and down, in levels across two pixels, of each pixel's strongest channel."""
    across, down = (cv2.Sobel(crop, cv2.CV_32F, *axis, ksize=1, borderType=cv2.BORDER_REPLICATE) for axis in AXES)
    strength = across * across + down * down
    red, green, blue = cv2.split(strength)
    is_green, is_blue = green > red, blue > np.maximum(red, green)
    right, below = (
        np.where(is_blue, plane[..., 2], np.where(is_green, plane[..., 1], plane[..., 0])) for plane in (across, down)
    )
    return right, below


def _blocks(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cells (CELLS, CELLS, ORIENTATIONS) as overlapping blocks (7, 7, BLOCK * BLOCK * ORIENTATIONS), L2-hys each."""
    last = CELLS - BLOCK + 1
    corners = [cells[row : row + last, column : column + last] for row in range(BLOCK) for column in range(BLOCK)]
    blocks = np.concatenate(corners, axis=2)
    clipped = np.minimum(blocks / _length(blocks, SLACK), CLIP)
    return np.asarray(clipped / _length(clipped, CLIP / 10), np.float32)


def _length(blocks: NDArray[np.float32], slack: float) -> NDArray[np.float32]:
    return np.asarray(np.sqrt((blocks * blocks).sum(axis=2, keepdims=True) + slack * slack), np.float32)
