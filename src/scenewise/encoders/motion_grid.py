"""Features without weights: what moves where, in which direction and in which colours, and how the scene appears.

    frame ── 160 x 90 ──┬─ background ── foreground, colour against it ──┐
                        ├─ frame difference ─────────────────────────────┼─ 6 x 8 cells x 14 channels ──┐
                        ├─ optical flow ── speed, 4 directions ──────────┤                              ├─ features
                        └─ gradients ── 4 orientations ──────────────────┘                              │
                           background ── colour, edges ── 3 x 4 cells x 4 channels, and overall colour ─┘

The picture is squashed to one size, so that the width of the features depends on the channels alone.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.config import ExtractConfig
from scenewise.encoders import running_background
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.running_background import Plane, RunningBackground, Separated
from scenewise.errors import ConfigError

HEIGHT, WIDTH = 90, 160
"""The size everything is computed at: a quarter of 360p, where averaging whole pixels is fastest."""
GRID = (6, 8)
"""Rows and columns of the cells that motion is averaged over."""
APPEARANCE_GRID = (3, 4)
"""Coarser, so that the static scene does not outweigh what moves."""

MOTION_UNITS = {
    # Share of the cell; mean levels.
    "foreground": 0.1,
    "difference": 4.0,
    # Of the cell's foreground: pixels a frame at 160 x 90, as a whole and by direction.
    "speed": 0.5,
    "right": 0.5,
    "left": 0.5,
    "down": 0.5,
    "up": 0.5,
    # Levels a pixel across edges that are upright, flat, and slanted either way.
    "upright": 8.0,
    "flat": 8.0,
    "falling": 8.0,
    "rising": 8.0,
    # Levels brighter (or, negative, darker) than the background.
    "red": 16.0,
    "green": 16.0,
    "blue": 16.0,
}
"""The motion channels in their order, each with the unit it is measured in, chosen so that usual values are near 1."""
APPEARANCE = ("red", "green", "blue", "edges")
"""The appearance channels in their order, relative to the picture's mean brightness."""

FLOW: dict[str, Any] = {"pyr_scale": 0.5, "levels": 2, "winsize": 9, "iterations": 2, "poly_n": 5, "poly_sigma": 1.1}
"""Farnebäck's flow (SCIA 2003). DIS (ultrafast, finest scale 1) is four times as fast and follows large fast objects
further, but measures 2.5 instead of 4 pixels a frame for an object 7 pixels wide, a walker or cyclist far off."""
SUPPORT = 0.02
"""Share of a cell that a mean over its foreground needs to count by half: a few noisy pixels make no direction."""
DARK = 8.0
"""Levels added to a brightness before dividing by it."""
EDGE_UNIT = 1 / 16
"""Levels a pixel, relative to the mean brightness, at which edges count as 1."""
OVERALL_UNIT = 64.0
"""Levels at which the picture's overall colour counts as 1."""

CELLS = GRID[0] * GRID[1]
APPEARANCE_CELLS = APPEARANCE_GRID[0] * APPEARANCE_GRID[1]
MOTION_FEATURES = slice(0, CELLS * len(MOTION_UNITS))
"""Where in the features motion is: cell by cell in row-major order, each with the channels of MOTION_UNITS."""
APPEARANCE_FEATURES = slice(MOTION_FEATURES.stop, MOTION_FEATURES.stop + APPEARANCE_CELLS * len(APPEARANCE) + 3)
"""Where the static appearance is: cell by cell, each with the channels of APPEARANCE, then overall red, green, blue."""


class MotionGrid(Encoder):
    """An encoder that needs no weights; it carries the background and the last frame from frame to frame."""

    flags = frozenset({"regions"})
    width = APPEARANCE_FEATURES.stop
    batch = 32
    light = True
    carries_state = True

    def __init__(self, *, regions: tuple[int, int] | None = None) -> None:
        """With `regions` (rows, columns) the motion and appearance channels are also given for each of that grid's
        places: (N, rows x columns, 18). Raises ConfigError if the grid has more places than the picture has pixels."""
        if regions is not None and not (1 <= regions[0] <= HEIGHT and 1 <= regions[1] <= WIDTH):
            raise ConfigError(
                f"regions: motion-grid gives 1x1 to {HEIGHT}x{WIDTH} (rows x columns), not {regions[0]}x{regions[1]}; "
                "take a grid such as 7x7"
            )
        self.regions = regions
        self.identity: dict[str, Any] = {
            "kind": "motion-grid",
            "revision": 1,
            "size": [HEIGHT, WIDTH],
            "grid": list(GRID),
            "appearance_grid": list(APPEARANCE_GRID),
            "regions": list(regions) if regions else None,
            "motion_units": MOTION_UNITS,
            "appearance": list(APPEARANCE),
            "background": running_background.CONSTANTS,
            "flow": FLOW,
            "support": SUPPORT,
            "dark": DARK,
            "edge_unit": EDGE_UNIT,
            "overall_unit": OVERALL_UNIT,
        }
        self.execution: dict[str, Any] = {
            "device": "cpu",
            "precision": "float32",
            "opencv": cv2.__version__,
            "numpy": np.__version__,
        }
        self._background = RunningBackground()
        self.reset()

    @classmethod
    def from_config(cls, config: ExtractConfig) -> "MotionGrid":
        """With the regions that `config` asks for. Raises ConfigError."""
        return cls(regions=config.grid)

    def reset(self) -> None:
        """Forget the video before."""
        self._background.reset()
        self._last_grey: NDArray[np.uint8] | None = None

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features (N, 723) float32 of the next N frames (N, H, W, 3) uint8 RGB, of any size, of the current video.

        A frame's features depend on the frame and those before it. A video's first frame has no motion. Raises
        ValueError if `frames` are not uint8 RGB.
        """
        if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
            raise ValueError(f"frames: expected (N, H, W, 3) uint8, got {frames.shape} {frames.dtype}")
        features = np.empty((len(frames), self.width), np.float32)
        places = self.regions[0] * self.regions[1] if self.regions else 0
        regions = np.empty((len(frames), places, len(MOTION_UNITS) + len(APPEARANCE)), np.float32)
        for index, frame in enumerate(frames):
            motion, appearance = self._next(frame)
            level = mean_of_cells(appearance, (1, 1))[0, :3]
            features[index, MOTION_FEATURES] = motion_channels(motion, GRID).ravel()
            static = appearance_channels(appearance, APPEARANCE_GRID, level).ravel()
            features[index, APPEARANCE_FEATURES] = np.concatenate([static, level / np.float32(OVERALL_UNIT)])
            if self.regions:
                regions[index, :, : len(MOTION_UNITS)] = motion_channels(motion, self.regions)
                regions[index, :, len(MOTION_UNITS) :] = appearance_channels(appearance, self.regions, level)
        return Encoded(features, regions if self.regions else None)

    def _next(self, frame: NDArray[np.uint8]) -> tuple[list[Plane], list[Plane]]:
        """Maps of motion and of appearance of the video's next frame."""
        small = squash(frame)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
        last = grey if self._last_grey is None else self._last_grey
        self._last_grey = grey
        separated = self._background.separate(small.astype(np.float32))
        return motion_maps(grey, last, separated), appearance_maps(self._background.level)


def squash(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`frame` (H, W, 3) as (90, 160, 3): sides that are longer are averaged down, shorter ones interpolated up."""
    height, width = frame.shape[:2]
    shrunk = cv2.resize(frame, (min(width, WIDTH), min(height, HEIGHT)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)


def motion_maps(grey: NDArray[np.uint8], last: NDArray[np.uint8], separated: Separated) -> list[Plane]:
    """What `motion_channels` averages: 14 maps (90, 160), all but the first two weighted by the foreground."""
    foreground, residual, gain = separated
    difference = np.abs(grey - last * np.float32(gain))
    right, down = (plane * foreground for plane in planes(optical_flow(last, grey)))
    upright, falling = (plane * foreground for plane in edge_directions(*gradient(grey)))
    directions = [half for plane in (right, down, upright, falling) for half in (plane, -plane)]
    return [
        foreground,
        difference,
        length(right, down),
        *(np.maximum(half, 0) for half in directions),
        *(plane * foreground for plane in planes(residual)),
    ]


def optical_flow(last: NDArray[np.uint8], grey: NDArray[np.uint8]) -> Plane:
    """Where the pixels of `last` went in `grey`, (90, 160, 2): pixels to the right and down."""
    return np.asarray(cv2.calcOpticalFlowFarneback(last, grey, np.empty((0, 0)), flags=0, **FLOW), np.float32)


def appearance_maps(level: Plane) -> list[Plane]:
    """What `appearance_channels` averages: the background's red, green, blue and strength of edges, each (90, 160)."""
    return [*planes(level), length(*gradient(cv2.cvtColor(level, cv2.COLOR_RGB2GRAY)))]


def gradient(grey: NDArray[Any]) -> tuple[Plane, Plane]:
    """How much brighter `grey` (H, W) becomes to the right and down, in levels a pixel (Sobel)."""
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(right, np.float32), np.asarray(down, np.float32)


def edge_directions(right: Plane, down: Plane) -> tuple[Plane, Plane]:
    """How much of a gradient lies across an upright (negative: a flat) edge, and across a falling (negative: a rising)
    one, in levels a pixel. The angle is doubled, so that it does not matter which side of an edge is bright."""
    strength = np.maximum(length(right, down), np.float32(1e-6))
    upright = (right * right - down * down) / strength
    falling = -2 * right * down / strength
    return np.asarray(upright, np.float32), np.asarray(falling, np.float32)


def length(right: Plane, down: Plane) -> Plane:
    """Length of the vectors (`right`, `down`); np.hypot, which guards against overflow, takes five times as long."""
    return np.sqrt(right * right + down * down)


def planes(picture: Plane) -> list[Plane]:
    """The channels of (H, W, C), each (H, W)."""
    return [np.asarray(plane, np.float32) for plane in cv2.split(picture)]


def motion_channels(maps: list[Plane], grid: tuple[int, int]) -> Plane:
    """(rows x columns, 14) from `motion_maps`, in row-major order.

    Nearly linear for small values and logarithmic for large ones (arcsinh), so that no rare event is huge.
    """
    cells = mean_of_cells(maps, grid)
    cells[:, 2:] /= cells[:, :1] + np.float32(SUPPORT)
    return np.arcsinh(cells / np.array(list(MOTION_UNITS.values()), np.float32))


def appearance_channels(maps: list[Plane], grid: tuple[int, int], level: Plane) -> Plane:
    """(rows x columns, 4) from `appearance_maps`, in row-major order, relative to the brightness of the background's
    mean colour `level` (3,): a change of exposure changes them little."""
    cells = mean_of_cells(maps, grid)
    brightness = level.mean() + np.float32(DARK)
    cells[:, :3] = (cells[:, :3] + np.float32(DARK)) / brightness
    cells[:, 3] = np.arcsinh(cells[:, 3] / brightness / np.float32(EDGE_UNIT))
    return cells


def mean_of_cells(maps: list[Plane], grid: tuple[int, int]) -> Plane:
    """Means of C maps (H, W) over the cells of a grid, fractions of pixels included: (rows x columns, C)."""
    rows, columns = grid
    means = [cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA) for plane in maps]
    return np.stack(means, axis=-1).reshape(rows * columns, len(maps)).astype(np.float32, copy=False)
