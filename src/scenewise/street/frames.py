"""The frames of one video: the shaken backdrop, shadows, figures from far to near; then lens, light and noise."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.street.actors import FPS, Actor
from scenewise.street.backdrop import SHIFT, Backdrop, CutOut, Picture, dim, fixed
from scenewise.street.body import Outline, Sprite, sprite
from scenewise.street.camera import Camera, Floats
from scenewise.street.layout import Scene

BLOCK = 100
"""Frames whose outlines are computed at once."""
ROOM = 64
"""The noise field is so many pixels larger than the picture: it holds 65 x 65 different parts."""


class Weather(NamedTuple):
    """Light, shake and noise: they change the whole picture from frame to frame."""

    gain: Floats
    """(N, 3) factor on red, green and blue."""
    shake: Floats
    """(N, 2) pixels by which the picture is shifted."""
    darker: Picture
    """(H + ROOM, W + ROOM, 3) what the sensor's noise takes away; each frame uses another part of it."""
    brighter: Picture
    """(H + ROOM, W + ROOM, 3) what it adds. OpenCV adds bytes faster than numbers of two types."""
    part: NDArray[np.int64]
    """(N, 2) top and left of that part."""

    @classmethod
    def drawn(cls, frames: int, camera: Camera, random: np.random.Generator) -> "Weather":
        """Random weather: light that varies over half a minute, a mast that sways in the wind, sensor noise."""
        seconds = np.arange(frames) / FPS

        def waves(slowest: float, fastest: float, count: int = 3) -> Floats:
            periods, phases = random.uniform(fastest, slowest, count), random.uniform(0, 2 * np.pi, count)
            return np.asarray(np.sin(2 * np.pi * seconds[:, None] / periods + phases).mean(1))

        tint = 1 + random.normal(0, 0.012, 3)
        gain = random.uniform(0.92, 1.06) * (1 + 0.06 * waves(40.0, 12.0))[:, None] * tint
        sway = 0.0016 * camera.width * np.stack([waves(1.6, 0.5), waves(1.3, 0.4)], axis=1)
        shape = (camera.height + ROOM, camera.width + ROOM)
        grey = random.uniform(1.6, 3.2) * random.standard_normal((*shape, 1), np.float32)
        noise = np.round(grey + random.standard_normal((*shape, 3), np.float32))
        darker, brighter = (np.clip(sign * noise, 0, 255).astype(np.uint8) for sign in (-1, 1))
        part = random.integers(0, ROOM, (frames, 2), endpoint=True)
        return cls(gain, np.asarray(sway), darker, brighter, part)


class Drawing(NamedTuple):
    """A sprite in the whole numbers that OpenCV draws with."""

    depth: list[float]
    inside: list[bool]
    """(T,) whether any of it can be in the picture."""
    box: Floats
    order: list[list[int]]
    outlines: list[tuple[NDArray[np.int32], list[list[float]], list[bool], list[int] | None]]
    shadows: list[NDArray[np.int32]]

    @classmethod
    def of(cls, drawn: Sprite, shake: Floats, camera: Camera) -> "Drawing":
        """A sprite for drawing. Frames whose box is far outside the picture are not drawn: no coordinate overflows."""

        def whole(points: Floats) -> NDArray[np.int32]:
            return fixed(np.clip(points + shake[:, None], -8 * camera.width, 8 * camera.width))

        def ready(line: Outline) -> tuple[NDArray[np.int32], list[list[float]], list[bool], list[int] | None]:
            stroke = None if line.stroke is None else np.maximum(np.round(line.stroke), 1).astype(int).tolist()
            return whole(line.points), line.colours.tolist(), line.shown.tolist(), stroke

        left, top, right, bottom = drawn.box.T
        reach = 0.5 * camera.height  # a shadow may be in the picture before its body
        near = (right > -reach) & (left < camera.width + reach) & (bottom > -reach) & (top < camera.height + reach)
        return cls(
            drawn.depth.tolist(),
            (drawn.present & near).tolist(),
            drawn.box,
            drawn.order.tolist(),
            [ready(line) for line in drawn.outlines],
            [whole(points) for points in drawn.shadows],
        )

    def draw(self, canvas: Picture, frame: int) -> None:
        """Draw the body in one frame."""
        for number in self.order[frame]:
            points, colours, shown, stroke = self.outlines[number]
            if not shown[frame]:
                continue
            if stroke is None:
                cv2.fillConvexPoly(canvas, points[frame], colours[frame], cv2.LINE_AA, SHIFT)
            else:
                cv2.polylines(canvas, [points[frame]], True, colours[frame], stroke[frame], cv2.LINE_AA, SHIFT)

    def draw_shadow(self, light: Picture, frame: int) -> None:
        """Set `light` (H, W) to 0 in the body's shadow."""
        for points in self.shadows:
            cv2.fillConvexPoly(light, points[frame], 0, cv2.LINE_8, SHIFT)


def render_frames(
    scene: Scene, empty: Backdrop, actors: list[Actor], frames: int, camera: Camera, random: np.random.Generator
) -> Iterator[Picture]:
    """The video's frames, (H, W, 3) uint8 RGB, one after the other."""
    weather = Weather.drawn(frames, camera, random)
    for start in range(0, frames, BLOCK):
        stop = min(start + BLOCK, frames)
        times = np.arange(start, stop) / FPS
        drawings = []
        for actor in actors:
            motion = actor.motion(times)
            if motion.present.any():
                drawn = sprite(actor.parts(motion.travelled), motion, camera, scene.sun)
                drawings.append(Drawing.of(drawn, weather.shake[start:stop], camera))
        for frame in range(start, stop):
            shown = sorted((d for d in drawings if d.inside[frame - start]), key=lambda d: -d.depth[frame - start])
            yield exposed(composed(scene, empty, shown, frame - start, weather.shake[frame], camera), weather, frame)


def composed(scene: Scene, empty: Backdrop, shown: list[Drawing], frame: int, shake: Floats, camera: Camera) -> Picture:
    """One picture before light and noise; `shown` goes from far to near."""
    size = (camera.width, camera.height)
    x, y = camera.centre + empty.margin - shake
    canvas: Picture = np.asarray(cv2.getRectSubPix(empty.picture, size, (x, y)), np.uint8)
    if shown:
        light: Picture = np.full(size[::-1], 255, np.uint8)
        for drawing in shown:
            drawing.draw_shadow(light, frame)
        soft = 2 * (camera.width // 400) + 3
        dim(canvas, cv2.blur(light, (soft, soft)), scene.sun)
    cut_outs = list(empty.cut_outs)
    behind: list[Floats] = []
    for drawing in shown:
        while cut_outs and cut_outs[0].depth > drawing.depth[frame]:
            cover(canvas, cut_outs.pop(0), behind, shake, empty.margin)
        drawing.draw(canvas, frame)
        behind.append(drawing.box[frame])
    for cut in cut_outs:
        cover(canvas, cut, behind, shake, empty.margin)
    return canvas


def cover(canvas: Picture, cut: CutOut, behind: list[Floats], shake: Floats, margin: int) -> None:
    """Draw a prop over the picture, if an actor is behind it."""
    high, wide = cut.picture.shape[:2]
    left, top = cut.left - margin, cut.top - margin
    if not any(l < left + wide and r > left and t < top + high and b > top for l, t, r, b in behind):  # noqa: E741
        return
    shift = np.array([[1, 0, shake[0]], [0, 1, shake[1]]])
    picture = cv2.warpAffine(cut.picture, shift, (wide, high))
    gap = cv2.warpAffine(cut.gap, shift, (wide, high), borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255))
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + wide, canvas.shape[1]), min(top + high, canvas.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part, inside = canvas[y0:y1, x0:x1], np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    part[:] = cv2.add(cv2.multiply(part, gap[inside], scale=1 / 255), picture[inside])


def exposed(canvas: Picture, weather: Weather, frame: int) -> Picture:
    """The picture as the sensor records it: with a slightly soft lens, the light of the frame, and noise."""
    lit = cv2.transform(cv2.GaussianBlur(canvas, (3, 3), 0.5), np.diag(weather.gain[frame]))
    top, left = weather.part[frame]
    part = np.s_[top : top + canvas.shape[0], left : left + canvas.shape[1]]
    return np.asarray(cv2.add(cv2.subtract(lit, weather.darker[part]), weather.brighter[part]), np.uint8)
