"""Batches of S scenes x K segments."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Batch(NamedTuple):
    """First rows of B = S x K segments, and the scene each is from."""

    starts: NDArray[np.int64]
    scenes: NDArray[np.int64]


class SceneSampler:
    """Draws batches; a batch is a pure function of (seed, step), so that a resumed training sees the same ones."""

    def __init__(self, starts: Sequence[NDArray[np.int64]], scenes_per_batch: int, segments_per_scene: int, seed: int):
        """`starts[s]`: every first row per segment of scene s may have; none may be empty."""
        if any(len(of_scene) == 0 for of_scene in starts):
            raise ValueError("every scene needs at least one segment")
        self.starts = list(starts)
        self.scenes_per_batch = min(scenes_per_batch, len(self.starts))
        self.segments_per_scene = segments_per_scene
        self.seed = seed

    def batch(self, step: int) -> Batch:
        """S scenes without replacement, and of each K segments without replacement while they last."""
        random = np.random.default_rng([self.seed, step])
        scenes = np.sort(random.permutation(len(self.starts))[: self.scenes_per_batch])
        drawn = [self._draw(self.starts[scene], random) for scene in scenes]
        return Batch(np.concatenate(drawn), np.repeat(scenes, self.segments_per_scene))

    def _draw(self, starts: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
        """K of `starts`: whole passes over all of them first, then the rest of K without replacement."""
        passes, rest = divmod(self.segments_per_scene, len(starts))
        picked = random.choice(len(starts), rest, replace=False)
        return np.concatenate([np.tile(starts, passes), starts[picked]])
