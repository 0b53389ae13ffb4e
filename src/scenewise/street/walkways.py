"""Two walkways, where bicycles and motorbikes are not normal."""

import numpy as np

from scenewise.street import materials
from scenewise.street.layout import Act, Bench, Flow, Lamp, Route, Scene, Sun
from scenewise.street.scenery import GREEN, PLASTERS, STONE, Random, ground, houses, toned, trees, wall


def walkway_a(random: Random, name: str, seed: tuple[int, ...]) -> Scene:
    """A paved path along the line of sight between lawns; people also stroll over the lawn."""
    lawn, stones = materials.grass(toned(random, GREEN), 2.2), materials.slabs(toned(random, STONE), 1.2, 0.6, 0.5)
    edge = materials.slabs(toned(random, (140.0, 136.0, 128.0)), 0.2, 0.5)
    return Scene(
        name=name,
        eye=(random.uniform(0.6, 1.6), -7.0, random.uniform(5.4, 6.2)),
        target=(0.2, 9.0, 0.0),
        view=48.0,
        faces=(
            ground(-200, 200, -60, 300, lawn),
            ground(-60, 60, 36, 40, stones),
            ground(-2.8, 2.8, -60, 38, stones),
            ground(-2.95, -2.75, -60, 36, edge),
            ground(2.75, 2.95, -60, 36, edge),
            *houses(random, (-50, 62), (60, 62)),
            wall((-60, 44), (60, 44), 1.5, materials.hedge((72.0, 98.0, 54.0))),
            wall((-12.5, -10), (-12.5, 34), 2.1, materials.bricks(toned(random, (150.0, 96.0, 76.0)))),
        ),
        props=(
            *trees(random, [(-10, 26), (10, 30), (8.5, 19), (-9.5, 14), (9, 9)]),
            Bench((4.0, 16.0), np.pi / 2),
            Lamp((-3.5, 12), 5.0),
            Lamp((-3.5, 30), 5.0),
        ),
        sun=Sun((-0.45, random.uniform(0.1, 0.4)), 0.34),
        sky=(208.0, 214.0, 220.0),
        routes={
            "left": Route([(-1.3, -25), (-1.3, 36.8), (-40, 36.8)]),
            "right": Route([(1.3, -25), (1.3, 38), (40, 38)]),
            "lawn": Route([(-16, 4), (-3, 8), (6, 13), (24, 20)]),
            "middle": Route([(0, -25), (0, 37), (40, 37.5)]),
        },
        flows=(
            Flow("person", "left", 4.0, 1.3, 0.9, both_ways=True),
            Flow("person", "right", 4.0, 1.3, 0.9, both_ways=True),
            Flow("person", "lawn", 0.8, 1.25, 1.5, both_ways=True, label="on_lawn"),
        ),
        acts=(
            Act("bicycle", "bicycle", "middle", 4.4, 1.2),
            Act("motorbike", "motorbike", "middle", 6.0, 1.0, against=True),
            Act("running", "runner", "right", 3.6, 0.8),
            Act("abandoned_object", "litterer", "left", 1.3, 0.6),
            Act("bicycle", "bicycle", "left", 4.6, 0.8, against=True),
        ),
        areas={"on_lawn": ((-60, -2.95, -60, 36), (2.95, 60, -60, 36))},
        normal_classes=("person", "on_lawn"),
        abnormal_share=0.75,
        seed=seed,
    )


def walkway_b(random: Random, name: str, seed: tuple[int, ...]) -> Scene:
    """A brick-paved walkway across the picture, in front of a large building."""
    paving = materials.slabs(toned(random, (158.0, 120.0, 104.0)), 0.5, 0.25, 0.5, 0.02)
    border = materials.slabs(toned(random, STONE), 1.0, 0.4)
    glass = toned(random, (70.0, 92.0, 104.0))
    return Scene(
        name=name,
        eye=(random.uniform(-3.0, -1.0), -7.5, random.uniform(6.0, 6.8)),
        target=(0.4, 8.5, 0.3),
        view=48.0,
        faces=(
            ground(-200, 200, -60, 300, materials.grass(toned(random, GREEN))),
            ground(-60, 60, 4.0, 13.0, paving),
            ground(-60, 60, 3.6, 4.0, border),
            ground(-60, 60, 12.6, 13.2, border),
            ground(-60, 60, 13.2, 15.0, materials.gravel(toned(random, (150.0, 140.0, 122.0)))),
            wall((-60, 16), (60, 16), 14.0, materials.facade(toned(random, PLASTERS[2]), glass, 3.4, 3.8)),
            wall((-60, 14.6), (-4, 14.6), 1.0, materials.hedge((64.0, 94.0, 56.0))),
            wall((2, 14.6), (60, 14.6), 1.0, materials.hedge((64.0, 94.0, 56.0))),
        ),
        props=(
            *trees(random, [(-9, 1.6), (10, 1.0)]),
            Lamp((5.5, 13.4), 4.5),
            Lamp((-8.5, 13.4), 4.5),
            Bench((1.5, 3.2), 0.0),
        ),
        sun=Sun((random.uniform(0.3, 0.7), -0.3), 0.3),
        sky=(200.0, 208.0, 214.0),
        routes={
            "near": Route([(-26, 6.4), (26, 6.4)]),
            "far": Route([(26, 10.4), (-26, 10.4)]),
            "to the door": Route([(-24, 8), (-3, 9), (-1, 15.4)]),
        },
        flows=(
            Flow("person", "near", 6.0, 1.35, 1.5, both_ways=True),
            Flow("person", "far", 6.0, 1.35, 1.5, both_ways=True),
            Flow("person", "to the door", 2.0, 1.3, 0.5, both_ways=True),
        ),
        acts=(
            Act("bicycle", "bicycle", "near", 4.2, 1.2),
            Act("car", "car", "far", 4.0, 0.6),
            Act("motorbike", "motorbike", "far", 5.5, 1.0),
            Act("running", "runner", "far", 3.6, 1.2, against=True),
            Act("abandoned_object", "litterer", "near", 1.3, 1.0),
        ),
        areas={},
        normal_classes=("person",),
        abnormal_share=0.5,
        seed=seed,
    )
