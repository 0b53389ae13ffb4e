"""The five kinds of scene, and what is normal in each.

    kind       normal                              abnormal
    road       person, car, bicycle, motorbike     jaywalking, wrong_way, running, abandoned_object
    walkway_a  person, on_lawn                     bicycle, motorbike, running, abandoned_object
    walkway_b  person                              bicycle, car, running, abandoned_object, motorbike
    plaza      person, bicycle                     on_lawn, motorbike, running, abandoned_object
    cycleway   person (on its footpath), bicycle   motorbike, wrong_way, jaywalking, running

Beyond five scenes the kinds repeat with other colours, heights and sides.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scenewise.street.layout import Area, Point, Route, Scene, Vector
from scenewise.street.plaza import plaza
from scenewise.street.roads import cycleway, road
from scenewise.street.scenery import Random
from scenewise.street.walkways import walkway_a, walkway_b

KINDS: tuple[Callable[[Random, str, tuple[int, ...]], Scene], ...] = (road, walkway_a, walkway_b, plaza, cycleway)


def scene(number: int, seed: int) -> Scene:
    """The scene with this number, from 0.

    Beyond the five kinds the kinds repeat, with other colours and heights; every other round is mirrored.
    """
    kind, again = KINDS[number % len(KINDS)], number // len(KINDS)
    name = kind.__name__ + (f"_{again + 1}" if again else "")
    made = kind(np.random.default_rng((seed, number)), name, (seed, number))
    return mirrored(made) if again % 2 else made


def mirrored(made: Scene) -> Scene:
    """The scene with left and right exchanged."""

    def flip(place: Vector) -> Vector:
        return -place[0], place[1], place[2]

    def flip_flat(place: Point) -> Point:
        return -place[0], place[1]

    def flip_area(area: Area) -> Area:
        return -area[1], -area[0], area[2], area[3]

    return replace(
        made,
        eye=flip(made.eye),
        target=flip(made.target),
        faces=tuple(face._replace(origin=flip(face.origin), u=flip(face.u), v=flip(face.v)) for face in made.faces),
        props=tuple(prop._replace(at=flip_flat(prop.at)) for prop in made.props),
        sun=made.sun._replace(throw=flip_flat(made.sun.throw)),
        routes={name: Route([flip_flat(place) for place in route.points]) for name, route in made.routes.items()},
        areas={label: tuple(flip_area(area) for area in areas) for label, areas in made.areas.items()},
        flows=tuple(replace(flow, aside=-flow.aside) for flow in made.flows),
    )
