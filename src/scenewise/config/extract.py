"""The settings of `scenewise extract`: frames to features."""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from scenewise.config.limits import FPS, MAX_PIXELS, MOST, require_between
from scenewise.config.types import require_types
from scenewise.errors import ConfigError

Split = Literal["train", "test", "all"]
Fit = Literal["squash", "crop", "pad"]
Preprocess = Literal["encoder", "published"]
Colour = Literal["rgb", "bgr"]
Precision = Literal["auto", "float32", "bfloat16"]
EncoderPrecision = Literal["auto", "float32", "bfloat16", "int8"]


@dataclass(frozen=True)
class ExtractConfig:
    """`scenewise extract`: frames to features."""

    encoder: str = "clip-vit-l-14"
    """Frozen encoder: clip-vit-l-14, efficientnet-lite0 (in the box), motion-grid, openvino:FILE (ONNX, OpenVINO IR or
    TFLite), a CLIP, SigLIP or DINO vision tower by hub id or folder, or a class of your own as package.module:Class."""
    weights: str | None = None
    """Folder with the weights of clip-vit-l-14, for machines without a network."""
    split: Split = "all"
    """Part of the data set to extract: train, test or all."""
    fps: float | None = None
    """Frames a second of folders of pictures, if neither the layout nor dataset.json states it (else 25)."""
    device: str = "auto"
    """Where the encoder runs: auto, cpu, cuda, cuda:N or mps."""
    precision: EncoderPrecision = "auto"
    """Number format inside the encoder: auto takes bfloat16 if the machine computes it natively, else float32. int8 is
    for vision towers on a CPU: it is calibrated on the training videos, and refused if features change too much."""
    int8_tower: str | None = None
    """Folder of the tower that --precision int8 calibrates, or finds there; by default the one of the features that are
    completed, else one in the cache."""
    fit: Fit = "squash"
    """How a picture becomes the encoder's square: squash keeps all of it, crop cuts the sides off, pad adds borders."""
    preprocess: Preprocess = "encoder"
    """encoder: as the encoder was trained; published: as published scene-aware code does, squashed bilinearly without
    antialiasing, blue-green-red, scaled to [-1, 1] instead of the encoder's mean and deviation."""
    regions: str | None = None
    """Also store features of a grid of rows x columns over the picture, such as 7x7."""
    flow: bool = False
    """Also store optical flow, in a grid over the picture, behind each frame's features: motion for methods that tell
    it from appearance."""
    mean: tuple[float, float, float] | None = None
    """Mean that normalises the float input of an openvino model, on the scale 0 to 1, in the model's channel order."""
    std: tuple[float, float, float] | None = None
    """Standard deviation that normalises the float input of an openvino model, like mean."""
    colour: Colour | None = None
    """Channel order that an openvino model expects."""
    decode_height: int = 0
    """Rows that the decoder shrinks taller pictures to, with the same aspect ratio; 0 leaves them as they are."""
    max_pixels: int = MAX_PIXELS
    """Refuse videos whose pictures have more pixels than this, before they are decoded."""
    ignore_mask: tuple[str, ...] = ()
    """Picture named after its scene, such as walkway.png, whose bright pixels mark what is blanked before encoding,
    such as a clock or a logo; one for each scene that needs it."""
    encode_every: int = 1
    """Encode every n-th frame as a whole, and repeat its features and regions for the frames up to the next one."""
    objects: bool = True
    """Also detect, encode and track the objects that move through each scene, on the same decoded frames."""
    objects_every: int = 2
    """Detect objects in every n-th frame."""
    block: int = 2048
    """Frames in a stored block, which bounds the memory used and the work lost if the command is killed."""
    strict: bool = False
    """Stop at the first video that cannot be read, instead of listing it and continuing."""

    @classmethod
    def from_json(cls, described: dict[str, Any] | None) -> "ExtractConfig | None":
        """The settings as a store or a run holds them: JSON has lists, but no tuples. None stays None.

        Raises ConfigError if one is unknown, of another type, or out of range.
        """
        if described is None:
            return None
        settings: dict[str, Any] = {}
        for name, value in described.items():
            settings[name] = tuple(value) if isinstance(value, list) else value
        require_types(cls, settings)
        return cls(**settings)

    @property
    def grid(self) -> tuple[int, int] | None:
        """Rows and columns of `regions`; None if no regions are asked for. Raises ConfigError if it is no grid."""
        if self.regions is None:
            return None
        match = re.fullmatch(r"([1-9]\d?)x([1-9]\d?)", self.regions)
        if match is None:
            raise ConfigError(f"--regions: expected rows x columns such as 7x7, got {self.regions!r}")
        return int(match[1]), int(match[2])

    def __post_init__(self) -> None:
        require_between(self, 1, 1_000_000, "block")
        require_between(self, 1, 1000, "encode_every", "objects_every")
        require_between(self, 0, 65_536, "decode_height")
        require_between(self, 1, MOST, "max_pixels")
        require_between(self, *FPS, "fps")
        if self.preprocess == "published" and self.fit != "squash":
            raise ConfigError(f"--preprocess published squashes the picture; leave --fit {self.fit} out")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if values and not all(isfinite(value) and (name == "mean" or value > 0) for value in values):
                wanted = "three finite numbers" + (" above 0" if name == "std" else "")
                raise ConfigError(f"--{name}: expected {wanted}, got {' '.join(map(str, values))}")
