"""The settings of `scenewise benchmark`: every method with every seed on the same features."""

from dataclasses import dataclass
from typing import Any

from scenewise.config.evaluate import Protocol
from scenewise.config.extract import ExtractConfig, Preprocess
from scenewise.config.limits import require_between
from scenewise.config.train import TrainConfig
from scenewise.errors import ConfigError

METHODS: dict[str, dict[str, Any]] = {
    "fusion": {"method": "fusion"},
    "fusion/pooled": {"method": "fusion", "scope": "pooled"},
    "object-memory": {"method": "object-memory"},
    "object-memory/pooled": {"method": "object-memory", "scope": "pooled"},
    "reconstruction": {"method": "autoencoder", "objective": "reconstruction"},
    "reconstruction/scene": {"method": "autoencoder", "objective": "reconstruction", "scope": "scene"},
    "contrastive": {"method": "autoencoder", "objective": "contrastive"},
    "contrastive+classification": {"method": "autoencoder", "objective": "contrastive+classification"},
    "variational": {"method": "variational", "objective": "contrastive"},
}
"""What each method of the benchmark sets among the settings of `train`."""
DEFAULT_METHODS = ("fusion", "reconstruction", "contrastive", "contrastive+classification")
KEPT_CHECKPOINTS = 100
"""So many, or as many as there are steps, does published code choose among by test AUC."""
EXTRACTION = ("encoder", "weights", "preprocess", "fps", "device")
"""Settings that are those of `extract`."""


@dataclass(frozen=True)
class BenchmarkConfig:
    """`scenewise benchmark`: every method with every seed on the same features."""

    methods: tuple[str, ...] | None = None
    """What to compare: fusion, object-memory, reconstruction, contrastive, contrastive+classification, variational;
    fusion/pooled and object-memory/pooled with one memory for all scenes, reconstruction/scene with a model for each.
    By default fusion, reconstruction, contrastive and contrastive+classification, or of them what the data allows."""
    seeds: int = 3
    """Training runs of each method, with seeds 0, 1, ...; of fusion and object-memory one, which draw nothing at
    random."""
    protocol: Protocol = "strict"
    """published also evaluates as published code does, into a table of its own that says so; runs of an earlier strict
    benchmark are trained again for it, to keep their checkpoints. What has no checkpoints to choose among, or a model
    for each scene, stands in the strict table alone."""
    encoder: str = ExtractConfig.encoder
    """Frozen encoder of the frames, as extract takes it; of no use where DATA holds features."""
    weights: str | None = None
    """Folder with the weights of clip-vit-l-14, for machines without a network."""
    preprocess: Preprocess = "own"
    """own: as the encoder was trained; published: as published code of the field feeds it."""
    fps: float | None = None
    """Frames a second of folders of numbered frames, where neither the layout nor dataset.json says it (else 25)."""
    device: str = "auto"
    """Where encoder and models run: auto, cpu, cuda, cuda:N or mps."""
    steps: int = 5000
    """Optimiser steps of each run."""
    width: str = "256"
    """Width of the Transformer; native keeps the feature width, the published form."""
    segments_per_scene: int = 30
    """Segments of each scene in a batch."""
    learning_rate: float = 1e-4
    """Adam's learning rate."""
    checkpoint_every: int = 250
    """Steps between checkpoints."""
    standardise: bool = True
    """Standardise features by mean and deviation of the training videos; off is the published form."""
    stride: int = 4
    """Frames between the windows that a video is scored by."""

    def __post_init__(self) -> None:
        require_between(self, 1, 1000, "seeds")
        chosen = DEFAULT_METHODS if self.methods is None else self.methods
        if not chosen:
            raise ConfigError(f"--methods: expected at least one of {', '.join(METHODS)}")
        for method in chosen:
            if method not in METHODS:
                raise ConfigError(f"--methods: there is no {method}; expected some of {', '.join(METHODS)}")
            _ = self.training(method, 0)  # its own checks, before anything is extracted
        if self.protocol == "published" and not any("published" in self.protocols(method) for method in chosen):
            raise ConfigError(
                f"--protocol published chooses among checkpoints, and --methods {' '.join(chosen)} have none"
            )
        if len(set(chosen)) < len(chosen):
            raise ConfigError(f"--methods: {' '.join(chosen)} names one twice")
        _ = self.extraction

    @property
    def extraction(self) -> ExtractConfig:
        """The settings of the features."""
        return ExtractConfig(**{name: getattr(self, name) for name in EXTRACTION})

    def compared(self, scenes: int, *, objects: bool) -> tuple[str, ...]:
        """The methods to compare on so many scenes of training footage, whose features hold `objects` or not.

        Raises ConfigError where one was asked for that contrasts scenes, and there is one scene, or that compares
        objects, and there are none.
        """
        chosen = DEFAULT_METHODS if self.methods is None else self.methods
        contrasting = [name for name in chosen if scenes == 1 and contrasts(name)]
        blind = [name for name in chosen if not objects and self.training(name, 0).remembers]
        if self.methods is not None and contrasting:
            raise ConfigError(
                f"--methods {' '.join(contrasting)} contrasts scenes, and there is only one; leave it out"
            )
        if self.methods is not None and blind:
            raise ConfigError(
                f"--methods {' '.join(blind)} compares moving objects, and the features hold none; extract again "
                "without --no-objects, or leave it out"
            )
        return tuple(name for name in chosen if name not in (*contrasting, *blind))

    def protocols(self, method: str) -> list[Protocol]:
        """By which the method is evaluated."""
        training = self.training(method, 0)
        if self.protocol == "strict" or training.remembers or training.by_scene:
            return ["strict"]
        return ["strict", "published"]

    def training(self, method: str, seed: int) -> TrainConfig:
        """The settings of one run."""
        own = METHODS[method]
        if TrainConfig(**own).remembers:
            return TrainConfig(**own, device=self.device)
        keeps = self.protocol == "published" and own.get("scope") != "scene"
        return TrainConfig(
            **own,
            seed=seed,
            steps=self.steps,
            width=self.width,
            segments_per_scene=self.segments_per_scene,
            learning_rate=self.learning_rate,
            checkpoint_every=self.checkpoint_every,
            keep_checkpoints=min(KEPT_CHECKPOINTS, self.steps) if keeps else 0,
            standardise=self.standardise,
            stride=self.stride,
            device=self.device,
        )


def contrasts(method: str) -> bool:
    """Whether the method of that name contrasts scenes with each other."""
    return METHODS[method].get("objective") not in (None, "reconstruction")
