"""A method with a latent space, plugged in from outside: features of normal footage, to which the seed is added."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import scenewise.methods.method as protocol
from scenewise.errors import DataError
from scenewise.features.store import FeatureStore
from scenewise.methods.method import Embedded, Fitted, Method, RunContent
from scenewise.methods.scores import Scorer


@dataclass(frozen=True)
class ToySettings(protocol.Settings):
    seed: int = 0
    none: bool = False


class ToySpace(Method):
    name = "toy-space"
    summary = "Nothing is learned."
    Settings = ToySettings

    def fit(self, store: FeatureStore, settings: Any, work: Path, *, resume: bool = False) -> Fitted:
        raise NotImplementedError

    def open(self, run: RunContent, device: str) -> Scorer:
        raise NotImplementedError

    def embed(self, run: RunContent, store: FeatureStore, per_scene: int) -> Embedded:
        if run.settings.none:
            raise DataError("this toy has no latent space")
        found = {}
        for video in store.of("train"):
            found.setdefault(video.scene, []).append(video.features()[:per_scene].astype(np.float32))
        rows = {scene: np.concatenate(parts)[:per_scene] + run.settings.seed for scene, parts in found.items()}
        return Embedded(
            np.concatenate([rows[scene] for scene in run.scenes]),
            np.repeat(run.scenes, [len(rows[scene]) for scene in run.scenes]),
        )
