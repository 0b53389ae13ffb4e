"""The actors of one video: ordinary traffic, and in test videos abnormal acts too.

An actor's place is a function of time: it sets out at some second and keeps its speed along its route.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from scenewise.street.body import Motion, Part
from scenewise.street.camera import Camera, Floats
from scenewise.street.cars import Model, car
from scenewise.street.layout import Act, Flow, Route, Scene
from scenewise.street.people import CLOTHES, Person, bag, person
from scenewise.street.riders import cyclist, motorcyclist

FPS = 12.5
"""Frames a second: half of what most cameras record, which is enough for every gait and speed here."""
ACT_SECONDS = 6.0
"""Videos with abnormal acts have one in so many seconds, and at least one."""
EXTENT = {"person": (0.25, 0.25), "bicycle": (0.95, 0.3), "motorbike": (1.1, 0.35), "car": (2.4, 0.95)}
"""Half the length and half the width of each figure in metres; figures that are not listed have a person's."""

TRIES = 50
"""Most draws of an actor that has to appear, until it collides with nobody."""


@dataclass(frozen=True)
class Actor:
    """One figure in one video."""

    figure: str
    """person, runner, bicycle, motorbike, car or bag."""
    route: Route
    speed: float
    aside: float
    sets_out: float
    """Seconds from the video's start; negative if the actor is already on the way then."""
    appearance: Any
    """Person, (Person, colour), Model or a colour, as the figure needs."""
    label: str | None = None
    abnormal: bool = False
    left_at: float | None = None
    """For an abandoned bag: the second from which it lies there, until the video's end."""

    def motion(self, times: Floats) -> Motion:
        """Where it is at `times` (T,) in seconds."""
        left = np.inf if self.left_at is None else self.left_at
        travelled = self.speed * (np.minimum(times, left) - self.sets_out)
        present = (travelled >= 0) & (travelled <= self.route.length)
        at, heading = self.route.at(np.clip(travelled, 0, self.route.length), self.aside)
        carried = 0.3 if self.figure == "bag" else 0.0
        return Motion(at, heading, travelled, np.clip((left - times) * 1.2, 0, carried), present)

    def parts(self, travelled: Floats) -> list[Part]:
        """Its body after `travelled` (T,) metres."""
        match self.figure:
            case "bicycle":
                appearance, colour = self.appearance
                return cyclist(appearance, colour, travelled)
            case "motorbike":
                appearance, colour = self.appearance
                return motorcyclist(appearance, colour, travelled)
            case "car":
                return car(self.appearance)
            case "bag":
                return bag(self.appearance)
        return person(self.appearance, travelled, running=self.figure == "runner")


class Admitted:
    """The actors of a video so far: none of them collides with another."""

    def __init__(self, seconds: float) -> None:
        self.times = np.arange(0.0, seconds, 0.2)
        self.actors: list[Actor] = []
        self.motions: list[Motion] = []

    def admit(self, group: list[Actor]) -> bool:
        """Add a group, if it collides with nobody; returns whether it was added."""
        motions = [actor.motion(self.times) for actor in group]
        for actor, motion in zip(group, motions, strict=True):
            for other, other_motion in zip(self.actors, self.motions, strict=True):
                if collide(actor, motion, other, other_motion):
                    return False
        self.actors += group
        self.motions += motions
        return True


def draw_actors(
    scene: Scene, split: Literal["train", "test"], number: int, frames: int, camera: Camera, random: np.random.Generator
) -> list[Actor]:
    """The actors of one video. Abnormal acts are drawn first, so that no ordinary traffic is in their way."""
    seconds = frames / FPS
    admitted = Admitted(seconds)
    if split == "test":
        for act, middle in abnormal_acts(scene, number, seconds, random):
            any(admitted.admit(actors_of_act(act, scene, middle, seconds, camera, random)) for _ in range(TRIES))
    speed_factors = {flow.route: random.uniform(0.9, 1.1) for flow in scene.flows}
    for label in labels_in_turn(scene, number):
        flows = [flow for flow in scene.flows if flow.label == label]
        flow = flows[int(random.integers(len(flows)))]
        any(admitted.admit(actors_of_flow(flow, scene, speed_factors, random, seconds, camera)) for _ in range(TRIES))
    ordinary = [
        actors_of_flow(flow, scene, speed_factors, random, seconds)
        for flow in scene.flows
        for _ in range(random.poisson(flow.per_minute / 60 * (seconds + scene.routes[flow.route].length / flow.speed)))
    ]
    for index in random.permutation(len(ordinary)):
        admitted.admit(ordinary[index])
    return admitted.actors


def labels_in_turn(scene: Scene, number: int) -> list[str]:
    """The classes of ordinary traffic that video `number` shows whatever chance draws: two, or the only one, in turn.

    So the two test videos of the smallest data set show all classes that are normal in the scene.
    """
    labels = list(dict.fromkeys(flow.label for flow in scene.flows if flow.label))
    return list(dict.fromkeys(labels[(2 * number + n) % len(labels)] for n in range(2) if labels))


def abnormal_acts(scene: Scene, number: int, seconds: float, random: np.random.Generator) -> list[tuple[Act, float]]:
    """The abnormal acts of test video `number`, each with the second at which it is well visible.

    Abnormal videos are spread evenly and acts are taken in turn, both by the video's number alone: with more videos,
    the first ones stay the same.
    """
    share = scene.abnormal_share
    before, after = (int(np.floor(n * share + 1 - share + 1e-9)) for n in (number, number + 1))
    if after == before:
        return []
    count = max(1, round(seconds / ACT_SECONDS))
    slot = seconds / count
    return [
        (scene.acts[(before * count + n) % len(scene.acts)], slot * (n + random.uniform(0.3, 0.7)))
        for n in range(count)
    ]


def actors_of_act(
    act: Act, scene: Scene, middle: float, seconds: float, camera: Camera, random: np.random.Generator
) -> list[Actor]:
    """The actors of one act, well visible at the second `middle`."""
    route = scene.routes[act.route].reversed() if act.against else scene.routes[act.route]
    speed = act.speed * random.uniform(0.93, 1.07)
    aside = random.uniform(-act.spread, act.spread)
    place = well_seen_distance(scene, act.label, route, aside, camera, random)
    figure = "person" if act.figure == "litterer" else act.figure
    actor = Actor(figure, route, speed, aside, middle - place / speed, appearance_of(figure, random))
    if act.figure != "litterer":
        return [replace(actor, label=act.label, abnormal=True)]
    left_at = min(middle, 0.6 * seconds)
    actor = replace(actor, sets_out=left_at - place / speed)
    return [actor, replace(with_bag(actor, random), label=act.label, abnormal=True, left_at=left_at)]


def actors_of_flow(
    flow: Flow,
    scene: Scene,
    speed_factors: dict[str, float],
    random: np.random.Generator,
    seconds: float,
    camera: Camera | None = None,
) -> list[Actor]:
    """One actor of a flow; some people carry a bag or walk in pairs. With `camera` it is well visible in mid-video.

    All vehicles of a route share its speed factor, as in a lane; each walker has a different speed.
    """
    route = scene.routes[flow.route]
    if flow.both_ways and random.random() < 0.5:
        route = route.reversed()
    walks = flow.figure == "person"
    speed = flow.speed * (random.normal(1.0, 0.09) if walks else speed_factors[flow.route])
    aside = flow.aside + random.uniform(-flow.spread, flow.spread)
    if camera is None or flow.label is None:
        sets_out = random.uniform(-route.length / speed, seconds)
    else:
        place = well_seen_distance(scene, flow.label, route, aside, camera, random)
        sets_out = seconds * random.uniform(0.25, 0.75) - place / speed
    abnormal = flow.label is not None and flow.label not in scene.normal_classes
    actor = Actor(flow.figure, route, speed, aside, sets_out, appearance_of(flow.figure, random), flow.label, abnormal)
    if walks and random.random() < 0.12:
        return [actor, replace(with_bag(actor, random), label=None)]
    if walks and random.random() < 0.2:
        return [actor, replace(actor, aside=aside + 0.62, appearance=appearance_of("person", random), label=None)]
    return [actor]


def well_seen_distance(
    scene: Scene, label: str, route: Route, aside: float, camera: Camera, random: np.random.Generator
) -> float:
    """A distance along the route at which an actor is well visible and counts as one of class `label`."""
    distance = route.in_view(camera)
    place, _ = route.at(distance, aside)
    if (counting := scene.counts(label, place)).any():
        distance, place = distance[counting], place[counting]
    if label == "abandoned_object":  # a bag is small: it is put down in the nearest third
        _, depth = camera.project(np.column_stack([place, np.zeros(len(place))]))
        distance = distance[depth <= np.quantile(depth, 1 / 3)]
    return float(random.choice(distance))


def with_bag(person_: Actor, random: np.random.Generator) -> Actor:
    """The bag in the right hand of `person_`."""
    return replace(person_, figure="bag", aside=person_.aside - 0.3, appearance=appearance_of("bag", random))


def appearance_of(figure: str, random: np.random.Generator) -> Any:
    """A random appearance of a figure, see `Actor.appearance`."""
    if figure == "car":
        return Model.drawn(random)
    red, green, blue = CLOTHES[random.integers(len(CLOTHES))]
    if figure == "bag":
        return red, green, blue
    appearance = replace(Person.drawn(random), coat=False) if figure == "runner" else Person.drawn(random)
    return (appearance, (red, green, blue)) if figure in ("bicycle", "motorbike") else appearance


def collide(actor: Actor, motion: Motion, other: Actor, other_motion: Motion) -> bool:
    """Whether two actors touch at any of the times at which their motions are sampled."""
    both = motion.present & other_motion.present
    if not both.any():
        return False
    (long, wide), (other_long, other_wide) = (EXTENT.get(a.figure, EXTENT["person"]) for a in (actor, other))
    way = (other_motion.at - motion.at)[both]
    heading, turn = motion.heading[both], (other_motion.heading - motion.heading)[both]
    along = np.abs(way[:, 0] * np.cos(heading) + way[:, 1] * np.sin(heading))
    across = np.abs(way[:, 1] * np.cos(heading) - way[:, 0] * np.sin(heading))
    cosine, sine = np.abs(np.cos(turn)), np.abs(np.sin(turn))
    return bool(
        (
            (along < long + other_long * cosine + other_wide * sine)
            & (across < wide + other_long * sine + other_wide * cosine)
        ).any()
    )
