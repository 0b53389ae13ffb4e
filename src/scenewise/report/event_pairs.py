"""Which events are compared: one of the same class in a scene that allows it, and one in a scene that forbids it.

Nothing here is chosen by a score: of every class the first scene by name that allows it and the first that forbids it,
and there the first event by video and frame. If the event is allowed, only frames count in which nothing else is
abnormal: a flag would be right there for another reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.roc import labels_of
from scenewise.report.events import Event
from scenewise.report.scored_videos import ScoredScene, ScoredVideo


@dataclass(frozen=True, eq=False)
class FoundEvent:
    """An event in its video."""

    video: ScoredVideo
    event: Event

    @property
    def counting(self) -> NDArray[np.integer]:
        """Numbers of the event's frames; if it is allowed, without those in which something else is abnormal."""
        frames = np.arange(self.event.first, self.event.last + 1)
        if self.event.abnormal:
            return frames
        video = self.video
        others = labels_of(video.frames, [(other.first, other.last) for other in video.events if other.abnormal])
        abnormal = others if video.labels is None else others | video.labels
        return frames[~abnormal[frames]]

    @property
    def middle(self) -> int:
        """The middle one, rounded down, of the frames that count: the one that is shown."""
        frames = self.counting
        return int(frames[(len(frames) - 1) // 2])


@dataclass(frozen=True, eq=False)
class EventPair:
    """One class of event, normal in one scene and abnormal in another."""

    name: str
    allowed: FoundEvent
    forbidden: FoundEvent


def event_pairs(scenes: Sequence[ScoredScene]) -> list[EventPair]:
    """One for every class that some scene's test events have as normal and another's as abnormal, by name."""
    first: dict[str, dict[bool, dict[str, FoundEvent]]] = {}
    for scene in sorted(scenes, key=lambda scene: scene.name):
        for video in sorted(scene.videos, key=lambda video: video.name):
            for event in sorted(video.events, key=lambda event: (event.first, event.last)):
                found = FoundEvent(video, event)
                if len(found.counting):
                    in_scenes = first.setdefault(event.name, {False: {}, True: {}})[event.abnormal]
                    in_scenes.setdefault(scene.name, found)
    pairs = []
    for name, scenes_where in sorted(first.items()):
        candidates = product(scenes_where[False].items(), scenes_where[True].items())
        of_two_scenes = [(allowed, forbidden) for (here, allowed), (there, forbidden) in candidates if here != there]
        if of_two_scenes:
            pairs.append(EventPair(name, *of_two_scenes[0]))
    return pairs
