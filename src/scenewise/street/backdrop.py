"""The picture of the empty scene: faces, then props with their shadows; and cut-outs of props to draw over people."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.street.camera import Camera, Floats
from scenewise.street.layout import Bench, Face, Lamp, Prop, Scene, Sun, Tree
from scenewise.street.materials import Colour, Noise

FINER = 2
"""The backdrop is painted with so many times the picture's resolution and averaged."""
SHIFT = 4
"""Fractional bits of OpenCV's polygon corners: sixteenths of a pixel."""
Picture = NDArray[np.uint8]
Cv = NDArray[Any]
"""The declared result of OpenCV's functions."""
ACROSS, _, UP = np.eye(3)


class CutOut(NamedTuple):
    """A prop to draw over the actors behind it."""

    picture: Picture
    """(h, w, 3), already multiplied by the share that the prop covers of each pixel."""
    gap: Picture
    """(h, w, 3), from 255 where the prop covers nothing to 0 where it covers all."""
    left: int
    top: int
    depth: float


class Backdrop(NamedTuple):
    """A scene without actors."""

    picture: Picture
    """(H + 2 margin, W + 2 margin, 3) RGB."""
    margin: int
    """Pixels on every side, for the camera's shake."""
    cut_outs: tuple[CutOut, ...]


def backdrop(scene: Scene, size: tuple[int, int]) -> Backdrop:
    """Paint `scene` for pictures of `size` (width, height)."""
    camera = scene.camera(size)
    margin = 2 + size[0] // 160
    fine = camera.enlarged(margin, FINER)
    random = np.random.default_rng((*scene.seed, 1))
    canvas = sky(scene, fine, Noise(random))
    for face in scene.faces:
        paint_face(canvas, fine, face, Noise(random))
    picture = np.clip(canvas, 0, 255).astype(np.uint8)
    cast_shadows(picture, fine, scene)
    props = sorted(scene.props, key=lambda prop: -base_depth(fine, prop))
    cut_outs = []
    for number, prop in enumerate(props):
        seed = (*scene.seed, 2, number)
        paint_prop(picture, fine, prop, np.random.default_rng(seed))
        cut = cut_out(fine, prop, seed)
        if cut is not None:
            cut_outs.append(cut)
    return Backdrop(averaged(picture), margin, tuple(cut_outs))


def averaged(picture: Picture) -> Picture:
    """A finely painted picture at its final size."""
    size = (picture.shape[1] // FINER, picture.shape[0] // FINER)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def sky(scene: Scene, camera: Camera, noise: Noise) -> NDArray[np.float32]:
    """(H, W, 3) of thin cloud, brighter towards the horizon."""
    across, down = np.linspace(0, 3, camera.width), np.linspace(0, 2, camera.height)
    u, v = np.meshgrid(across.astype(np.float32), down.astype(np.float32))
    cloud = noise.smooth(u, v * 2, 0.7, np.full_like(u, 0.01), 4)
    return np.asarray((1 + 0.06 * cloud[..., None]) * np.asarray(scene.sky, np.float32), np.float32)


def paint_face(canvas: NDArray[np.float32], camera: Camera, face: Face, noise: Noise) -> None:
    """Lay one face over the canvas: each pixel's ray meets the face's plane, and the material gives the colour."""
    origin, u, v = (np.asarray(part, float) for part in (face.origin, face.u, face.v))
    corners = in_view(origin + np.asarray(face.corners, float) @ np.stack([u, v]), camera)
    if len(corners) < 3:
        return
    outline, _ = camera.project(corners)
    left, top = np.maximum(np.floor(outline.min(0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(outline.max(0)).astype(int) + 2, (camera.width, camera.height))
    if left >= right or top >= bottom:
        return
    mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(mask, [fixed(outline - (left, top))], 255, cv2.LINE_AA, SHIFT)
    rays = camera.rays(left, top, right, bottom)
    normal = np.cross(u, v)
    towards = rays @ normal
    depth = ((origin - camera.position) @ normal) / np.where(np.abs(towards) < 1e-6, 1e-6, towards)
    place = camera.position + rays * np.clip(depth, 0.1, 2000)[..., None] - origin
    slant = np.sqrt(np.clip(np.abs(towards), 0.02, 1))
    footprint = (np.clip(depth, 0.1, 2000) / camera.focal / slant).astype(np.float32)
    colour = face.material((place @ u).astype(np.float32), (place @ v).astype(np.float32), footprint, noise)
    part = canvas[top:bottom, left:right]
    part += (colour - part) * (mask[..., None] / np.float32(255))


def in_view(corners: Floats, camera: Camera) -> Floats:
    """The part of a flat polygon (k, 3) that is in the camera's view and at least 0.3 m away.

    The view is a little wider than the picture. The polygon is clipped as by Sutherland and Hodgman 1974.
    """
    right, down, forward = camera.axes
    wide, high = 0.6 * camera.width / camera.focal, 0.6 * camera.height / camera.focal
    sides = (right + wide * forward, wide * forward - right, down + high * forward, high * forward - down)
    for normal, least in ((forward, 0.3), *((side, 0.0) for side in sides)):
        inside = (corners - camera.position) @ normal - least
        clipped = []
        for here, there, a, b in zip(corners, np.roll(corners, -1, 0), inside, np.roll(inside, -1), strict=True):
            if a >= 0:
                clipped.append(here)
            if (a >= 0) != (b >= 0):
                clipped.append(here + (there - here) * (a / (a - b)))
        corners = np.asarray(clipped).reshape(-1, 3)
    return corners


def fixed(points: Floats) -> NDArray[np.int32]:
    """Pixels as the fixed-point integers that OpenCV draws with."""
    return np.asarray(np.round(points * 2**SHIFT), np.int32)


def base_depth(camera: Camera, prop: Prop) -> float:
    """Depth in metres of the place a prop stands on."""
    return float(camera.project(np.array([*prop.at, 0.0]))[1])


def cast_shadows(picture: Picture, camera: Camera, scene: Scene) -> None:
    """Darken the ground under and beside the props."""
    light: Picture = np.full(picture.shape[:2], 255, np.uint8)
    for number, prop in enumerate(scene.props):
        random = np.random.default_rng((*scene.seed, 3, number))
        if isinstance(prop, Tree):
            middle = prop.height - prop.crown * 0.6
            ball = random.normal(0, 0.45, (60, 3)) * prop.crown
            spots = np.array([*prop.at, middle]) + ball
            dot(light, camera, fallen(spots, scene.sun), 0.3 * prop.crown, 0)
            stalk(light, camera, fallen(np.array([[*prop.at, 0.0], [*prop.at, middle]]), scene.sun), 0.14, 0)
        elif isinstance(prop, Lamp):
            stalk(light, camera, fallen(np.array([[*prop.at, 0.0], [*prop.at, prop.height]]), scene.sun), 0.05, 0)
        else:
            dot(light, camera, np.array([[*prop.at, 0.0]]), 0.4, 0)
    softness = 2 * (camera.width // 320) + 1
    dim(picture, cv2.GaussianBlur(light, (softness, softness), 0), scene.sun)


def dim(picture: Picture, light: Cv, sun: Sun) -> None:
    """Darken `picture` by the sun's strength where `light` (H, W) is 0, and not where it is 255."""
    light = cv2.convertScaleAbs(light, alpha=sun.strength, beta=255 * (1 - sun.strength))
    cv2.multiply(picture, cv2.cvtColor(light, cv2.COLOR_GRAY2RGB), picture, 1 / 255)


def fallen(points: Floats, sun: Sun) -> Floats:
    """The shadows of points (..., 3) on the ground, likewise (..., 3)."""
    shift = points[..., 2:] * np.array([*sun.throw, -1.0])
    return np.asarray(points + shift)


def dot(canvas: Picture, camera: Camera, places: Floats, radius: float, colour: int) -> None:
    """Discs lying on the ground at places (n, 3)."""
    turn = np.linspace(0, 2 * np.pi, 13)[:-1]
    ring = radius * np.stack([np.cos(turn), np.sin(turn), np.zeros(12)], axis=-1)
    for outline in camera.project(places[:, None] + ring)[0]:
        cv2.fillConvexPoly(canvas, fixed(outline), colour, cv2.LINE_AA, SHIFT)


def stalk(canvas: Picture, camera: Camera, ends: Floats, radius: float, colour: Colour | int) -> None:
    """A straight pole between two ends (2, 3), with a radius of `radius` metres."""
    (a, b), depth = camera.project(ends)
    reach = radius * camera.focal / depth
    across = np.array([-(b - a)[1], (b - a)[0]]) / max(float(np.hypot(*(b - a))), 1e-6)
    outline = np.stack([a + across * reach[0], b + across * reach[1], b - across * reach[1], a - across * reach[0]])
    cv2.fillConvexPoly(canvas, fixed(outline), colour, cv2.LINE_AA, SHIFT)


def paint_prop(canvas: Picture, camera: Camera, prop: Prop, random: np.random.Generator) -> None:
    """Draw one prop at its place."""
    foot = np.array([*prop.at, 0.0])
    if base_depth(camera, prop) < 1.0:
        return
    if isinstance(prop, Tree):
        paint_tree(canvas, camera, prop, random)
    elif isinstance(prop, Lamp):
        top = foot + prop.height * UP
        stalk(canvas, camera, np.stack([foot, top]), 0.06, (72, 76, 78))
        stalk(canvas, camera, np.stack([top, top + 0.9 * ACROSS]), 0.05, (72, 76, 78))
        stalk(canvas, camera, np.stack([top + 0.6 * ACROSS, top + 1.2 * ACROSS]), 0.1, (206, 206, 198))
    else:
        paint_bench(canvas, camera, prop)


def paint_tree(canvas: Picture, camera: Camera, tree: Tree, random: np.random.Generator) -> None:
    """A trunk, branches, and a crown of leaf clumps from far to near, brighter towards the top."""
    foot = np.array([*tree.at, 0.0])
    middle = foot + (tree.height - tree.crown) * UP
    stalk(canvas, camera, np.stack([foot, middle]), 0.15, (84, 68, 54))
    clumps = random.normal(0, 1, (700, 3))
    clumps *= (random.uniform(0.25, 1, 700) ** 0.5 / np.linalg.norm(clumps, axis=1))[:, None]
    places = middle + clumps * tree.crown * np.array([1.0, 1.0, 0.85]) + 0.4 * tree.crown * UP
    pixels, depth = camera.project(places)
    for number in np.argsort(-depth):
        light = 0.78 + 0.34 * clumps[number, 2] + random.uniform(-0.14, 0.14)
        colour = tuple(int(c) for c in np.clip(np.asarray(tree.colour) * light, 0, 255))
        radius = random.uniform(0.05, 0.12) * tree.crown * camera.focal / depth[number]
        x, y = fixed(pixels[number])
        cv2.circle(canvas, (int(x), int(y)), max(int(radius * 2**SHIFT), 8), colour, -1, cv2.LINE_AA, SHIFT)


def paint_bench(canvas: Picture, camera: Camera, bench: Bench) -> None:
    """Legs, seat and back."""
    along = np.array([np.cos(bench.heading), np.sin(bench.heading), 0.0])
    across = np.array([-along[1], along[0], 0.0])
    foot = np.array([*bench.at, 0.0])
    for end in (-0.7, 0.7):
        stalk(canvas, camera, np.stack([foot + along * end, foot + along * end + 0.8 * UP]), 0.04, (60, 58, 56))
    for back, height, colour in (
        (0.2, 0.75, (122, 88, 58)),
        (0.1, 0.45, (140, 102, 68)),
        (-0.15, 0.42, (150, 110, 74)),
    ):
        board = foot + across * back + height * UP
        stalk(canvas, camera, np.stack([board - along * 0.9, board + along * 0.9]), 0.08, colour)


def cut_out(camera: Camera, prop: Prop, seed: tuple[int, ...]) -> CutOut | None:
    """The prop alone, from painting it on black and on white: it covers nothing where the two differ by 255."""
    black = np.zeros((camera.height, camera.width, 3), np.uint8)
    white = np.full_like(black, 255)
    for canvas in (black, white):
        paint_prop(canvas, camera, prop, np.random.default_rng(seed))
    black, gap = averaged(black), averaged(white - black)
    rows, columns = np.nonzero(gap.min(2) < 250)
    if not len(rows):
        return None
    box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return CutOut(black[box].copy(), gap[box].copy(), int(columns.min()), int(rows.min()), base_depth(camera, prop))
