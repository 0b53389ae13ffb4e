"""The empty scene: what a camera shows if nothing moves through it, learned from its training footage."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.objects.registration import common_view, undone

PICTURE_WIDTH = 480
"""Pixels; objects are detected in pictures at most this wide. A person smaller than some 10 pixels in them has no
appearance to compare anyway."""
SAMPLES = 60
"""Pictures that the background is the median of: enough that nobody stands in the same place in half of them."""
SOFTNESS = 1.0
"""Pixels; standard deviation of the blur that removes sensor noise and block borders before pictures are compared."""


class Background(NamedTuple):
    """One scene without what moves through it."""

    picture: NDArray[np.uint8]
    """(h, w, 3) RGB, softened."""
    noise: NDArray[np.float32]
    """(h, w) levels: how far a pixel of the empty scene usually deviates, leaves in the wind and lamps included."""


def working_size(height: int, width: int) -> tuple[int, int]:
    """(h, w) of the pictures in which the objects of an H x W video are detected."""
    if width <= PICTURE_WIDTH:
        return height, width
    return max(round(height * PICTURE_WIDTH / width), 1), PICTURE_WIDTH


def shrunk(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """`frame` (H, W, 3) at `size` (h, w)."""
    if frame.shape[:2] == size:
        return frame
    return np.asarray(cv2.resize(frame, (size[1], size[0]), interpolation=cv2.INTER_AREA), np.uint8)


def softened(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w, 3) levels as float32, without the finest grain."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), SOFTNESS), np.float32)


def gains(picture: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3,) factor of each channel that makes `picture` as bright as `reference`, both (h, w, 3).

    The median over pixels: whatever covers less than half of the picture does not count.
    """
    ratios = (reference[::4, ::4] + DARK) / (picture[::4, ::4] + DARK)
    return np.asarray(np.median(ratios.reshape(-1, 3), axis=0), np.float32)


DARK = 8.0
"""Levels added before ratios are taken, so that nearly black pixels do not decide them."""


def evened(picture: NDArray[np.float32], reference: NDArray[np.float32]) -> NDArray[np.float32]:
    """`picture` (h, w, 3) with the exposure of `reference`."""
    height, width, channels = picture.shape
    even = (picture + DARK).reshape(height, width * channels)
    even *= np.tile(gains(picture, reference), width)  # whole rows: numpy is slow where the last axis has three numbers
    even -= DARK
    return even.reshape(picture.shape)


def apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w) levels between two pictures (h, w, 3), in the channel in which they differ most."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)


def learn_background(pictures: list[NDArray[np.uint8]]) -> Background:
    """The background that `pictures`, at least one of (h, w, 3) RGB, have in common: their median.

    If the camera moved among them, it is the one of the view that most of them show.
    """
    soft = [softened(picture) for picture in pictures]
    placements = common_view(pictures)
    if placements is not None:
        placed = zip(soft, placements, strict=True)
        soft = [undone(picture, placement) for picture, placement in placed if placement is not None]
    first = np.median(np.stack(soft), axis=0)
    level = [evened(picture, first) for picture in soft]
    median = np.median(np.stack(level), axis=0).astype(np.float32)
    deviations = np.stack([apart(picture, median) for picture in level])
    noise = np.asarray(cv2.GaussianBlur(np.median(deviations, axis=0).astype(np.float32), (0, 0), 2), np.float32)
    return Background(np.clip(median.round(), 0, 255).astype(np.uint8), noise)
