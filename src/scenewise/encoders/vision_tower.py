"""CLIP, SigLIP and DINO: the image half of a pretrained vision model, through transformers.

frames ── fitted, normalised ── tower ──┬─ its embedding ── features (N, D)
                                        └─ patch tokens after the tower's final norm
                                           and projection, pooled to a grid ── regions (N, R, D)
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from torch.nn import functional

from scenewise.config import ExtractConfig, Fit, Precision, Preprocess
from scenewise.device import pick_device, pick_dtype
from scenewise.encoders.checkpoint import Checkpoint, find_checkpoint
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.load_tower import load_tower
from scenewise.encoders.preprocess import PUBLISHED_LEVEL, Resample, Size, fit_frames, repeat_last
from scenewise.encoders.tower_families import CLIP, FAMILIES, TowerOutput
from scenewise.errors import ConfigError, EncoderError
from scenewise.formats.reasons import in_short

if TYPE_CHECKING:
    from scenewise.encoders.tower_object_encoder import TowerObjectEncoder


LARGEST_SIDE = 8192
"""Pixels of a picture that is encoded."""


class VisionTower(Encoder):
    """A frozen vision transformer.

    `name` is clip-vit-l-14, a hub id, or a folder that the library's `save_pretrained` wrote; `weights` is the folder
    of clip-vit-l-14. With `regions`, rows and columns, the patch tokens are averaged over that grid. `preprocess`
    published feeds the tower as published code does, with `fit` squash.

    Raises EncoderError if weights are missing, damaged, pickled or of another kind of model, ConfigError if the tower
    or the machine cannot meet a setting.
    """

    flags = frozenset({"regions", "fit", "preprocess", "precision", "device"})

    def __init__(
        self,
        name: str,
        *,
        weights: Path | None = None,
        fit: Fit = "squash",
        preprocess: Preprocess = "encoder",
        regions: tuple[int, int] | None = None,
        device: str = "auto",
        precision: Precision = "auto",
    ) -> None:
        checkpoint = find_checkpoint(name, weights)
        family = FAMILIES.get(checkpoint.model_type)
        if family is None:
            raise EncoderError(
                f"{name}: expected a vision tower of {', '.join(FAMILIES)}; its model_type is {checkpoint.model_type!r}"
            )
        self._device = pick_device(device)
        self._dtype = pick_dtype(precision, self._device)
        self._tower = load_tower(checkpoint, family, self._dtype).to(self._device)
        self._forward = family.forward
        config = self._tower.config
        self.patch, self._size = _sizes(checkpoint, config)
        self._resample: Resample = "bilinear" if checkpoint.preprocessing.get("resample") == 2 else "bicubic"
        mean = checkpoint.preprocessing.get("image_mean") or family.mean
        std = checkpoint.preprocessing.get("image_std") or family.std
        self._published = preprocess == "published"
        if self._published:
            self._resample, mean, std = "opencv-bilinear", [PUBLISHED_LEVEL] * 3, [PUBLISHED_LEVEL] * 3
        self._mean, self._std = (torch.tensor(levels, device=self._device).view(3, 1, 1) for levels in (mean, std))
        self._fit, self._border = fit, (round(255 * mean[0]), round(255 * mean[1]), round(255 * mean[2]))
        self.patches = self._size[0] // self.patch[0], self._size[1] // self.patch[1]
        self._regions = regions
        if regions and (regions[0] > self.patches[0] or regions[1] > self.patches[1]):
            raise ConfigError(
                f"--regions {regions[0]}x{regions[1]}: {name} cuts a picture into {self.patches[0]}x{self.patches[1]} "
                "patches, and the grid can have no more rows or columns"
            )
        self.width = int(config.projection_dim if family is CLIP else config.hidden_size)
        self.hidden_width = int(config.hidden_size)
        self._require_output(checkpoint)
        # On 2 cores more than 4 pictures a call gain little; a GPU idles with so few.
        self.batch = 64 if self._device.type == "cuda" else 4
        self.identity: dict[str, Any] = {
            "kind": "vision-tower",
            **checkpoint.identity(),
            "size": list(self._size),
            "resample": self._resample,
            "mean": list(mean),
            "std": list(std),
            "fit": fit,
            "regions": list(regions) if regions else None,
            **({"preprocess": "published"} if self._published else {}),
        }
        self.execution: dict[str, Any] = {
            "device": self._device.type,
            "precision": str(self._dtype).removeprefix("torch."),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }

    @torch.inference_mode()
    def _require_output(self, checkpoint: Checkpoint) -> None:
        """Raise EncoderError unless the tower makes features of a picture, here of two by two patches."""
        grey = torch.zeros(1, 3, 2 * self.patch[0], 2 * self.patch[1], dtype=self._dtype, device=self._device)
        try:
            shapes = [tuple(part.shape) for part in self._forward(self._tower, grey, False)[:2] if part is not None]
        except Exception as error:  # settings that do not go together fail anywhere inside
            raise EncoderError(
                f"{checkpoint.folder}: cannot encode a picture ({in_short(error)}); get it anew"
            ) from error
        if shapes != [(1, self.width), (1, 4, self.width)]:
            raise EncoderError(f"{checkpoint.folder}: expected features {self.width} wide, got {shapes}; get it anew")

    @classmethod
    def from_config(cls, config: ExtractConfig) -> "VisionTower":
        """The tower that `config.encoder` names. Raises as the class does."""
        return cls(
            config.encoder,
            weights=None if config.weights is None else Path(config.weights),
            fit=config.fit,
            preprocess=config.preprocess,
            regions=config.grid,
            device=config.device,
            precision=config.precision,
        )

    def object_encoder(self) -> "TowerObjectEncoder":
        """Objects are encoded by the same tower: its weights are shared."""
        from scenewise.encoders.tower_object_encoder import TowerObjectEncoder

        return TowerObjectEncoder(self)

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features (N, D) and, if asked for, regions (N, R, D) of frames (N, H, W, 3) uint8 RGB."""
        features = np.empty((len(frames), self.width), np.float32)
        regions = np.empty((len(frames), math.prod(self._regions), self.width), np.float32) if self._regions else None
        for start in range(0, len(frames), self.batch):
            part = frames[start : start + self.batch]
            embedding, tokens, _ = self.forward(part)
            features[start : start + len(part)] = embedding[: len(part)].float().cpu()
            if self._regions and regions is not None:
                maps = tokens[: len(part)].float().transpose(1, 2).reshape(len(part), self.width, *self.patches)
                pooled = functional.adaptive_avg_pool2d(maps, self._regions).flatten(2).transpose(1, 2)
                regions[start : start + len(part)] = pooled.cpu()
        return Encoded(features, regions)

    @torch.inference_mode()
    def forward(self, frames: NDArray[np.uint8], patches: Size | None = None, middle: bool = False) -> TowerOutput:
        """The tower's output for 1 to `batch` frames (N, H, W, 3) uint8 RGB; always `batch` rows, the first N theirs.

        Frames are squashed to so many rows and columns of `patches`, or else fitted to the tower's size. With `middle`,
        tokens of the middle layer are returned too.
        """
        size, fit = self._size, self._fit
        if patches:
            size, fit = (patches[0] * self.patch[0], patches[1] * self.patch[1]), "squash"
        fitted = fit_frames(frames, size, fit, border=self._border, resample=self._resample)
        if self._published:
            fitted = fitted.flip(1)  # blue-green-red
        levels = repeat_last(fitted, self.batch).to(self._device).float()
        return self._forward(self._tower, ((levels / 255 - self._mean) / self._std).to(self._dtype), middle)


def _sizes(checkpoint: Checkpoint, config: Any) -> tuple[Size, Size]:
    """Height and width of a patch, and of what the tower is fed with. Raises EncoderError."""
    try:
        patch, size = _pair(config.patch_size), _input_size(config, checkpoint)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise EncoderError(f"{checkpoint.folder}: does not say the size of its pictures ({in_short(error)})") from error
    if not all(0 < small <= large <= LARGEST_SIDE for small, large in zip(patch, size, strict=True)):
        raise EncoderError(
            f"{checkpoint.folder}: its settings ask for pictures of {size[0]}x{size[1]} pixels in patches of "
            f"{patch[0]}x{patch[1]}; expected a patch or more, and sides up to {LARGEST_SIDE}"
        )
    return patch, size


def _input_size(config: Any, checkpoint: Checkpoint) -> Size:
    """Height and width that a tower is fed with."""
    if hasattr(config, "num_patches"):  # SigLIP 2 for any aspect ratio: a square of as many patches
        return _pair(math.isqrt(config.num_patches) * config.patch_size)
    if not checkpoint.model_type.startswith("dino"):
        return _pair(config.image_size)
    # DINO takes any size. Its image processor names the one it is used at; config.json the one it was trained at.
    preprocessing = checkpoint.preprocessing
    cropped = preprocessing.get("crop_size") if preprocessing.get("do_center_crop", True) else None
    size = cropped or preprocessing.get("size") or config.image_size
    if isinstance(size, dict):
        return _pair(size.get("shortest_edge") or (size["height"], size["width"]))
    return _pair(size)


def _pair(value: Any) -> Size:
    """A side, or height and width, as height and width."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))
