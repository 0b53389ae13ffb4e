"""The parts of scenes: ground, walls, rows of houses, trees, in colours drawn at random."""

import itertools

import numpy as np

from scenewise.street import materials
from scenewise.street.layout import Face, Point, Prop, Tree
from scenewise.street.materials import Colour, Material

Random = np.random.Generator
GREEN, GREY, STONE = (92.0, 118.0, 62.0), (104.0, 105.0, 108.0), (168.0, 162.0, 150.0)
KERB, WHITE = (186.0, 184.0, 178.0), (222.0, 222.0, 216.0)
PLASTERS: tuple[Colour, ...] = (
    (196.0, 180.0, 150.0),
    (176.0, 132.0, 108.0),
    (205.0, 199.0, 186.0),
    (150.0, 158.0, 160.0),
    (190.0, 160.0, 116.0),
)


def toned(random: Random, colour: Colour, spread: float = 0.08) -> Colour:
    """`colour` with another brightness and, less, another hue."""
    factors = random.uniform(1 - spread, 1 + spread) * random.uniform(1 - spread / 3, 1 + spread / 3, 3)
    red, green, blue = np.clip(np.asarray(colour) * factors, 10, 245)
    return float(red), float(green), float(blue)


def ground(left: float, right: float, near: float, far: float, material: Material) -> Face:
    """A rectangle of ground."""
    corners = ((left, near), (right, near), (right, far), (left, far))
    return Face((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), corners, material)


def wall(start: Point, end: Point, height: float, material: Material) -> Face:
    """An upright rectangle over the line from `start` to `end`."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length, 0.0)
    return Face((*start, 0.0), along, (0.0, 0.0, 1.0), ((0, 0), (length, 0), (length, height), (0, height)), material)


def houses(random: Random, start: Point, end: Point) -> list[Face]:
    """House fronts side by side along a line, painted from its end to its start."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    length = float(np.hypot(*(b - a)))
    cuts = [0.0]
    while cuts[-1] < length:
        cuts.append(cuts[-1] + random.uniform(9, 15))
    fronts = []
    for low, high in itertools.pairwise(cuts):
        plaster = toned(random, PLASTERS[random.integers(len(PLASTERS))])
        glass = toned(random, (74.0, 86.0, 98.0))
        front = materials.facade(plaster, glass, random.uniform(2.3, 3.2), random.uniform(2.9, 3.4))
        (x0, y0), (x1, y1) = a + (b - a) * low / length, a + (b - a) * high / length
        fronts.append(wall((x0, y0), (x1, y1), random.uniform(8, 13), front))
    return fronts[::-1]


def trees(random: Random, places: list[Point]) -> list[Prop]:
    """Trees near the given places, each of another size and green."""
    return [
        Tree(
            (x + random.uniform(-0.4, 0.4), y + random.uniform(-0.8, 0.8)),
            random.uniform(4.5, 6.5),
            random.uniform(1.4, 2.1),
            toned(random, (70.0, 96.0, 46.0), 0.15),
        )
        for x, y in places
    ]
