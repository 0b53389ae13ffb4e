"""A textured ground, and objects drawn onto it: the scenes that objects are detected in."""

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 120, 160

Picture = NDArray[np.uint8]


def ground(seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> Picture:
    """Soft colourful noise of full contrast."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    return np.asarray(cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 60, 180, cv2.NORM_MINMAX), np.uint8)


def bright(seed: int, height: int, width: int) -> Picture:
    """An object brighter than the ground, with another texture."""
    return ground(seed, height + 20, width + 20)[10:-10, 10:-10] // 2 + 120


def with_object(picture: Picture, drawn: Picture, top: int, left: int) -> Picture:
    """`picture` with `drawn` pasted in."""
    shown = picture.copy()
    shown[top : top + len(drawn), left : left + drawn.shape[1]] = drawn
    return shown


def noisy(picture: Picture, seed: int, levels: float = 2.0) -> Picture:
    """`picture` as a sensor sees it."""
    noise = np.random.default_rng(seed).normal(0, levels, picture.shape)
    return np.clip(picture + noise, 0, 255).round().astype(np.uint8)
