"""A square with a lawn, where crossing the lawn is not normal."""

from scenewise.street import materials
from scenewise.street.layout import Act, Bench, Flow, Lamp, Route, Scene, Sun
from scenewise.street.scenery import GREEN, KERB, Random, ground, houses, toned, trees


def plaza(random: Random, name: str, seed: tuple[int, ...]) -> Scene:
    """A square with a lawn in its middle, seen from a roof; people and slow cyclists go around the lawn."""
    paving = materials.slabs(toned(random, (176.0, 168.0, 156.0)), 1.5, 1.5)
    band = materials.slabs(toned(random, (128.0, 120.0, 112.0)), 0.5, 0.5)
    kerb = materials.slabs(KERB, 0.6, 0.6)
    around = ((-10.0, 3.5), (10.0, 3.5), (10.0, 18.5), (-10.0, 18.5))
    return Scene(
        name=name,
        eye=(-11.0, -8.0, random.uniform(8.0, 9.2)),
        target=(random.uniform(-0.6, 0.6), 8.5, 0.0),
        view=50.0,
        faces=(
            ground(-200, 200, -60, 300, paving),
            *(ground(-40, 40, y, y + 0.5, band) for y in (0.6, 21.0, 27.0)),
            *(ground(x, x + 0.5, -40, 32, band) for x in (-12.6, 12.1)),
            ground(-7.8, 7.8, 5.7, 16.3, kerb),
            ground(-7.5, 7.5, 6.0, 16.0, materials.grass(toned(random, GREEN), 1.5)),
            *houses(random, (-60, 33), (70, 33)),
            *houses(random, (26, 33), (26, -20)),
        ),
        props=(
            *trees(random, [(-5, 14), (5.5, 14.5)]),
            Lamp((11.0, 20.0), 5.0),
            Lamp((-11.0, 20.0), 5.0),
            Bench((0.0, 17.2), 0.0),
            Bench((-3.0, 4.9), 0.0),
        ),
        sun=Sun((random.uniform(0.4, 0.8), 0.4), 0.45),
        sky=(190.0, 206.0, 224.0),
        routes={
            "front": Route([(-32, 1.5), *around[:2], (30, 1.0)]),
            "behind": Route([(-32, 22), *around[:1:-1], (24, 22)]),
            "left side": Route([(-14, -25), around[0], around[3], (-11, 31)]),
            "right side": Route([(9, -25), around[1], around[2], (14, 31)]),
            "lawn": Route([(-17, -6), (-9, 5), (0, 11), (9, 17), (13, 30)]),
        },
        flows=(
            *(Flow("person", route, 4.5, 1.3, 1.2, both_ways=True) for route in ("front", "behind")),
            *(Flow("person", route, 4.0, 1.3, 1.0, both_ways=True) for route in ("left side", "right side")),
            Flow("bicycle", "front", 1.5, 3.4, 0.8, both_ways=True, label="bicycle"),
            Flow("bicycle", "right side", 1.0, 3.4, 0.6, both_ways=True, label="bicycle"),
        ),
        acts=(
            Act("on_lawn", "person", "lawn", 1.35, 0.8),
            Act("motorbike", "motorbike", "front", 5.0, 0.6),
            Act("running", "runner", "right side", 3.6, 0.6),
            Act("abandoned_object", "litterer", "front", 1.3, 0.8),
            Act("on_lawn", "person", "lawn", 1.3, 0.8, against=True),
        ),
        areas={"on_lawn": ((-7.5, 7.5, 6.0, 16.0),)},
        normal_classes=("person", "bicycle"),
        abnormal_share=0.5,
        seed=seed,
    )
