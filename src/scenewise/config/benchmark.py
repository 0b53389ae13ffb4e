"""The settings of `scenewise benchmark`: every method with every seed on the same features."""

from dataclasses import dataclass, replace
from typing import Any

from scenewise.config.evaluate import Protocol
from scenewise.config.extract import ExtractConfig, Preprocess
from scenewise.config.limits import require_between
from scenewise.config.train import TrainConfig
from scenewise.errors import ConfigError

METHODS: dict[str, dict[str, Any]] = {
    "reconstruction": {"objective": "reconstruction"},
    "contrastive": {"objective": "contrastive"},
    "contrastive+classification": {"objective": "contrastive+classification"},
    "variational": {"method": "variational", "objective": "contrastive"},
}
"""What each method of the benchmark sets among the settings of `train`."""
DEFAULT_METHODS = ("reconstruction", "contrastive", "contrastive+classification")
KEPT_CHECKPOINTS = 100
"""So many, or as many as there are steps, does published code choose among by test AUC."""
EXTRACTION = ("encoder", "weights", "preprocess", "fps", "device")
"""Settings that are those of `extract`."""


@dataclass(frozen=True)
class BenchmarkConfig:
    """`scenewise benchmark`: every method with every seed on the same features."""

    methods: tuple[str, ...] | None = None
    """What to compare: reconstruction, contrastive, contrastive+classification, variational; by default the first
    three, or of them what one scene allows."""
    seeds: int = 3
    """Training runs of each method, with seeds 0, 1, ..."""
    protocol: Protocol = "strict"
    """published also evaluates as published code does, into a table of its own that says so; runs of an earlier strict
    benchmark are trained again for it, to keep their checkpoints."""
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
        if len(set(chosen)) < len(chosen):
            raise ConfigError(f"--methods: {' '.join(chosen)} names one twice")
        _ = self.extraction

    @property
    def extraction(self) -> ExtractConfig:
        """The settings of the features."""
        return ExtractConfig(**{name: getattr(self, name) for name in EXTRACTION})

    def compared(self, scenes: int) -> tuple[str, ...]:
        """The methods to compare on so many scenes of training footage.

        Raises ConfigError where one was asked for that contrasts scenes, and there is one scene.
        """
        chosen = DEFAULT_METHODS if self.methods is None else self.methods
        possible = tuple(name for name in chosen if scenes > 1 or METHODS[name]["objective"] == "reconstruction")
        if self.methods is not None and possible != chosen:
            needing = " ".join(name for name in chosen if name not in possible)
            raise ConfigError(f"--methods {needing} contrasts scenes, and there is only one; give reconstruction alone")
        return possible

    def training(self, method: str, seed: int) -> TrainConfig:
        """The settings of one run."""
        config = TrainConfig(
            seed=seed,
            steps=self.steps,
            width=self.width,
            segments_per_scene=self.segments_per_scene,
            learning_rate=self.learning_rate,
            checkpoint_every=self.checkpoint_every,
            keep_checkpoints=min(KEPT_CHECKPOINTS, self.steps) if self.protocol == "published" else 0,
            standardise=self.standardise,
            stride=self.stride,
            device=self.device,
        )
        return replace(config, **METHODS[method])
