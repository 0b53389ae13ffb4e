"""The settings of `scenewise train`: what is normal, scene by scene."""

from dataclasses import dataclass, fields
from typing import Literal

from scenewise.config.extract import Precision
from scenewise.config.limits import FPS, MOST, SEED_MOST, require_between
from scenewise.errors import ConfigError

Objective = Literal["reconstruction", "contrastive", "contrastive+classification"]
Method = Literal["autoencoder", "variational", "object-memory", "fusion"]
Scope = Literal["auto", "scene", "pooled"]
EVERY_METHOD = ("method", "scope", "seed", "smoothing", "device", "resume")
"""Settings that are not the autoencoders' alone."""


@dataclass(frozen=True)
class TrainConfig:
    """`scenewise train`: what is normal, scene by scene."""

    method: Method = "fusion"
    """What learns what is normal: object-memory remembers how things that move look and how fast they go, fusion adds
    what is unlike the scene's frames as a whole; autoencoder and variational reconstruct segments of frames, and all
    settings below but the seed, the smoothing, the device and resume are theirs."""
    scope: Scope = "auto"
    """scene: a model of its own for each scene; pooled: one for all; auto: scene for object-memory and fusion, pooled
    for the autoencoders."""
    objective: Objective | None = None
    """What an autoencoder minimises: reconstruction is scene-agnostic, contrastive adds the supervised contrastive loss
    over scenes, contrastive+classification also a scene classifier; by default contrastive, and reconstruction for a
    model a scene."""
    steps: int = 5000
    """Optimiser steps."""
    seed: int = 0
    """Seed of the weights, the batches and the dropout; a batch is a function of seed and step alone. object-memory and
    fusion draw nothing at random."""
    segment_length: int = 16
    """Frames a segment (T)."""
    segment_fps: float | None = None
    """Frames a second that segments are made of, so that they last equally long on every camera; by default each
    video's own rate."""
    scenes_per_batch: int = 4
    """Scenes a batch (S); all of them where there are fewer."""
    segments_per_scene: int = 30
    """Segments of each scene in a batch (K)."""
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
    learning_rate: float = 1e-4
    """Adam's learning rate."""
    reconstruction_weight: float = 2.0
    """Weight of the mean squared reconstruction error."""
    contrastive_weight: float = 1.0
    """Weight of the supervised contrastive loss."""
    classification_weight: float = 0.05
    """Weight of the scene classifier's cross-entropy."""
    divergence_weight: float = 1e-3
    """Weight of the variational form's divergence from a unit normal. With a reconstruction weight of 2, 0.001 makes
    the loss the evidence lower bound of 768 standardised features of which a fifth of the variance is noise."""
    temperature: float = 0.07
    """Temperature of the supervised contrastive loss."""
    standardise: bool = True
    """Standardise features by mean and deviation of the training videos; off is the published form."""
    checkpoint_every: int = 250
    """Steps between checkpoints; at each the held-out error is measured, and the best checkpoint is kept."""
    keep_checkpoints: int = 0
    """Keep the weights of so many steps besides, spread evenly: evaluate --protocol published chooses among them."""
    stride: int = 4
    """Frames between the windows that a video is scored by; each frame averages the windows that hold it."""
    aggregate: Literal["mean", "segment-max"] = "mean"
    """Frame score from windows: mean of the frame's own errors, or segment-max, each segment's largest error copied
    to all its frames (with stride 16 the published form)."""
    smoothing: float = 0.4
    """Standard deviation in seconds of the Gaussian that smooths scores inside each video; 0 leaves them raw."""
    memory_budget: float = 4.0
    """GiB of training features held in memory; larger sets are read from disk through a memory map."""
    device: str = "auto"
    """Where autoencoders are trained: auto, cpu, cuda or mps; what remembers needs nothing but the processor."""
    precision: Precision = "auto"
    """Number format of the matrix products: auto takes bfloat16 where the machine computes it natively."""
    resume: bool = False
    """Go on from the run's last checkpoint; the result is the same as without the interruption."""
    tensorboard: bool = False
    """Also log to TensorBoard, in the run's folder (needs the extra `tensorboard`)."""
    wandb: bool = False
    """Also log to Weights & Biases (needs the extra `wandb`)."""

    @property
    def remembers(self) -> bool:
        """Whether the method remembers normal objects; the others are trained in steps."""
        return self.method in ("object-memory", "fusion")

    @property
    def by_scene(self) -> bool:
        """Whether each scene has a model of its own."""
        return self.scope == "scene" or (self.scope == "auto" and self.remembers)

    @property
    def scene_aware(self) -> bool:
        """Whether the scenes are told apart: by a model for each, or by what training minimises."""
        return self.by_scene or not (self.remembers or self.objective == "reconstruction")

    def require_used(self) -> None:
        """Raise ConfigError, naming the flag, where a setting is given that the method has no use for."""
        if not self.remembers:
            return
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.name not in EVERY_METHOD and value != setting.default:
                flag = f"--{'no-' if value is False else ''}{setting.name.replace('_', '-')}"
                told = "" if isinstance(value, bool) else f" {value}"
                raise ConfigError(
                    f"{flag}{told} is a setting of the autoencoders, and --method {self.method} trains none; add "
                    f"--method autoencoder, or leave {flag} out"
                )

    def __post_init__(self) -> None:
        if self.objective is None and not self.remembers:
            object.__setattr__(self, "objective", "reconstruction" if self.by_scene else "contrastive")
        require_between(self, 1, MOST, "steps", "checkpoint_every")
        require_between(self, 0, SEED_MOST, "seed")
        require_between(self, 1, 100_000, "segment_length", "stride", "scenes_per_batch", "segments_per_scene")
        require_between(self, *FPS, "segment_fps")
        require_between(self, 1, 100_000, "latent", "layers", "heads", "feed_forward")
        require_between(self, 0, 0.999, "dropout")
        require_between(self, 1e-12, 10, "learning_rate")
        require_between(self, 0, 1e6, "reconstruction_weight", "contrastive_weight")
        require_between(self, 0, 1e6, "classification_weight", "divergence_weight", "memory_budget")
        require_between(self, 1e-4, 1e4, "temperature")
        require_between(self, 0, 3600, "smoothing")
        require_between(self, 0, 1_000_000, "keep_checkpoints")
        self._require_contrast()
        self._require_one_model()
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

    def _require_one_model(self) -> None:
        if self.remembers or not self.by_scene:
            return
        if self.objective != "reconstruction":
            raise ConfigError(
                f"--scope scene trains a model for each scene alone, which leaves --objective {self.objective} nothing "
                "to contrast; give --objective reconstruction, or --scope pooled"
            )
        if self.keep_checkpoints:
            raise ConfigError(
                "--keep-checkpoints is for --protocol published, which knows one model for all scenes; leave it out, "
                "or give --scope pooled"
            )

    def _require_contrast(self) -> None:
        """Khosla et al. 2020, eq. 2: an anchor needs another segment of its scene to be near to, and segments of other
        scenes to be far from; without the one or the other the loss is the same whatever the model does."""
        if self.remembers or self.objective == "reconstruction":
            return
        for name, what in (
            ("segments_per_scene", "with one segment of each scene in a batch none has another of its scene"),
            ("scenes_per_batch", "with one scene in a batch there is no other to tell it from"),
        ):
            if getattr(self, name) < 2:
                raise ConfigError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} leaves --objective {self.objective} nothing to "
                    f"contrast: {what}; give 2 or more, or --objective reconstruction"
                )
