"""Scenes for vehicles: a road, and a cycle path in a park."""

import numpy as np

from scenewise.street import materials
from scenewise.street.layout import Act, Bench, Flow, Lamp, Route, Scene, Sun
from scenewise.street.scenery import GREEN, GREY, KERB, STONE, WHITE, Random, ground, houses, toned, trees, wall


def road(random: Random, name: str, seed: tuple[int, ...]) -> Scene:
    """A two-lane road along the line of sight, between house fronts and a park."""
    pavement, lane = materials.slabs(toned(random, STONE), 0.8, 0.8), materials.asphalt(toned(random, GREY))
    white, kerb = materials.paint(WHITE), materials.slabs(KERB, 0.3, 1.0)
    return Scene(
        name=name,
        eye=(8.6, -8.0, random.uniform(6.6, 7.6)),
        target=(random.uniform(0.0, 1.0), 8.5, 0.0),
        view=48.0,
        faces=(
            ground(-200, 200, -60, 300, materials.grass(toned(random, GREEN))),
            ground(-6.6, -3.5, -60, 96, pavement),
            ground(3.5, 6.4, -60, 96, pavement),
            ground(-3.5, 3.5, -60, 96, lane),
            *(ground(x - 0.12, x + 0.12, -60, 96, kerb) for x in (-3.48, 3.48)),
            *(ground(-0.07, 0.07, y, y + 2.4, white) for y in np.arange(-30, 90, 6.0)),
            *houses(random, (-60, 96), (60, 96)),
            wall((16, 80), (16, -10), 1.8, materials.hedge((66.0, 92.0, 50.0))),
            *houses(random, (-6.6, -40), (-6.6, 96)),
        ),
        props=(
            *trees(random, [(9.5, 12), (10, 21), (9.4, 31), (9.8, 43), (9.6, 58)]),
            *(Lamp((-3.9, y), 6.5) for y in (13, 38)),
        ),
        sun=Sun((random.uniform(0.5, 0.9), -0.35), 0.42),
        sky=(196.0, 210.0, 226.0),
        routes={
            "up": Route([(1.7, -30), (1.7, 92)]),
            "down": Route([(-1.7, 92), (-1.7, -30)]),
            "left pavement": Route([(-5.0, -25), (-5.0, 80)]),
            "right pavement": Route([(4.9, -25), (4.9, 80)]),
            "across": Route([(-5.0, -12), (-5.0, 9), (4.9, 15), (4.9, 60)]),
        },
        flows=(
            *(
                Flow(figure, lane_name, rate, speed, 0.1, label=figure, aside=aside)
                for lane_name in ("up", "down")
                for figure, rate, speed, aside in (
                    ("car", 3.5, 7.5, 0.3),
                    ("bicycle", 1.5, 4.6, -1.15),
                    ("motorbike", 1.2, 7.5, 0.0),
                )
            ),
            Flow("person", "left pavement", 4.0, 1.35, 0.9, both_ways=True),
            Flow("person", "right pavement", 3.0, 1.35, 0.8, both_ways=True),
        ),
        acts=(
            Act("wrong_way", "car", "up", 7.0, 0.2, against=True),
            Act("jaywalking", "person", "across", 1.45, 0.4),
            Act("running", "runner", "left pavement", 3.6, 0.6),
            Act("abandoned_object", "litterer", "right pavement", 1.3, 0.6),
            Act("wrong_way", "motorbike", "down", 7.0, 0.4, against=True),
        ),
        areas={"jaywalking": ((-3.5, 3.5, -60, 96),)},
        normal_classes=("person", "car", "bicycle", "motorbike"),
        abnormal_share=0.25,
        seed=seed,
    )


def cycleway(random: Random, name: str, seed: tuple[int, ...]) -> Scene:
    """A red two-way cycle path with a footpath beside it, in a park."""
    red, gravel = (
        materials.asphalt(toned(random, (140.0, 88.0, 80.0))),
        materials.gravel(toned(random, (172.0, 158.0, 134.0))),
    )
    white = materials.paint(WHITE)
    return Scene(
        name=name,
        eye=(-9.5, -4.5, random.uniform(5.6, 6.6)),
        target=(random.uniform(1.2, 2.2), 10.0, 0.0),
        view=50.0,
        faces=(
            ground(-200, 200, -60, 300, materials.grass(toned(random, GREEN))),
            ground(-2.0, 2.0, -60, 120, red),
            ground(3.6, 6.2, -60, 120, gravel),
            ground(-2.0, -1.86, -60, 120, white),
            ground(1.86, 2.0, -60, 120, white),
            *(ground(-0.06, 0.06, y, y + 1.2, white) for y in np.arange(-20, 70, 3.0)),
            *houses(random, (-50, 90), (140, 90)),
            wall((9.5, 90), (9.5, -30), 1.4, materials.hedge((60.0, 88.0, 44.0))),
        ),
        props=(
            *trees(random, [(11.5, 62), (11.5, 48), (11.2, 36), (11.5, 25), (11.0, 15), (-8.5, 28), (-7.5, 42)]),
            Lamp((2.8, 11), 5.5),
            Lamp((2.8, 31), 5.5),
            Bench((7.4, 14.0), np.pi / 2),
        ),
        sun=Sun((-0.5, random.uniform(-0.4, -0.1)), 0.38),
        sky=(204.0, 214.0, 228.0),
        routes={
            "up": Route([(1.0, -25), (1.0, 80)]),
            "down": Route([(-1.0, 80), (-1.0, -25)]),
            "footpath": Route([(4.9, -25), (4.9, 80)]),
            "on the path": Route([(4.9, -15), (4.9, 4), (0.6, 9), (0.4, 40), (4.9, 46), (4.9, 80)]),
        },
        flows=(
            Flow("bicycle", "up", 5.0, 4.6, 0.35, label="bicycle"),
            Flow("bicycle", "down", 4.0, 4.6, 0.35, label="bicycle"),
            Flow("person", "footpath", 5.0, 1.3, 0.8, both_ways=True),
        ),
        acts=(
            Act("motorbike", "motorbike", "up", 6.5, 0.4),
            Act("wrong_way", "bicycle", "up", 4.4, 0.3, against=True),
            Act("jaywalking", "person", "on the path", 1.35, 0.3),
            Act("running", "runner", "footpath", 3.6, 0.6),
        ),
        areas={"jaywalking": ((-2.0, 2.0, -60, 120),)},
        normal_classes=("person", "bicycle"),
        abnormal_share=0.3,
        seed=seed,
    )
