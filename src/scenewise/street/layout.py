"""The parts of a scene: surfaces, trees and lamps, routes, and the rules of the scene."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.street.camera import Camera, Floats
from scenewise.street.materials import Colour, Material

Point = tuple[float, float]
Vector = tuple[float, float, float]
Area = tuple[float, float, float, float]
"""Left, right, near and far edge on the ground."""


class Face(NamedTuple):
    """A flat polygon of one material, in metres on the axes u and v."""

    origin: Vector
    u: Vector
    v: Vector
    corners: tuple[Point, ...]
    """(u, v) from the origin."""
    material: Material


class Tree(NamedTuple):
    """A trunk and a crown of leaves."""

    at: Point
    height: float
    crown: float
    """Radius in metres."""
    colour: Colour


class Lamp(NamedTuple):
    """A lamp post."""

    at: Point
    height: float


class Bench(NamedTuple):
    """A bench, `heading` radians from the x axis."""

    at: Point
    heading: float


Prop = Tree | Lamp | Bench


class Sun(NamedTuple):
    """The direction and the strength of shadows."""

    throw: Point
    """Length of a shadow in x and y, in metres for each metre of height."""
    strength: float
    """Share of the light that is missing in a shadow, 0 (overcast) to 1."""


class Route:
    """A smooth way over the ground, walked or driven from its first point to its last."""

    def __init__(self, points: list[Point]) -> None:
        self.points = points
        line = np.asarray(points, float)
        for _ in range(3):  # Chaikin's corner cutting: rounds the corners, keeps the ends
            cut = np.stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]], axis=1)
            line = np.concatenate([line[:1], cut.reshape(-1, 2), line[-1:]])
        steps = np.diff(line, axis=0)
        self.line = line
        self.distance = np.concatenate([[0.0], np.cumsum(np.hypot(*steps.T))])
        headings = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        self.headings = np.concatenate([headings[:1], (headings[:-1] + headings[1:]) / 2, headings[-1:]])
        self.length = float(self.distance[-1])

    def reversed(self) -> "Route":
        """The same route from its other end."""
        return Route(self.points[::-1])

    def at(self, distance: Floats, aside: float) -> tuple[Floats, Floats]:
        """Places (T, 2) and headings (T,) at `distance` (T,) metres from the start, `aside` metres to the left."""
        heading = np.interp(distance, self.distance, self.headings)
        place = np.stack([np.interp(distance, self.distance, self.line[:, axis]) for axis in (0, 1)], axis=-1)
        left = np.stack([-np.sin(heading), np.cos(heading)], axis=-1)
        return place + aside * left, heading

    def in_view(self, camera: Camera) -> Floats:
        """Distances (n,) along the route, half a metre apart, at which an adult is well visible to `camera`.

        That is, feet and head are inside the picture, and the adult covers at least a twelfth of its height. If the
        route has no such place (an odd picture shape), the place nearest to the line of sight.
        """
        distance = np.arange(0.0, self.length, 0.5)
        place, _ = self.at(distance, 0.0)
        feet, depth = camera.project(np.column_stack([place, np.zeros(len(place))]))
        head, _ = camera.project(np.column_stack([place, np.full(len(place), 1.7)]))
        edge = np.array([camera.width, camera.height])
        inside = np.logical_and.reduce([(p > 0).all(1) & (p < edge).all(1) for p in (feet, head)])
        seen = inside & (feet[:, 1] - head[:, 1] > camera.height / 12) & (depth > 1)
        if not seen.any():
            return np.asarray(distance[[int(np.argmin(np.hypot(*(feet - edge / 2).T)))]])
        return np.asarray(distance[seen])


@dataclass(frozen=True)
class Flow:
    """Ordinary traffic: a kind of figure on a route, and how often it appears."""

    figure: str
    """person, bicycle, motorbike or car."""
    route: str
    per_minute: float
    speed: float
    """Metres a second, on average."""
    spread: float
    """Actors deviate by at most so many metres to either side."""
    both_ways: bool = False
    label: str | None = None
    """Class of its event; None if it has no event (people walking)."""
    aside: float = 0.0
    """Metres to the left of the route that actors deviate from."""


@dataclass(frozen=True)
class Act:
    """An abnormal event that can happen in the scene's test footage."""

    label: str
    """Class of its event."""
    figure: str
    """person, runner, bicycle, motorbike, car or litterer (a person who leaves a bag behind)."""
    route: str
    speed: float
    spread: float
    against: bool = False
    """Whether it goes against the route's direction."""


@dataclass(frozen=True)
class Scene:
    """One fixed camera view with its rules. Nothing here depends on the size of the picture."""

    name: str
    eye: Vector
    target: Vector
    view: float
    faces: tuple[Face, ...]
    """In the order of painting: ground first, then walls from far to near, each over those before."""
    props: tuple[Prop, ...]
    sun: Sun
    sky: Colour
    routes: dict[str, Route]
    flows: tuple[Flow, ...]
    acts: tuple[Act, ...]
    areas: dict[str, tuple[Area, ...]]
    """{class: areas of the ground in which an actor counts as one}; classes that are not listed count everywhere."""
    normal_classes: tuple[str, ...]
    abnormal_share: float
    """Share of the test videos with abnormal acts."""
    seed: tuple[int, ...]

    def counts(self, label: str, place: Floats) -> NDArray[np.bool_]:
        """(T,) whether an actor of class `label` counts as one at `place` (T, 2), see `areas`."""
        if label not in self.areas:
            return np.ones(len(place), bool)
        inside = [np.logical_and((x0, y0) <= place, place <= (x1, y1)).all(1) for x0, x1, y0, y1 in self.areas[label]]
        return np.asarray(np.any(inside, axis=0))

    def camera(self, size: tuple[int, int]) -> Camera:
        """The scene's camera with a picture of `size` (width, height)."""
        return Camera.looking(self.eye, self.target, self.view, size)
