"""The materials of surfaces: colours as functions of a place in metres.

A material takes u, v (metres on its face, float32 arrays of one shape), the footprint (metres a pixel covers there)
and a noise, and gives RGB (..., 3), 0 to 255. Details finer than a pixel fade out, so that distance does not flicker.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Colour = tuple[float, float, float]


class Noise:
    """Smooth random fields over the plane, drawn from one generator."""

    SIDE = 256

    def __init__(self, random: np.random.Generator) -> None:
        self.lattice = random.uniform(-1, 1, (self.SIDE, self.SIDE)).astype(np.float32)
        self.shift = random.uniform(0, self.SIDE, 2)

    def smooth(self, u: Array, v: Array, wavelength: float, footprint: Array, octaves: int = 3) -> Array:
        """Fractal noise of u's shape, about -1 to 1; each octave halves wavelength and amplitude."""
        total = np.zeros_like(u)
        for octave in range(octaves):
            length = wavelength / 2**octave
            seen = np.clip(length / footprint - 0.5, 0, 1)
            if not seen.any():  # and no finer octave either
                break
            x, y = (
                wrapped(place / length + shift + step * octave, self.SIDE)
                for place, shift, step in ((u, self.shift[0], 17), (v, self.shift[1], 31))
            )
            field = cv2.remap(self.lattice, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
            total += field * seen * 0.6**octave
        return np.asarray(total, np.float32)

    def cells(self, column: Array, row: Array) -> Array:
        """One random number in -1 to 1 for each whole (column, row)."""
        x, y = column.astype(np.int64), row.astype(np.int64)
        return np.asarray(self.lattice[(x * 7 + y * 53) % self.SIDE, (x * 101 + y * 13) % self.SIDE])


def wrapped(place: NDArray[np.floating], period: int) -> Array:
    """`place` modulo `period`, in a quarter of np.mod's time."""
    return np.asarray(place - period * np.floor(place / period), np.float32)


Material = Callable[[Array, Array, Array, Noise], Array]


def shaded(colour: Colour, brightness: NDArray[np.floating]) -> Array:
    """`colour` times `brightness`, (..., 3)."""
    return np.asarray(np.asarray(brightness, np.float32)[..., None] * np.asarray(colour, np.float32))


def mixed(below: Array, above: Array, share: Array) -> Array:
    """`below` where `share` is 0, `above` where it is 1."""
    return np.asarray(below + (above - below) * share[..., None], np.float32)


def stripe(place: Array, period: float, width: float, footprint: Array) -> Array:
    """1 on lines of `width` metres that repeat every `period` metres, 0 between; blurred if thinner than a pixel."""
    distance = np.abs(np.mod(place + period / 2, period) - period / 2)
    soft = np.maximum(footprint, 1e-3)
    return np.asarray(np.clip((width / 2 - distance) / soft + 0.5, 0, 1) * np.clip(width / soft, 0, 1), np.float32)


def asphalt(colour: Colour) -> Material:
    """Speckled, with worn patches and, along v, darker wheel tracks."""

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        wear = noise.smooth(u, v * 0.3, 2.5, footprint)
        grain = noise.smooth(u, v, 0.12, footprint, 2)
        crack = np.clip(1 - np.abs(noise.smooth(u + 40, v, 5.0, footprint)) * 45, 0, 1)
        return shaded(colour, 1 + 0.07 * wear + 0.1 * grain - 0.18 * crack * np.clip(0.06 / footprint, 0, 1))

    return material


def slabs(colour: Colour, length: float, width: float, bond: float = 0.0, joint: float = 0.025) -> Material:
    """Stones of `length` x `width` metres, each row set off by the share `bond`, with dark joints."""

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        row = np.floor(v / width)
        along = u + bond * length * row
        stone = noise.cells(np.floor(along / length), row) * np.clip(width / footprint - 0.7, 0, 1)
        joints = np.maximum(stripe(along, length, joint, footprint), stripe(v, width, joint, footprint))
        dirt = noise.smooth(u, v, 3.0, footprint)
        grain = noise.smooth(u, v, 0.1, footprint, 2)
        return shaded(colour, (1 + 0.09 * stone + 0.07 * dirt + 0.05 * grain) * (1 - 0.4 * joints))

    return material


def grass(colour: Colour, mowing: float = 0.0) -> Material:
    """Blades, tufts and dry patches; mown in bands of `mowing` metres if that is above 0."""

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        tufts = noise.smooth(u, v, 0.45, footprint, 4)
        patches = noise.smooth(u, v, 5.0, footprint)
        band = np.sign(np.sin(np.pi * u / mowing)) if mowing else np.zeros_like(u)
        green = shaded(colour, (1 + 0.17 * tufts + 0.08 * patches + 0.05 * band).astype(np.float32))
        dry = shaded((150.0, 140.0, 84.0), 1 + 0.2 * tufts)
        return mixed(green, dry, np.clip(patches - 0.3, 0, 0.35))

    return material


def gravel(colour: Colour) -> Material:
    """Loose small stones."""

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        return shaded(
            colour, 1 + 0.16 * noise.smooth(u, v, 0.09, footprint, 2) + 0.1 * noise.smooth(u, v, 1.5, footprint)
        )

    return material


def paint(colour: Colour) -> Material:
    """Road paint, worn off in places."""

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        return shaded(colour, 1 - 0.16 * np.abs(noise.smooth(u, v, 0.4, footprint)))

    return material


def hedge(colour: Colour) -> Material:
    """Clipped leaves, darker towards the ground (v is the height)."""

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        leaves = noise.smooth(u, v, 0.5, footprint, 4)
        return shaded(colour, (1 + 0.4 * leaves) * np.clip(0.6 + 0.35 * v, 0.5, 1.1))

    return material


def bricks(colour: Colour) -> Material:
    """A wall of bricks under a coping (v is the height)."""
    courses = slabs(colour, 0.24, 0.09, bond=0.5, joint=0.015)

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        damp = np.clip(0.72 + 0.5 * v, 0, 1).astype(np.float32)
        return np.asarray(courses(u, v, footprint, noise) * damp[..., None])

    return material


def facade(colour: Colour, glass: Colour, bay: float, storey: float) -> Material:
    """A house front with a window in every `bay` x `storey` metres, sills, and a darker base (v is the height)."""

    def material(u: Array, v: Array, footprint: Array, noise: Noise) -> Array:
        column, row = np.floor(u / bay), np.floor(v / storey)
        across, up = (u / bay - column) * bay, (v / storey - row) * storey
        soft = np.maximum(footprint, 1e-3)

        def box(left: float, right: float, low: float, high: float) -> Array:
            sides = np.minimum(np.minimum(across - left, right - across), np.minimum(up - low, high - up))
            return np.asarray(np.clip(sides / soft + 0.5, 0, 1), np.float32)

        plaster = noise.smooth(u, v, 2.0, footprint) * 0.05 + noise.smooth(u, v * 0.2, 0.6, footprint) * 0.03
        wall = shaded(colour, (1 + plaster) * np.where(v < 0.6, 0.7, 1.0).astype(np.float32))
        left, right, low, high = 0.27 * bay, 0.73 * bay, 0.3 * storey, 0.82 * storey
        wall = mixed(
            wall, shaded((225.0, 222.0, 214.0), np.ones_like(u)), box(left - 0.1, right + 0.1, low - 0.1, high + 0.1)
        )
        sky = (up - low) / (high - low)
        pane = shaded(glass, (0.75 + 0.4 * sky + 0.25 * noise.cells(column, row)).astype(np.float32))
        wall = mixed(wall, pane, box(left, right, low, high))
        middle = (left + right) / 2
        wall = mixed(wall, shaded((205.0, 203.0, 196.0), np.ones_like(u)), box(middle - 0.04, middle + 0.04, low, high))
        return mixed(wall, wall * 0.55, box(left - 0.15, right + 0.15, low - 0.22, low - 0.1))

    return material
