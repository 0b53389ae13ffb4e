"""A method of the user's own in miniature, fitted in steps that can be stopped: distance from the scene's mean."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenewise.errors import DataError
from scenewise.features.store import FeatureStore
from scenewise.files import write_json
from scenewise.methods.method import Fitted, Method, RunContent, Settings
from scenewise.methods.scores import Chunk, NormalScores, Scored

NAME = "toy_method:Toy"
steps_taken: list[int] = []
"""By all fits of this process."""


@dataclass(frozen=True)
class ToySettings(Settings):
    """Settings of the toy."""

    seed: int = 0
    """Of the noise."""
    steps: int = 5
    """Numbers drawn."""
    note: str = ""
    """Changes nothing."""


class Scorer:
    """Distance of a frame from its scene's mean."""

    def __init__(self, content: RunContent) -> None:
        self.tensors = content.tensors

    def look_ahead(self, fps: float) -> float:
        """None is needed."""
        return 0.0

    def stream(
        self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: float | None = None
    ) -> Iterator[Scored]:
        """Chunk by chunk."""
        for chunk in chunks:
            yield Scored(np.linalg.norm(chunk.features - self.tensors[scene], axis=1).astype(np.float32), None)


class Toy(Method):
    """Distance from the scene's mean, which noise moves a little."""

    name = "toy"
    summary = "distance from the scene's mean"
    Settings = ToySettings
    free_settings = frozenset({"note"})

    def fit(self, store: FeatureStore, settings: Any, work: Path, *, resume: bool = False) -> Fitted:
        """One number a step, with a checkpoint behind each."""
        checkpoint = work / "checkpoints" / "toy.json"
        drawn = json.loads(checkpoint.read_text()) if resume and checkpoint.exists() else []
        for step in range(len(drawn), settings.steps):
            steps_taken.append(step)
            drawn.append(float(np.random.default_rng([settings.seed, step]).normal()))
            write_json(checkpoint, drawn)
            after_step(step)
        if not np.isfinite(drawn).all():
            raise DataError("diverged")
        tensors, normal = {}, {}
        for scene in sorted({video.scene for video in store.of("train")}):
            videos = [video for video in store.of("train") if video.scene == scene]
            mean = np.concatenate([video.features() for video in videos]).astype(np.float64).mean(axis=0)
            tensors[scene] = (mean + 0.01 * np.mean(drawn)).astype(np.float32)
            normal[scene] = [
                NormalScores(np.linalg.norm(v.features() - tensors[scene], axis=1).astype(np.float32), v.fps)
                for v in videos
            ]
        return Fitted(tensors, normal, {"seconds": 0.0, "parameters": 1}, {"drawn": f"{settings.steps}"})

    def open(self, run: RunContent, device: str) -> Scorer:
        """On the processor, whatever `device`."""
        return Scorer(run)


def after_step(step: int) -> None:
    """Called when the checkpoint of `step` is written; tests stop here."""
