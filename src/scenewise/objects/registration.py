"""Where a camera looks now, beside where it looked when its scene was learned: moved, turned and zoomed a little.

Corners of the empty scene are sought again in a picture (pyramidal Lucas-Kanade, Bouguet 2000), after both were given
the same contrast everywhere, and the placement that most corners agree on is the camera's (RANSAC, Fischler and Bolles
1981): a corner that something covers is not found again, or agrees with no other.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS = (9, 12)
"""Rows and columns of cells whose corners are chosen separately: a caption in the picture, which holds many corners and
does not move with the camera, is outvoted by the rest of the picture."""
CORNERS = 2
"""Corners of a cell at most."""
CLEAR = 0.01
"""A corner is at least so clear, as a share of the clearest one (the smaller eigenvalue; Shi and Tomasi, CVPR 1994)."""
WINDOW, LEVELS = 25, 4
"""Pixels a side of what is compared around a corner, and times that pictures are halved for the search."""
THERE_AND_BACK = 0.5
"""Pixels; a corner counts if the search back from where it was found ends so near to where it began."""
AGREED = 1.0
"""Pixels between where a corner is and where a placement has it, up to which it agrees."""
MOST = 0.4
"""Share of the corners that were found again that has to agree, or nothing is said."""
ENOUGH = 0.12
"""Share of all corners that has to agree, or nothing is said."""
FEWEST = 12
"""Corners that have to agree, or nothing is said."""
TURNED = 1.15
"""A placement that also turns and zooms has to agree with so many times the corners of one that only moves."""
STILL = 0.5
"""Pixels; a picture that moved less is taken as it is."""
LIMIT = 0.15
"""Share of the picture's width up to which a camera's movement is evened out: beyond, too much of the picture shows
what was not there when the scene was learned."""
NOTED = 0.01
"""Share of the picture's width from which on a movement is told."""
AGAIN = 2.0
"""Seconds of video after which the camera's placement is sought again."""
LEAST_SIDE = 64
"""Pixels; in pictures less wide or high nothing is sought."""
CONTRAST = (6.0, 12.0, 5.0)
"""Pixels over which a picture's level and its contrast are evened, and levels below which contrast is noise."""

Placement = NDArray[np.float64]
"""(2, 3): the point (x, y) of the empty scene is shown at `placement @ (x, y, 1)`, all in pixels right and down."""


FEW, VIEWS = 15, 5
"""Pictures by which it is seen whether a camera moved at all, and views that they are compared with."""
SHARED = 0.5
"""Share of pictures that have to fit one view, or the camera is taken to stand still."""
UNMOVED = 0.8
"""Share of pictures that have to show the same view for a camera to stand still."""


class Corners(NamedTuple):
    """What is sought again."""

    at: NDArray[np.float32]
    """(N, 1, 2) pixels right and down."""
    grey: NDArray[np.uint8]
    """(h, w) the picture that they lie in, as `contrasts` gives it."""


def contrasts(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w) grey of `picture` (h, w, 3) with the same level and contrast everywhere, whatever the light."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    level, spread, noise = CONTRAST
    apart = grey - cv2.GaussianBlur(grey, (0, 0), level)
    usual = np.sqrt(cv2.GaussianBlur(apart * apart, (0, 0), spread) + noise * noise)
    return np.asarray(np.clip(128 + 40 * apart / usual, 0, 255), np.uint8)


def corners_of(picture: NDArray[np.uint8]) -> Corners:
    """The clearest corners of `picture` (h, w, 3), spread over all of it; none if it is small or flat."""
    grey = contrasts(picture)
    found = [np.empty((0, 2))]
    if min(grey.shape) >= LEAST_SIDE:
        clear = np.asarray(cv2.cornerMinEigenVal(grey, 5))
        rim = WINDOW // 2
        clear[(clear < CLEAR * clear.max()) | (clear < cv2.dilate(clear, np.ones((7, 7), np.uint8)))] = 0
        clear[:rim], clear[-rim:], clear[:, :rim], clear[:, -rim:] = 0, 0, 0, 0
        for rows in np.array_split(np.arange(grey.shape[0]), CELLS[0]):
            for columns in np.array_split(np.arange(grey.shape[1]), CELLS[1]):
                cell = clear[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
                best = np.argsort(cell, axis=None)[-CORNERS:]
                down, right = np.unravel_index(best[cell.ravel()[best] > 0], cell.shape)
                found.append(np.stack([right + columns[0], down + rows[0]], axis=1))
    return Corners(np.concatenate(found).astype(np.float32)[:, None], grey)


def placement_of(picture: NDArray[np.uint8], corners: Corners) -> Placement | None:
    """Where `picture` (h, w, 3) shows the scene of the `corners`; None if too few of them agree.

    They are sought where they were, and if that fails where the picture as a whole seems to have moved to.
    """
    if len(corners.at) < FEWEST:
        return None
    grey = contrasts(picture)
    near = _agreed(*_found_again(corners, grey, np.zeros(2)), len(corners.at))
    return (
        near if near is not None else _agreed(*_found_again(corners, grey, _whole(corners.grey, grey)), len(corners.at))
    )


def _found_again(
    corners: Corners, grey: NDArray[np.uint8], about: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(N, 2) corners that are found again in `grey` (h, w), and where; they are sought `about` (2,) pixels away."""
    there, found = _sought(corners.grey, grey, corners.at, corners.at + about)
    back, again = _sought(grey, corners.grey, there, there - about)
    known = found & again & (np.abs(back - corners.at).max(axis=(1, 2)) < THERE_AND_BACK)
    return corners.at[known, 0].astype(np.float64), there[known, 0].astype(np.float64)


def _sought(
    one: NDArray[np.uint8], other: NDArray[np.uint8], at: NDArray[np.float32], first: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where `other` (h, w) shows what `one` shows `at` (N, 1, 2), sought from `first` on; and whether it was found."""
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        one,
        other,
        at,
        first.astype(np.float32),
        winSize=(WINDOW, WINDOW),
        maxLevel=LEVELS,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(there, np.float32), np.asarray(found)[:, 0] > 0


def _whole(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(2,) pixels right and down by which the picture `other` (h, w) seems moved as a whole, by phase correlation."""
    small = [np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)) for grey in (one, other)]
    window = cv2.createHanningWindow(small[0].shape[::-1], cv2.CV_32F)
    moved, _ = cv2.phaseCorrelate(small[0].astype(np.float32), small[1].astype(np.float32), window)
    return 2 * np.array(moved)


def _agreed(before: NDArray[np.float64], after: NDArray[np.float64], corners: int) -> Placement | None:
    """The placement that takes most corners from `before` (N, 2) to `after`, out of so many; None if too few agree."""
    if len(before) < FEWEST:
        return None
    placement, agreed = _moved(before, after)
    turned, inside = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=AGREED)
    if turned is not None and (inside > 0).sum() > TURNED * agreed:
        placement, agreed = np.asarray(turned, np.float64), int((inside > 0).sum())
    return placement if agreed >= max(FEWEST, ENOUGH * corners, MOST * len(before)) else None


def _moved(before: NDArray[np.float64], after: NDArray[np.float64]) -> tuple[Placement, int]:
    """The shift that most of the corners (N, 2) agree on, and their number."""
    shifts = after - before
    agree = np.linalg.norm(shifts[:, None] - shifts[None], axis=2) < AGREED
    agreed = shifts[agree[int(agree.sum(axis=1).argmax())]]
    return np.column_stack([np.eye(2), np.median(agreed, axis=0)]), len(agreed)


class Registration:
    """Follows where one video's camera looks, picture by picture, in order."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        """`picture` (h, w, 3) uint8 RGB is the empty scene."""
        self.corners = corners_of(picture)
        self.size = (picture.shape[0], picture.shape[1])
        self.placement: Placement | None = None
        """The last one that was found; None if the camera stands where it stood."""
        self.most, self.too_far = 0.0, 0.0
        """Largest movements, in pixels, that were evened out and that were not."""
        self._next = -np.inf

    def faults(self, width: int) -> tuple[str, ...]:
        """What to say about the camera, in pixels of frames so wide; nothing if it hardly moved."""
        scale, faults = width / self.size[1], []
        if self.most >= NOTED * self.size[1]:
            faults.append(f"camera moved by up to {self.most * scale:.0f} px, which is evened out")
        if self.too_far:
            faults.append(
                f"camera moved by {self.too_far * scale:.0f} px, more than the {LIMIT * width:.0f} that can be evened "
                "out: its objects cannot be relied on; train the view as a scene of its own"
            )
        return tuple(faults)

    def placement_at(self, picture: NDArray[np.uint8], time: float) -> Placement | None:
        """Where `picture` (h, w, 3), `time` seconds into the video, shows the scene; None if where it was learned."""
        if time < self._next:
            return self.placement
        self._next = time + AGAIN
        found = placement_of(picture, self.corners)
        if found is None:
            return self.placement
        moved = farthest(found, self.size)
        if moved > LIMIT * self.size[1]:
            self.too_far = max(self.too_far, moved)
            self.placement = None
        elif moved < STILL:
            self.placement = None
        else:
            self.most = max(self.most, moved)
            self.placement = found
        return self.placement


def common_view(pictures: Sequence[NDArray[np.uint8]]) -> list[Placement | None] | None:
    """Where each of `pictures` (h, w, 3), of one camera, shows what the one of them shows that most others fit.

    None for a picture that does not fit it. None instead of the list if the camera stands still, or too few pictures
    fit any.
    """
    size = (pictures[0].shape[0], pictures[0].shape[1])
    few, best = spread(pictures, FEW), 0
    for picture in spread(pictures, VIEWS):
        corners = corners_of(picture)
        found = [placement for other in few if (placement := placement_of(other, corners)) is not None]
        if sum(farthest(placement, size) < STILL for placement in found) >= UNMOVED * len(few):
            return None
        if len(found) > best:
            best, view = len(found), corners
    if best < SHARED * len(few):
        return None
    return [placement_of(picture, view) for picture in pictures]


def undone(picture: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    """`picture` (h, w, 3) as the camera would have shown it from where the scene was learned."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = picture.shape[1], picture.shape[0]
    return np.asarray(cv2.warpAffine(picture, placement, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def in_view(size: tuple[int, int], placement: Placement) -> NDArray[np.bool_]:
    """(h, w) of the empty scene: what a picture still shows of it."""
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(np.ones(size, np.uint8), placement, size[::-1], flags=flags), bool)


def as_shown(labels: NDArray[np.int32], placement: Placement) -> NDArray[np.int32]:
    """`labels` (h, w) of the empty scene where the picture shows them, 0 where it shows what is beyond."""
    exact = labels.astype(np.float32)  # OpenCV moves no integers of 32 bits
    return np.asarray(cv2.warpAffine(exact, placement, labels.shape[::-1], flags=cv2.INTER_NEAREST), np.int32)


def farthest(placement: Placement, size: tuple[int, int]) -> float:
    """Pixels by which `placement` moves a picture of `size` (h, w), at the middle of the half where it moves more."""
    height, width = size
    points = np.array([[x * width, y * height, 1.0] for x in (0.25, 0.75) for y in (0.25, 0.75)])
    return float(np.linalg.norm(points @ placement.T - points[:, :2], axis=1).max())


def spread(pictures: Sequence[NDArray[np.uint8]], count: int) -> list[NDArray[np.uint8]]:
    """`count` of `pictures` or fewer, evenly chosen."""
    return [pictures[number] for number in np.unique(np.linspace(0, len(pictures) - 1, count).round().astype(int))]
