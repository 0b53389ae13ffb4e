"""People on foot, who swing their legs and arms with their stride, and the bag that one may leave behind."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from scenewise.street.body import AHEAD, UP, Limb, Part
from scenewise.street.camera import Floats
from scenewise.street.materials import Colour

CLOTHES: tuple[Colour, ...] = (
    (42, 46, 58),
    (62, 60, 58),
    (148, 38, 40),
    (42, 74, 128),
    (212, 208, 200),
    (58, 92, 66),
    (176, 142, 82),
    (104, 70, 112),
    (226, 186, 70),
    (96, 120, 148),
)
TROUSERS: tuple[Colour, ...] = ((34, 38, 52), (58, 66, 90), (44, 42, 40), (116, 104, 84), (80, 78, 80))
SKINS: tuple[Colour, ...] = ((228, 186, 156), (198, 148, 114), (150, 104, 76), (98, 66, 48))
HAIRS: tuple[Colour, ...] = ((34, 28, 26), (72, 50, 34), (140, 108, 66), (150, 148, 146))


@dataclass(frozen=True)
class Person:
    """The appearance of one person."""

    tall: float
    """Metres."""
    broad: float
    """Factor on the width of all parts."""
    shirt: Colour
    trousers: Colour
    skin: Colour
    hair: Colour
    sleeves: bool
    """Long sleeves."""
    coat: bool
    pack: Colour | None
    """Backpack."""
    phase: float
    """Phase of the stride at the start, in radians."""

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Self:
        """A random person."""

        def one_of(colours: tuple[Colour, ...]) -> Colour:
            red, green, blue = np.clip(
                np.asarray(colours[random.integers(len(colours))]) * random.uniform(0.85, 1.15), 0, 250
            )
            return float(red), float(green), float(blue)

        child = random.random() < 0.08
        return cls(
            tall=float(random.uniform(1.2, 1.4) if child else np.clip(random.normal(1.71, 0.08), 1.52, 1.92)),
            broad=float(random.uniform(0.92, 1.2)),
            shirt=one_of(CLOTHES),
            trousers=one_of(TROUSERS),
            skin=one_of(SKINS),
            hair=one_of(HAIRS),
            sleeves=bool(random.random() < 0.6),
            coat=bool(random.random() < 0.2),
            pack=one_of(CLOTHES) if random.random() < 0.25 else None,
            phase=float(random.uniform(0, 2 * np.pi)),
        )


def points(x: Floats | float, y: Floats | float, z: Floats | float) -> Floats:
    """(T, 3) from coordinates, each (T,) or one for all."""
    return np.stack(np.broadcast_arrays(x, y, z), axis=-1).astype(float)


def person(who: Person, travelled: Floats, running: bool = False) -> list[Part]:
    """A person after `travelled` (T,) metres on foot.

    Lengths of the limbs as shares of the height are those of Drillis and Contini (1966), rounded. The thigh swings as a
    sine; the knee bends while the thigh comes forward; the hips are as high as the longer leg reaches.
    """
    tall, broad = who.tall, who.broad * who.tall
    stride = (1.65 if running else 0.8) * tall
    phase = 2 * np.pi * travelled / stride + who.phase
    swing, bend, lean = (0.78, 1.7, 0.2) if running else (0.4, 1.0, 0.04)
    thigh, shin = 0.245 * tall, 0.246 * tall
    hips = np.zeros_like(phase)
    legs = []
    for side, turn in ((1, phase), (-1, phase + np.pi)):
        forward = 0.08 + swing * np.sin(turn)
        back = forward - 0.12 - bend * np.maximum(0.0, np.cos(turn + 0.35)) ** 1.5
        legs.append((side, forward, back))
        hips = np.maximum(hips, thigh * np.cos(forward) + shin * np.cos(back) + 0.04 * tall)
    if running:
        hips = hips + 0.03 * tall * np.abs(np.sin(phase))
    parts: list[Part] = []
    for side, forward, back in legs:
        y = side * 0.05 * broad
        hip = points(np.zeros_like(hips), y, hips)
        knee = hip + points(thigh * np.sin(forward), 0.0, -thigh * np.cos(forward))
        ankle = knee + points(shin * np.sin(back), 0.0, -shin * np.cos(back))
        toe = ankle + points(
            0.1 * tall * np.cos(0.6 * back + 0.1), 0.0, 0.1 * tall * np.sin(0.6 * back + 0.1) - 0.02 * tall
        )
        parts.append(Limb(hip, knee, 0.053 * broad, 0.04 * broad, who.trousers))
        parts.append(Limb(knee, ankle, 0.038 * broad, 0.026 * broad, who.trousers))
        parts.append(Limb(ankle, toe, 0.025 * broad, 0.02 * broad, (40.0, 36.0, 34.0)))
    return parts + trunk(who, hips, np.full_like(hips, lean)) + arms(who, hips, phase, lean, running)


def trunk(who: Person, hips: Floats, lean: Floats) -> list[Part]:
    """Hips, chest, neck and head of a body whose hips are `hips` (T,) metres up and which leans forward."""
    tall, broad = who.tall, who.broad * who.tall
    up = 0.29 * tall
    parts: list[Part] = []
    for side in (1, -1):  # two limbs side by side, so that a body is wide from the front and narrow from the side
        low = points(np.zeros_like(hips), side * 0.035 * broad, hips)
        high = points(up * np.sin(lean), side * 0.058 * broad, hips + up * np.cos(lean) - 0.03 * tall)
        parts.append(Limb(low, high, 0.062 * broad, 0.062 * broad, who.shirt))
        if who.coat:
            hem = points(-0.02 * np.ones_like(hips), side * 0.045 * broad, hips - 0.17 * tall)
            parts.append(Limb(hem, low, 0.075 * broad, 0.065 * broad, who.shirt))
    neck = points(up * np.sin(lean), 0.0, hips + up * np.cos(lean))
    head = neck + points(0.015 * tall + 0.08 * tall * np.sin(lean), 0.0, 0.085 * tall * np.ones_like(hips))
    parts.append(Limb(neck - 0.02 * UP, head, 0.03 * tall, 0.03 * tall, who.skin))
    parts.append(
        Limb(head - 0.015 * tall * UP, head + 0.01 * AHEAD + 0.02 * tall * UP, 0.05 * tall, 0.052 * tall, who.skin)
    )
    crown = head + tall * (0.03 * UP - 0.022 * AHEAD)
    parts.append(Limb(crown, crown + tall * (0.012 * AHEAD + 0.016 * UP), 0.05 * tall, 0.05 * tall, who.hair))
    if who.pack is not None:
        low = points(-0.085 * tall * np.ones_like(hips), 0.0, hips + 0.07 * tall)
        parts.append(
            Limb(
                low,
                low + points(up * 0.6 * np.sin(lean), 0.0, 0.15 * tall),
                0.075 * broad,
                0.07 * broad,
                who.pack,
            )
        )
    return parts


def arms(who: Person, hips: Floats, phase: Floats, lean: float, running: bool) -> list[Part]:
    """Arms swinging against the legs."""
    tall, broad = who.tall, who.broad * who.tall
    swing, elbow = (0.7, 1.5) if running else (0.36, 0.25)
    parts: list[Part] = []
    for side, turn in ((1, phase + np.pi), (-1, phase)):
        shoulder = points(
            0.27 * tall * np.sin(lean) * np.ones_like(hips), side * 0.105 * broad, hips + 0.27 * tall * np.cos(lean)
        )
        upper = swing * np.sin(turn) - (0.25 if running else 0.0)
        lower = upper + elbow + 0.2 * np.sin(turn)
        joint = shoulder + points(0.17 * tall * np.sin(upper), side * 0.015 * broad, -0.17 * tall * np.cos(upper))
        hand = joint + points(0.17 * tall * np.sin(lower), 0.0, -0.17 * tall * np.cos(lower))
        parts.append(Limb(shoulder, joint, 0.034 * broad, 0.028 * broad, who.shirt))
        parts.append(Limb(joint, hand, 0.025 * broad, 0.022 * broad, who.shirt if who.sleeves else who.skin))
        parts.append(Limb(hand, hand + 0.01 * AHEAD - 0.02 * UP, 0.024 * broad, 0.02 * broad, who.skin))
    return parts


def bag(colour: Colour) -> list[Part]:
    """A travel bag, standing on the ground."""
    low, high = np.array([[-0.26, 0.0, 0.19]]), np.array([[0.26, 0.0, 0.19]])
    grip = np.array([[0.0, 0.0, 0.45]])
    dark = (colour[0] * 0.55, colour[1] * 0.55, colour[2] * 0.55)
    return [
        Limb(low, high, 0.19, 0.19, colour),
        Limb(low + 0.1 * AHEAD + 0.14 * UP, grip, 0.02, 0.02, dark, 1),
        Limb(high - 0.1 * AHEAD + 0.14 * UP, grip, 0.02, 0.02, dark, 1),
    ]
