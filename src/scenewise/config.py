"""The settings of every stage: small frozen dataclasses, one sentence a field.

The same sentence is the command line's help, and the field's name is the flag, the key in `--config` and the key in
the files we write.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from scenewise.errors import ConfigError

Split = Literal["train", "test", "all"]
Fit = Literal["squash", "crop", "pad"]
Colour = Literal["rgb", "bgr"]
Precision = Literal["auto", "float32", "bfloat16"]
Objective = Literal["reconstruction", "contrastive", "contrastive+classification"]
Method = Literal["autoencoder", "variational"]
Scale = Literal["scene", "raw"]


MOST = 1_000_000_000
"""Above every count that makes sense, below what any library's integers overflow at."""
FPS = (0.0001, 1000)
"""Frames a second, from time lapse to high speed."""
SEED_MOST = 2**32 - 1
"""The largest seed that every generator in use takes."""


def require_between(settings: object, low: float, high: float, *names: str) -> None:
    """Raise ConfigError, naming the flag, where one of the settings `names` is no number from `low` to `high`.

    NaN lies nowhere, and infinity in no range. None, a setting left out, is let through.
    """
    for name in names:
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise ConfigError(f"--{name.replace('_', '-')}: expected a number from {low:g} to {high:.10g}, got {value}")


@dataclass(frozen=True)
class StreetConfig:
    """`scenewise street`: the rendered data set."""

    scenes: int = 5
    """How many camera scenes to render; at least 4, beyond the 5 drawn kinds they repeat with other pictures."""
    videos: int = 8
    """Training videos a scene; half as many test videos, at least 2, are rendered beside them."""
    frames: int = 300
    """Frames a video, at 25 frames a second."""
    size: str = "480x270"
    """Width x height of the picture in pixels, both even."""
    seed: int = 0
    """Seed of everything that is drawn at random; the same seed gives the same decoded frames."""

    def __post_init__(self) -> None:
        require_between(self, 4, 10_000, "scenes")
        require_between(self, 1, 10_000_000, "videos", "frames")
        require_between(self, 0, SEED_MOST, "seed")


@dataclass(frozen=True)
class ExtractConfig:
    """`scenewise extract`: frames to features."""

    encoder: str = "clip-vit-l-14"
    """Frozen encoder: clip-vit-l-14, motion-grid, openvino:FILE (ONNX, OpenVINO IR or TFLite), or a CLIP, SigLIP or
    DINO vision tower by hub id or folder."""
    weights: str | None = None
    """Folder with the weights of clip-vit-l-14, for machines without a network."""
    split: Split = "all"
    """Which part of the data set to extract: train, test or all."""
    fps: float | None = None
    """Frames a second of folders of numbered frames, where neither the layout nor dataset.json says it (else 25)."""
    device: str = "auto"
    """Where the encoder runs: auto, cpu, cuda, cuda:N or mps."""
    precision: Precision = "auto"
    """Number format inside the encoder: auto takes bfloat16 where the machine computes it natively."""
    fit: Fit = "squash"
    """How a picture becomes the encoder's square: squash sees all of it, crop cuts the sides off, pad adds borders."""
    regions: str | None = None
    """Also store region features, pooled to this grid of rows x columns, such as 7x7."""
    mean: tuple[float, float, float] | None = None
    """Mean that a float openvino model's input is normalised by, on the scale 0 to 1, in the model's channel order."""
    std: tuple[float, float, float] | None = None
    """Standard deviation that a float openvino model's input is normalised by, like mean."""
    colour: Colour | None = None
    """Channel order an openvino model expects."""
    decode_height: int = 0
    """Let the decoder shrink taller pictures to this many rows, the aspect ratio kept; 0 leaves them as they are."""
    ignore_mask: tuple[str, ...] = ()
    """Picture named after its scene, such as walkway.png, bright where a clock or a logo is blanked before encoding;
    once for each scene that needs one."""
    block: int = 2048
    """Frames a stored block; memory and the work lost by a kill are bounded by it."""
    strict: bool = False
    """Stop at the first video that can not be read, instead of listing it and going on."""

    @classmethod
    def from_json(cls, described: dict[str, Any] | None) -> "ExtractConfig | None":
        """The settings as a file of ours holds them: JSON knows lists, but no tuples. None stays None."""
        if described is None:
            return None
        settings: dict[str, Any] = {}
        for name, value in described.items():
            settings[name] = tuple(value) if isinstance(value, list) else value
        return cls(**settings)

    def __post_init__(self) -> None:
        require_between(self, 1, 1_000_000, "block")
        require_between(self, 0, 65_536, "decode_height")
        require_between(self, *FPS, "fps")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if values and not all(isfinite(value) and (name == "mean" or value > 0) for value in values):
                wanted = "three finite numbers" + (" above 0" if name == "std" else "")
                raise ConfigError(f"--{name}: expected {wanted}, got {' '.join(map(str, values))}")


@dataclass(frozen=True)
class TrainConfig:
    """`scenewise train`: what is normal, scene by scene."""

    method: Method = "autoencoder"
    """The model that learns what is normal: the autoencoder, or its variational form."""
    objective: Objective = "contrastive"
    """What training minimises: reconstruction is scene-agnostic, contrastive adds the supervised contrastive loss over
    scenes, contrastive+classification also a scene classifier."""
    steps: int = 5000
    """Optimiser steps."""
    seed: int = 0
    """Seed of the weights, the batches and the dropout; a batch is a function of seed and step alone."""
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
    """Where training runs: auto, cpu, cuda or mps."""
    precision: Precision = "auto"
    """Number format of the matrix products: auto takes bfloat16 where the machine computes it natively."""
    resume: bool = False
    """Go on from the run's last checkpoint; the result is the same as without the interruption."""
    tensorboard: bool = False
    """Also log to TensorBoard, in the run's folder (needs the extra `tensorboard`)."""
    wandb: bool = False
    """Also log to Weights & Biases (needs the extra `wandb`)."""

    def __post_init__(self) -> None:
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
        self._require_contrast()
        if self.stride > self.segment_length:
            raise ConfigError(
                f"--stride {self.stride} is longer than --segment-length {self.segment_length}: "
                "frames between the windows would have no score"
            )

    def _require_contrast(self) -> None:
        """Khosla et al. 2020, eq. 2: an anchor needs another segment of its scene to be near to, and segments of other
        scenes to be far from; without the one or the other the loss is the same whatever the model does."""
        if self.objective == "reconstruction":
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


@dataclass(frozen=True)
class EvaluateConfig:
    """`scenewise evaluate`: labels and scores to honest figures."""

    features: str | None = None
    """Folder of features to score; by default the one recorded in the run."""
    scale: Scale = "scene"
    """scene: (s - median) / (q99 - median) of the scene's held-out normal scores; raw: the smoothed error itself."""
    device: str = "auto"
    """Where scoring runs: auto, cpu, cuda or mps."""


@dataclass(frozen=True)
class ScoreConfig:
    """`scenewise score`: any new video, without labels."""

    scene: str | None = None
    """The scene that the videos show; by default it is recognised from the first frames of each."""
    threshold: float | None = None
    """Scene score above which frames belong to an event; by default 1, the 99th percentile of held-out normal."""
    alarms_per_day: float | None = None
    """Choose the threshold for so many alarms a day and camera on normal footage, from the held-out normal scores."""
    merge: float = 1.0
    """Seconds that a score may fall below the threshold without ending the event."""
    annotate: bool = False
    """Also write annotated.mp4: the video with its score and the curve drawn in."""
    encoder: str | None = None
    """The run's encoder, where it lies elsewhere than when the features were extracted."""
    weights: str | None = None
    """Folder with the weights of clip-vit-l-14, where it is not the one that the features were extracted with."""
    fps: float | None = None
    """Frames a second of folders of numbered frames; by default as the run's features were extracted (else 25)."""
    device: str = "auto"
    """Where the encoder and the model run: auto, cpu, cuda, cuda:N or mps."""

    def __post_init__(self) -> None:
        require_between(self, 0, 86_400, "merge")
        require_between(self, -1e9, 1e9, "threshold")
        require_between(self, 1e-6, 1e6, "alarms_per_day")
        require_between(self, *FPS, "fps")
        if self.threshold is not None and self.alarms_per_day is not None:
            raise ConfigError("--threshold and --alarms-per-day both say where alarms begin; give one of them")


@dataclass(frozen=True)
class DemoConfig:
    """`scenewise demo`: all stages on the rendered street, scene-agnostic beside scene-aware."""

    scenes: int = 5
    """Camera scenes to render."""
    videos: int = 8
    """Training videos a scene; half as many test videos are rendered beside them."""
    frames: int = 300
    """Frames a video, at 25 frames a second."""
    size: str = "480x270"
    """Width x height of the rendered picture in pixels."""
    street_seed: int = 0
    """Seed of the rendered footage."""
    encoder: str = "motion-grid"
    """Frozen encoder of the frames."""
    seeds: int = 3
    """Training runs of each objective, with seeds 0, 1, ..."""
    steps: int = 5000
    """Optimiser steps of each run."""
    width: str = "256"
    """Width of the Transformer."""
    segments_per_scene: int = 30
    """Segments of each scene in a batch."""
    learning_rate: float = 1e-4
    """Adam's learning rate."""
    checkpoint_every: int = 250
    """Steps between checkpoints."""

    def __post_init__(self) -> None:
        require_between(self, 1, 1000, "seeds")
        require_between(self, 0, SEED_MOST, "street_seed")
        _ = self.street, self.training(0, "contrastive")  # their own checks, before anything is rendered

    @property
    def street(self) -> StreetConfig:
        """The settings of the footage."""
        return StreetConfig(self.scenes, self.videos, self.frames, self.size, self.street_seed)

    def training(self, seed: int, objective: Objective) -> TrainConfig:
        """The settings of one run."""
        return TrainConfig(
            objective=objective,
            steps=self.steps,
            seed=seed,
            width=self.width,
            segments_per_scene=self.segments_per_scene,
            learning_rate=self.learning_rate,
            checkpoint_every=self.checkpoint_every,
        )
