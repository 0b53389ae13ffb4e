"""A map of scores as a picture over the frame: ordinary cells are clear, abnormal ones glow."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.video.decode import Frame

GLOW = (255, 60, 40)
CLEAR, FULL = 0.5, 1.5
"""On the scene scale: cells up to CLEAR are clear, and those from FULL on are as opaque as any."""
MOST = 0.6
"""Opacity at FULL; the picture is still seen below it."""


def heat_of(cells: NDArray[np.floating], clear: float = CLEAR, full: float = FULL) -> NDArray[np.uint8]:
    """(rows, columns, 4) red, green, blue and opacity of the cells (rows, columns) of a map.

    Opacity rises in a straight line from 0 at the score `clear` to MOST at `full`.
    """
    share = np.clip((np.asarray(cells, np.float64) - clear) / max(full - clear, 1e-9), 0, 1)
    heat = np.empty((*cells.shape, 4), np.uint8)
    heat[..., :3] = GLOW
    heat[..., 3] = np.round(255 * MOST * share)
    return heat


def draw_heat(picture: Frame, cells: NDArray[np.floating]) -> Frame:
    """`picture` (H, W, 3) below the map `cells` (rows, columns), which changes smoothly from cell to cell."""
    heat = heat_of(cells)
    if not heat[..., 3].any():
        return picture
    size = picture.shape[1], picture.shape[0]
    opacity = np.asarray(Image.fromarray(heat[..., 3]).resize(size, Image.Resampling.BILINEAR), np.float32) / 255
    drawn = picture + opacity[..., None] * (np.array(GLOW, np.float32) - picture)
    return np.round(drawn).astype(np.uint8)
