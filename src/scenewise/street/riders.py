"""Bicycles and motorbikes with their riders: wheels turn with the distance, cyclists' legs follow the pedals."""

import numpy as np

from scenewise.street.body import AHEAD, LEFT, UP, Limb, Panel, Part, Rim
from scenewise.street.camera import Floats
from scenewise.street.materials import Colour
from scenewise.street.people import Person, points

RUBBER, STEEL = (30.0, 30.0, 32.0), (136.0, 138.0, 142.0)
TURN = np.linspace(0, 2 * np.pi, 19)[:-1]


def circle(x: float, z: float, radius: float, y: float = 0.0) -> Floats:
    """(1, 18, 3) a circle in the plane of travel."""
    return np.stack([x + radius * np.cos(TURN), np.full_like(TURN, y), z + radius * np.sin(TURN)], -1)[None]


def spot(x: float, y: float, z: float) -> Floats:
    """(1, 3) a fixed point."""
    return np.array([[x, y, z]])


def knee_of(hip: Floats, foot: Floats, length: float) -> Floats:
    """Knees (T, 3) of legs bent forward, thigh and shin both `length` metres, between hips and feet (T or 1, 3)."""
    hip, foot = np.broadcast_arrays(hip, foot)
    way = foot - hip
    reach = np.minimum(np.linalg.norm(way, axis=-1), 1.99 * length)
    rise = np.sqrt(length**2 - (reach / 2) ** 2)
    ahead = np.stack([-way[:, 2], np.zeros(len(way)), way[:, 0]], axis=-1)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=-1, keepdims=True), 1e-9)
    return np.asarray((hip + foot) / 2 + ahead * rise[:, None])


def cyclist(who: Person, frame: Colour, travelled: Floats) -> list[Part]:
    """A cyclist after `travelled` (T,) metres, pedalling once every 5 m."""
    parts: list[Part] = []
    hub, pedals = 0.345, spot(-0.04, 0.0, 0.3)
    saddle, head = spot(-0.22, 0.0, 0.95), spot(0.38, 0.0, 0.9)
    for x in (-0.53, 0.55):
        parts.append(Rim(circle(x, hub, 0.33), 0.024, RUBBER))
        for spoke in range(2):
            angle = spoke * np.pi / 2 - travelled / hub
            tip = points(0.3 * np.cos(angle), 0.0, 0.3 * np.sin(angle))
            parts.append(Limb(spot(x, 0, hub) - tip, spot(x, 0, hub) + tip, 0.004, 0.004, STEEL))
    for start, end in (
        (pedals, saddle),
        (pedals, head),
        (spot(-0.17, 0, 0.8), head),
        (spot(-0.53, 0, hub), pedals),
        (spot(-0.53, 0, hub), spot(-0.17, 0, 0.8)),
        (spot(0.55, 0, hub), spot(0.36, 0, 1.02)),
    ):
        parts.append(Limb(start, end, 0.024, 0.024, frame))
    parts.append(Limb(spot(-0.34, 0, 0.97), spot(-0.12, 0, 0.97), 0.05, 0.03, RUBBER))
    parts.append(Limb(spot(0.38, 0.24, 1.04), spot(0.38, -0.24, 1.04), 0.02, 0.02, RUBBER))
    crank = 2 * np.pi * travelled / 5.0 + who.phase
    for side, angle in ((1, crank), (-1, crank + np.pi)):
        foot = pedals + points(0.17 * np.cos(angle), side * 0.11, -0.17 * np.sin(angle))
        parts += leg(who, spot(-0.2, side * 0.08, 1.0), foot + 0.07 * UP, 0.45)
    return parts + seated(who, hip=(-0.2, 1.0), shoulder=(0.16, 1.47), hand=(0.38, 0.22, 1.07), cap=who.hair)


def leg(who: Person, hip: Floats, foot: Floats, length: float) -> list[Part]:
    """A rider's leg from the hip to the foot."""
    knee = knee_of(hip, foot, length)
    return [
        Limb(hip, knee, 0.085, 0.062, who.trousers),
        Limb(knee, foot, 0.058, 0.042, who.trousers),
        Limb(foot, foot + 0.15 * AHEAD - 0.03 * UP, 0.042, 0.035, RUBBER),
    ]


def seated(
    who: Person,
    hip: tuple[float, float],
    shoulder: tuple[float, float],
    hand: tuple[float, float, float],
    cap: Colour,
) -> list[Part]:
    """A rider's trunk, head and arms; hip and shoulder as (forward, up), the hand also to its side."""
    parts: list[Part] = []
    for side in (1, -1):
        low, high = spot(hip[0], side * 0.07, hip[1]), spot(shoulder[0], side * 0.1, shoulder[1])
        parts.append(Limb(low, high, 0.11, 0.11, who.shirt))
        joint = spot(shoulder[0], side * 0.19, shoulder[1])
        grip = spot(hand[0], side * hand[1], hand[2])
        elbow = (joint + grip) / 2 - 0.04 * AHEAD + side * 0.06 * LEFT - 0.1 * UP
        parts.append(Limb(joint, elbow, 0.058, 0.048, who.shirt))
        parts.append(Limb(elbow, grip, 0.045, 0.036, who.shirt if who.sleeves else who.skin))
    head = spot(shoulder[0] + 0.1, 0.0, shoulder[1] + 0.21)
    parts.append(Limb(spot(shoulder[0], 0.0, shoulder[1]), head, 0.055, 0.055, who.skin))
    parts.append(Limb(head, head + 0.02 * AHEAD + 0.02 * UP, 0.088, 0.088, who.skin))
    parts.append(Limb(head - 0.035 * AHEAD + 0.05 * UP, head + 0.08 * UP, 0.086, 0.082, cap))
    return parts


def motorcyclist(who: Person, colour: Colour, travelled: Floats) -> list[Part]:
    """A motorbike and its rider, with a helmet, after `travelled` (T,) metres."""
    parts: list[Part] = []
    middle = np.array([0.0, 0.0, 0.3])
    for x in (-0.68, 0.7):
        for side in (1, -1):
            parts.append(Panel(circle(x, 0.31, 0.31, side * 0.06), middle, RUBBER, lit=False))
            parts.append(Panel(circle(x, 0.31, 0.15, side * 0.061), middle, STEEL, 1, lit=False))
        parts.append(Rim(circle(x, 0.31, 0.28), 0.045, RUBBER))
        tip = points(0.26 * np.cos(-travelled / 0.31), 0.0, 0.26 * np.sin(-travelled / 0.31))
        parts.append(Limb(spot(x, 0, 0.31) - tip, spot(x, 0, 0.31) + tip, 0.02, 0.02, STEEL))
    dark = (52.0, 52.0, 54.0)
    for start, end, near, far, tone in (
        (spot(-0.25, 0, 0.45), spot(0.2, 0, 0.45), 0.17, 0.16, dark),
        (spot(0.7, 0, 0.31), spot(0.42, 0, 1.0), 0.05, 0.06, STEEL),
        (spot(-0.68, -0.12, 0.34), spot(-0.05, -0.14, 0.32), 0.06, 0.05, STEEL),
        (spot(-0.1, 0, 0.76), spot(0.36, 0, 0.86), 0.16, 0.13, colour),
        (spot(-0.82, 0, 0.86), spot(-0.1, 0, 0.76), 0.07, 0.12, dark),
        (spot(-0.9, 0, 0.72), spot(-0.45, 0, 0.66), 0.07, 0.1, colour),
        (spot(0.52, 0, 0.86), spot(0.46, 0, 1.08), 0.11, 0.09, colour),
        (spot(0.4, 0.36, 1.08), spot(0.4, -0.36, 1.08), 0.025, 0.025, RUBBER),
        (spot(0.6, 0, 0.85), spot(0.63, 0, 0.85), 0.07, 0.07, (244.0, 240.0, 214.0)),
        (spot(-0.96, 0, 0.74), spot(-0.98, 0, 0.74), 0.05, 0.05, (190.0, 34.0, 30.0)),
    ):
        parts.append(Limb(start, end, near, far, tone))
    for side in (1, -1):
        parts += leg(who, spot(-0.28, side * 0.13, 0.9), spot(-0.02, side * 0.22, 0.36), 0.46)
    parts += seated(who, hip=(-0.28, 0.95), shoulder=(-0.04, 1.43), hand=(0.38, 0.34, 1.1), cap=colour)
    helmet = spot(0.05, 0.0, 1.68)
    return [*parts, Limb(helmet, helmet + 0.02 * AHEAD, 0.145, 0.145, colour, 1)]
