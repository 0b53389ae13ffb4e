"""Which normal examples of a memory get a picture, and which picture is shown for the others."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_argmin

from scenewise.methods.scores import NormalExamples, NormalMemory
from scenewise.scoring.coreset import greedy_coreset

A_SCENE = 500
"""Examples of a scene that get a picture."""
MOST = 3000
"""Of all scenes together."""
COMPARED = 5000
"""Examples of a scene, evenly spread over its memory, that they are chosen from at most."""


class Footage(NamedTuple):
    """A training video that examples are from."""

    scene: str
    readable: int
    """So many frames, from its first one, are decoded for pictures; 0 if it is gone."""


class Choice(NamedTuple):
    """One example that is to get a picture."""

    memory: int
    row: int
    rank: int
    """How many were chosen before it in its scene."""


def choose(memories: Sequence[NormalMemory], footage: Mapping[str, Footage]) -> list[Choice]:
    """Examples that look as different as possible, equally many of each scene, the first of every scene first.

    `footage` {title of a training video: what can be read of it}. The greedy order has a use: whatever is cut off its
    end, the rest is spread as well as so few can be.
    """
    groups = [
        (number, rows) for number, memory in enumerate(memories) for rows in _rows_of_scenes(memory.examples, footage)
    ]
    count = min(A_SCENE, MOST // max(len(groups), 1))
    chosen: list[Choice] = []
    for number, rows in groups[:MOST]:
        thinned = rows[np.linspace(0, len(rows) - 1, min(len(rows), COMPARED)).astype(np.int64)]
        order = greedy_coreset(memories[number].appearance[thinned], max(count, 1))
        chosen += [Choice(number, int(row), rank) for rank, row in enumerate(thinned[order])]
    return sorted(chosen, key=lambda choice: choice.rank)


def _rows_of_scenes(examples: NormalExamples, footage: Mapping[str, Footage]) -> list[NDArray[np.int64]]:
    """The rows whose frames can be read, scene by scene."""
    known = [footage.get(title, Footage("", 0)) for title, _ in examples.videos]
    readable = np.array([video.readable for video in known])[examples.video] > examples.frame
    scenes = np.array([video.scene for video in known])[examples.video]
    return [np.flatnonzero(readable & (scenes == scene)) for scene in np.unique(scenes[readable])]


def most_alike(memory: NormalMemory, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) for each example of `memory` the place in `rows` (k,), k at least 1, of the one that looks most alike.

    Those of `rows` are themselves.
    """
    appearance = np.asarray(memory.appearance, np.float32)
    alike = np.asarray(pairwise_distances_argmin(appearance, appearance[rows]), np.int64)
    alike[rows] = np.arange(len(rows))
    return alike
