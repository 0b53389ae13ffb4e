"""The pinhole camera every scene is seen through.

World axes in metres: x to the right, y away from the street's near end, z up; the ground is z = 0.
"""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A fixed pinhole camera without distortion. Pixel (0, 0) is the centre of the first pixel."""

    width: int
    height: int
    focal: float
    """Focal length in pixels."""
    position: Floats
    """(3,) metres."""
    axes: Floats
    """(3, 3), rows: the picture's right, the picture's down, the line of sight; unit length."""

    @classmethod
    def looking(
        cls,
        position: tuple[float, float, float],
        target: tuple[float, float, float],
        view: float,
        size: tuple[int, int],
    ) -> Self:
        """A camera at `position` with `target` in the middle of its picture of `size` (width, height).

        `view` is the horizontal angle in degrees of a 16:9 picture; other shapes show a part of that picture.
        """
        width, height = size
        eye = np.asarray(position, float)
        forward = np.asarray(target, float) - eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 0.0, 1.0))
        right /= np.linalg.norm(right)
        focal = max(width, height * 16 / 9) / 2 / math.tan(math.radians(view) / 2)
        return cls(width, height, focal, eye, np.stack([right, np.cross(forward, right), forward]))

    def enlarged(self, margin: int, factor: int) -> Self:
        """The same view with `margin` more pixels on every side, then `factor` times finer."""
        return replace(
            self,
            width=(self.width + 2 * margin) * factor,
            height=(self.height + 2 * margin) * factor,
            focal=self.focal * factor,
        )

    @property
    def centre(self) -> Floats:
        """(2,) the pixel on the line of sight."""
        return np.array([(self.width - 1) / 2, (self.height - 1) / 2])

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """World points (..., 3) to pixels (..., 2) and depth (...) in metres; depths are kept above 0.1."""
        seen = (points - self.position) @ self.axes.T
        depth = np.maximum(seen[..., 2], 0.1)
        return seen[..., :2] * (self.focal / depth)[..., None] + self.centre, depth

    def rays(self, left: int, top: int, right: int, bottom: int) -> Floats:
        """Directions (bottom - top, right - left, 3) of a block of pixels, one metre deep along the line of sight."""
        x = (np.arange(left, right) - self.centre[0]) / self.focal
        y = (np.arange(top, bottom) - self.centre[1]) / self.focal
        plane = x[None, :, None] * self.axes[0] + y[:, None, None] * self.axes[1]
        return np.asarray(plane + self.axes[2])
