"""Cars: a lower body and a cabin, both convex, with windows, lights and wheels."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from scenewise.street.body import Panel, Part
from scenewise.street.camera import Floats
from scenewise.street.materials import Colour
from scenewise.street.riders import circle

PAINTS: tuple[Colour, ...] = (
    (200, 202, 204),
    (142, 146, 150),
    (52, 54, 58),
    (230, 230, 226),
    (150, 36, 34),
    (38, 62, 112),
    (70, 92, 84),
    (186, 160, 110),
)
GLASS, RUBBER, RIM = (58.0, 72.0, 84.0), (28.0, 28.0, 30.0), (150.0, 152.0, 156.0)


@dataclass(frozen=True)
class Model:
    """One car's shape, lengths in metres."""

    long: float
    wide: float
    roof: float
    waist: float
    bonnet: float
    """Length of the bonnet as a share of the car's."""
    boot: float
    """Length of the boot lid likewise; 0 for a van or a hatchback."""
    paint: Colour

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Self:
        """A saloon, a hatchback or a van at random."""
        long, roof, bonnet, boot = ((4.5, 1.45, 0.24, 0.16), (3.9, 1.5, 0.22, 0.02), (4.8, 2.05, 0.12, 0.01))[
            random.choice(3, p=(0.4, 0.42, 0.18))
        ]
        red, green, blue = np.clip(np.asarray(PAINTS[random.integers(len(PAINTS))]) * random.uniform(0.9, 1.1), 0, 245)
        return cls(
            long * random.uniform(0.95, 1.05),
            1.78 + 0.1 * (roof > 1.9),
            roof * random.uniform(0.98, 1.02),
            0.92 + 0.16 * (roof > 1.9),
            bonnet,
            boot,
            (float(red), float(green), float(blue)),
        )


def flat(corners: list[tuple[float, float, float]]) -> Floats:
    """(1, k, 3)."""
    return np.array([corners], float)


def car(model: Model) -> list[Part]:
    """The parts of a car; its wheels are too plain to be seen turning."""
    half, waist = model.wide / 2, model.waist
    front, back = model.long / 2, -model.long / 2
    inside = np.array([0.0, 0.0, 0.6])
    parts: list[Part] = []
    profile = [
        (back, 0.32),
        (front - 0.1, 0.28),
        (front, 0.5),
        (front - 0.12, waist - 0.18),
        (front - model.bonnet * model.long, waist),
        (back + 0.08, waist),
        (back, 0.6),
    ]
    for (x0, z0), (x1, z1) in zip(profile, profile[1:] + profile[:1], strict=True):
        strip = flat([(x0, half, z0), (x1, half, z1), (x1, -half, z1), (x0, -half, z0)])
        parts.append(Panel(strip, inside, model.paint))
    for side in (half, -half):
        parts.append(Panel(flat([(x, side, z) for x, z in profile]), inside, model.paint))
        for x in (0.62 * front, 0.6 * back):
            parts.append(Panel(circle(x, 0.33, 0.33, side * 1.01), inside, RUBBER, 1, lit=False))
            parts.append(Panel(circle(x, 0.33, 0.18, side * 1.015), inside, RIM, 2, lit=False))
        for x, colour in ((front + 0.01, (242.0, 240.0, 220.0)), (back - 0.01, (176.0, 30.0, 30.0))):
            outer, inner = side * 0.95, side * 0.6
            light = flat([(x, outer, 0.55), (x, inner, 0.55), (x, inner, 0.7), (x, outer, 0.7)])
            parts.append(Panel(light, inside, colour, 1, lit=False))
    return parts + cabin(model, front - model.bonnet * model.long, back + model.boot * model.long + 0.08)


def cabin(model: Model, front: float, back: float) -> list[Part]:
    """Windscreen, windows and roof between `front` and `back` at the waist."""
    half, waist, roof = 0.94 * model.wide / 2, model.waist, model.roof
    top_front = front - (0.3 if roof > 1.9 else 0.75)
    top_back = back + (0.08 if model.boot < 0.1 else 0.5)
    tuck = 0.8 * half
    inside = np.array([(front + back) / 2, 0.0, (waist + roof) / 2 - 0.1])
    parts: list[Part] = []
    low = {1: (front, waist), -1: (back, waist)}
    high = {1: (top_front, roof), -1: (top_back, roof)}
    for end in (1, -1):
        (x0, z0), (x1, z1) = low[end], high[end]
        screen = flat([(x0, half, z0), (x0, -half, z0), (x1, -tuck, z1), (x1, tuck, z1)])
        parts.append(Panel(screen, inside, model.paint, 3))
        parts.append(Panel(shrunk(screen, 0.86), inside, GLASS, 4))
    for side in (1, -1):
        pane = flat(
            [
                (front, side * half, waist),
                (back, side * half, waist),
                (top_back, side * tuck, roof),
                (top_front, side * tuck, roof),
            ]
        )
        parts.append(Panel(pane, inside, model.paint, 3))
        for begin, stop in ((0.04, 0.47), (0.53, 0.94)):
            parts.append(Panel(shrunk(between(pane, begin, stop), 0.84), inside, GLASS, 4))
    roof_panel = flat(
        [(top_front, tuck, roof), (top_back, tuck, roof), (top_back, -tuck, roof), (top_front, -tuck, roof)]
    )
    return [*parts, Panel(roof_panel, inside, model.paint, 3)]


def shrunk(corners: Floats, share: float) -> Floats:
    """A flat part, scaled by `share` about its middle."""
    middle = corners.mean(1, keepdims=True)
    return np.asarray(middle + (corners - middle) * share)


def between(corners: Floats, begin: float, stop: float) -> Floats:
    """The part of a four-cornered pane from `begin` to `stop` of its length."""
    a, b, c, d = corners[0]
    return np.stack([a + (b - a) * begin, a + (b - a) * stop, d + (c - d) * stop, d + (c - d) * begin])[None]
