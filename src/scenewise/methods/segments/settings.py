"""The settings that every method has which is trained in steps on segments, and those of its Transformer."""

from dataclasses import dataclass
from typing import Literal

from scenewise.config import FPS, MOST, SEED_MOST, Precision, require_between
from scenewise.errors import ConfigError
from scenewise.methods.method import Settings

Scope = Literal["pooled", "scene"]


@dataclass(frozen=True)
class StepSettings(Settings):
    """What draws the segments, takes the steps, keeps the weights, and scores by windows.

    A method's own settings derive from it, and call `super().__post_init__()` before their own checks.
    """

    scope: Scope = "pooled"
    """pooled: one model for all scenes; scene: a model for each scene, trained on its footage alone."""
    steps: int = 5000
    """Optimiser steps."""
    seed: int = 0
    """Seed of the weights, the batches and the dropout; a batch is a function of seed and step alone."""
    segment_length: int = 16
    """Frames a segment (T)."""
    segment_fps: float | None = None
    """Frames a second that segments are made of, so that they last equally long on every camera; by default each
    video's rate."""
    scenes_per_batch: int = 4
    """Scenes a batch (S); all of them if there are fewer."""
    segments_per_scene: int = 30
    """Segments of each scene in a batch (K)."""
    learning_rate: float = 1e-4
    """Adam's learning rate."""
    standardise: bool = True
    """Standardise features by mean and deviation of the training videos; off is the published form."""
    checkpoint_every: int = 250
    """Steps between checkpoints; each measures the held-out error, and the best checkpoint is kept."""
    keep_checkpoints: int = 0
    """Also keep the weights of this many steps, evenly spaced: evaluate --protocol published chooses among them."""
    stride: int = 4
    """Frames between the windows that a video is scored by; each frame averages the windows that hold it."""
    aggregate: Literal["mean", "segment-max"] = "mean"
    """Frame score from windows: mean of the frame's errors, or segment-max, each segment's largest error copied to all
    its frames (with stride 16 the published form)."""
    memory_budget: float = 4.0
    """GiB of training features held in memory; larger sets are read from disk through a memory map."""
    device: str = "auto"
    """Where it is trained: auto, cpu, cuda, cuda:N or mps."""
    precision: Precision = "auto"
    """Number format of the matrix products: auto takes bfloat16 if the machine computes it natively."""
    tensorboard: bool = False
    """Also log to TensorBoard, in the run's folder (needs the extra `tensorboard`)."""
    wandb: bool = False
    """Also log to Weights & Biases (needs the extra `wandb`)."""

    @property
    def by_scene(self) -> bool:
        """Whether each scene has a model of its own."""
        return self.scope == "scene"

    def __post_init__(self) -> None:
        require_between(self, 1, MOST, "steps", "checkpoint_every")
        require_between(self, 0, SEED_MOST, "seed")
        require_between(self, 1, 100_000, "segment_length", "stride", "scenes_per_batch", "segments_per_scene")
        require_between(self, *FPS, "segment_fps")
        require_between(self, 1e-12, 10, "learning_rate")
        require_between(self, 0, 1e6, "memory_budget")
        require_between(self, 0, 3600, "smoothing")
        require_between(self, 0, 1_000_000, "keep_checkpoints")
        if self.by_scene and self.keep_checkpoints:
            raise ConfigError(
                "--keep-checkpoints is for --protocol published, which knows one model for all scenes; leave it out, "
                "or give --scope pooled"
            )
        if self.keep_checkpoints > self.steps:
            raise ConfigError(
                f"--keep-checkpoints {self.keep_checkpoints} is more than --steps {self.steps}: at most one is kept a "
                "step; give fewer"
            )
        if self.stride > self.segment_length:
            raise ConfigError(
                f"--stride {self.stride} is longer than --segment-length {self.segment_length}: "
                "frames between the windows would have no score"
            )


@dataclass(frozen=True)
class TransformerSettings(StepSettings):
    """The sizes of the Transformer between features and latent codes."""

    width: str = "256"
    """Width of the Transformer; native keeps the feature width, the published form."""
    latent: int = 256
    """Width of the latent space (Z)."""
    layers: int = 2
    """Transformer layers of the encoder, and as many of the decoder."""
    heads: int = 4
    """Attention heads a layer; the width must be a multiple of it."""
    feed_forward: int = 256
    """Width inside each layer's feed-forward part."""
    dropout: float = 0.1
    """Share of activations dropped in training, 0 to below 1."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 100, "layers")
        require_between(self, 1, 100_000, "latent", "heads", "feed_forward")
        require_between(self, 0, 0.999, "dropout")


@dataclass(frozen=True)
class LastFramesSettings(TransformerSettings):
    """What predicts the last frames of a segment from those before them."""

    predicted: int = 4
    """Frames at a segment's end that are predicted from those before them; the stride must not be longer."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between(self, 1, 100_000, "predicted")
        if self.predicted >= self.segment_length:
            raise ConfigError(
                f"--predicted {self.predicted} leaves no frame of --segment-length {self.segment_length} to predict "
                "from; give fewer"
            )
        if self.stride > self.predicted:
            raise ConfigError(
                f"--stride {self.stride} is longer than --predicted {self.predicted}: frames between the windows' ends "
                "would not be predicted"
            )
