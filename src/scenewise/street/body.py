"""Bodies in metres, and their outlines in the picture. Outlines are computed for T frames at once and then drawn.

A body's axes: x forward, y to its left, z up; it stands on z = 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.street.camera import Camera, Floats
from scenewise.street.layout import Sun
from scenewise.street.materials import Colour

AHEAD, LEFT, UP = np.eye(3)


class Motion(NamedTuple):
    """The places of an actor in T frames."""

    at: Floats
    """(T, 2) metres on the ground."""
    heading: Floats
    """(T,) radians from the x axis."""
    travelled: Floats
    """(T,) metres since it set out; drives the gait and turns the wheels."""
    lift: Floats
    """(T,) metres above the ground."""
    present: NDArray[np.bool_]
    """(T,) whether it is on its route."""

    def placed(self, points: Floats) -> Floats:
        """Points (T or 1, ..., 3) on a body's axes to world points (T, ..., 3)."""
        spread = (-1,) + (1,) * (points.ndim - 2)
        cosine, sine = np.cos(self.heading).reshape(spread), np.sin(self.heading).reshape(spread)
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        return np.stack(
            [
                self.at[:, 0].reshape(spread) + cosine * x - sine * y,
                self.at[:, 1].reshape(spread) + sine * x + cosine * y,
                self.lift.reshape(spread) + z,
            ],
            axis=-1,
        )


class Limb(NamedTuple):
    """A rounded, straight part."""

    start: Floats
    """(T or 1, 3)."""
    end: Floats
    thick_start: float
    """Radius in metres."""
    thick_end: float
    colour: Colour
    layer: int = 0
    """Higher layers are drawn over lower ones; within a layer, far parts first."""


class Panel(NamedTuple):
    """A flat, convex part; drawn only if its outside is visible."""

    corners: Floats
    """(T or 1, k, 3)."""
    inside: Floats
    """(3,) a point behind it, opposite its outside."""
    colour: Colour
    layer: int = 0
    lit: bool = True
    """Whether the colour depends on how it faces the sun."""


class Rim(NamedTuple):
    """A closed thin line: a bicycle's tyre."""

    corners: Floats
    """(T or 1, k, 3)."""
    thick: float
    colour: Colour
    layer: int = 0


Part = Limb | Panel | Rim


class Outline(NamedTuple):
    """One part in the picture."""

    points: Floats
    """(T, k, 2) pixels."""
    colours: Floats
    """(T, 3) RGB."""
    shown: NDArray[np.bool_]
    """(T,)."""
    order: Floats
    """(T,) drawn from high to low."""
    stroke: Floats | None
    """(T,) width in pixels of a line; None if the outline is filled."""


class Sprite(NamedTuple):
    """A body's outlines in T frames."""

    outlines: list[Outline]
    shadows: list[Floats]
    """Outlines (T, k, 2) of its shadow on the ground."""
    order: NDArray[np.intp]
    """(T, n) which outline is drawn first, second, ..."""
    box: Floats
    """(T, 4) left, top, right, bottom in pixels."""
    depth: Floats
    """(T,) metres from the camera."""
    present: NDArray[np.bool_]
    """(T,)."""


def sprite(parts: list[Part], motion: Motion, camera: Camera, sun: Sun) -> Sprite:
    """Project a body into the picture, with its shadow."""
    outlines: list[Outline] = []
    shadows: list[Floats] = []
    limbs = [part for part in parts if isinstance(part, Limb)]
    if limbs:
        drawn, fallen = limb_outlines(limbs, motion, camera, sun)
        outlines += drawn
        shadows += fallen
    for part in parts:
        if not isinstance(part, Limb):
            world = motion.placed(part.corners)
            outlines.append(panel_outline(part, world, motion, camera, sun))
            shadows.append(camera.project(on_ground(world, sun))[0])
    foot = np.column_stack([motion.at, motion.lift])
    depth = (foot - camera.position) @ camera.axes[2]
    every = np.concatenate([np.broadcast_to(o.points, (len(depth), *o.points.shape[1:])) for o in outlines], axis=1)
    order = np.argsort(-np.stack([o.order for o in outlines], axis=1), axis=1, kind="stable")
    box = np.concatenate([every.min(1), every.max(1)], axis=1)
    return Sprite(outlines, shadows, order, box, depth, motion.present & (depth > 1.5))


LAYER = 1000.0
"""Metres that a layer counts in the drawing order: more than any depth."""


def limb_outlines(limbs: list[Limb], motion: Motion, camera: Camera, sun: Sun) -> tuple[list[Outline], list[Floats]]:
    """All limbs of a body at once."""
    frames = len(motion.heading)
    start = np.stack([np.broadcast_to(limb.start, (frames, 3)) for limb in limbs], axis=1)
    end = np.stack([np.broadcast_to(limb.end, (frames, 3)) for limb in limbs], axis=1)
    thick = np.array([[limb.thick_start, limb.thick_end] for limb in limbs])
    ends = motion.placed(np.stack([start, end], axis=2))
    points, depth = capsules(ends, thick, camera)
    fallen, _ = capsules(on_ground(ends, sun), thick * 0.75, camera)
    layer = np.array([limb.layer for limb in limbs]) * LAYER
    order = depth.mean(2) - layer
    shown = np.ones(frames, bool)
    outlines = [
        Outline(points[:, n], np.broadcast_to(np.asarray(limb.colour), (frames, 3)), shown, order[:, n], None)
        for n, limb in enumerate(limbs)
    ]
    return outlines, [fallen[:, n] for n in range(len(limbs))]


ARC = np.linspace(-np.pi / 2, np.pi / 2, 6)
"""Half a circle, for a limb's round ends."""


def capsules(ends: Floats, thick: Floats, camera: Camera) -> tuple[Floats, Floats]:
    """Outlines (T, n, 12, 2) in pixels of round-ended lines (T, n, 2, 3) with radii (n, 2) in metres, and the ends'
    depths (T, n, 2). Nothing is thinner than half a pixel, or it would flicker."""
    pixels, depth = camera.project(ends)
    reach = np.maximum(thick * camera.focal / depth - 0.25, 0.3)
    along = pixels[:, :, 1] - pixels[:, :, 0]
    angle = np.arctan2(along[..., 1], along[..., 0])[..., None]
    front = pixels[:, :, 1, None] + reach[:, :, 1, None, None] * np.stack(
        [np.cos(angle + ARC), np.sin(angle + ARC)], -1
    )
    back = pixels[:, :, 0, None] - reach[:, :, 0, None, None] * np.stack([np.cos(angle + ARC), np.sin(angle + ARC)], -1)
    return np.concatenate([front, back], axis=2), depth


def panel_outline(part: Panel | Rim, world: Floats, motion: Motion, camera: Camera, sun: Sun) -> Outline:
    """A flat part at world corners (T, k, 3)."""
    frames = len(world)
    points, depth = camera.project(world)
    order = depth.mean(1) - part.layer * LAYER
    colours = np.broadcast_to(np.asarray(part.colour), (frames, 3))
    if isinstance(part, Rim):
        stroke = 2 * part.thick * camera.focal / depth.mean(1)
        return Outline(points, colours, np.ones(frames, bool), order, stroke)
    normal = np.cross(world[:, 1] - world[:, 0], world[:, 2] - world[:, 0])
    middle = world.mean(1)
    outward = np.einsum("tk,tk->t", normal, middle - motion.placed(part.inside[None, None])[:, 0])
    normal *= (np.sign(outward) / np.maximum(np.linalg.norm(normal, axis=1), 1e-9))[:, None]
    shown = np.einsum("tk,tk->t", normal, camera.position - middle) > 0
    if part.lit:
        light = np.array([-sun.throw[0], -sun.throw[1], 1.0])
        facing = normal @ (light / np.linalg.norm(light))
        colours = colours * (0.72 + 0.36 * np.clip(facing, 0, 1))[:, None]
    return Outline(points, np.clip(colours, 0, 255), shown, order, None)


def on_ground(world: Floats, sun: Sun) -> Floats:
    """Where the shadow of world points falls on the ground."""
    height = np.maximum(world[..., 2:], 0)
    return np.asarray(world + height * np.array([*sun.throw, 0.0]) - world[..., 2:] * np.array([0.0, 0.0, 1.0]))
