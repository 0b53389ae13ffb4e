"""CLIP, SigLIP and DINO: the image half of a pretrained vision model.

frames ── fitted, normalised ── tower ──┬─ its embedding ── features (N, D)
                                        └─ patch tokens after the tower's final norm
                                           and projection, pooled to a grid ── regions (N, R, D)

On a GPU the tower runs through torch, on a CPU through OpenVINO, unless torch is faster there.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import openvino as ov
import torch
import transformers
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from scenewise.config import EncoderPrecision, ExtractConfig, Fit, Preprocess
from scenewise.device import CPU, pick_device, pick_dtype
from scenewise.encoders.checkpoint import find_checkpoint
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.int8_tower import read_int8_tower
from scenewise.encoders.load_tower import load_tower, tower_settings
from scenewise.encoders.preprocess import PUBLISHED_LEVEL, Resample, Size, fit_frames
from scenewise.encoders.tower_families import CLIP, FAMILIES, TowerOutput
from scenewise.encoders.tower_openvino import OpenVinoTower, faster_through_openvino
from scenewise.encoders.tower_sizes import sizes_of
from scenewise.encoders.tower_torch import TorchTower
from scenewise.errors import ConfigError, EncoderError
from scenewise.formats.reasons import in_short

if TYPE_CHECKING:
    from scenewise.encoders.tower_object_encoder import TowerObjectEncoder


Through = Literal["auto", "torch", "openvino"]


class VisionTower(Encoder):
    """A frozen vision transformer.

    `name` is clip-vit-l-14, a hub id, or a folder that the library's `save_pretrained` wrote; `weights` is the folder
    of clip-vit-l-14. With `regions`, rows and columns, the patch tokens are averaged over that grid. `preprocess`
    published feeds the tower as published code does, with `fit` squash. `precision` int8 needs the folder of a
    calibrated tower, `int8_tower`. `through` says which library computes on the CPU.

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
        precision: EncoderPrecision = "auto",
        int8_tower: Path | None = None,
        through: Through = "auto",
    ) -> None:
        checkpoint = find_checkpoint(name, weights)
        family = FAMILIES.get(checkpoint.model_type)
        if family is None:
            raise EncoderError(
                f"{name}: expected a vision tower of {', '.join(FAMILIES)}; its model_type is {checkpoint.model_type!r}"
            )
        self._checkpoint, self._family = checkpoint, family
        self._device = CPU if precision == "int8" and device == "auto" else pick_device(device)
        config = tower_settings(checkpoint, family)
        self.patch, self._size = sizes_of(checkpoint, config)
        self._resample: Resample = "bilinear" if checkpoint.preprocessing.get("resample") == 2 else "bicubic"
        mean = checkpoint.preprocessing.get("image_mean") or family.mean
        std = checkpoint.preprocessing.get("image_std") or family.std
        self._published = preprocess == "published"
        if self._published:
            self._resample, mean, std = "opencv-bilinear", [PUBLISHED_LEVEL] * 3, [PUBLISHED_LEVEL] * 3
        self._mean, self._std = list(mean), list(std)
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
        int8, digests = self._int8(precision, int8_tower)
        float_precision: EncoderPrecision = "auto" if int8 else precision
        dtype = pick_dtype(float_precision, self._device)
        self._tower = self._opened(through, dtype, int8)
        # Two calls' worth, so that a GPU gets the next frames while it computes.
        self.batch = 2 * self._tower.rows if self._device.type == "cuda" else self._tower.rows
        self.identity: dict[str, Any] = {
            "kind": "vision-tower",
            **checkpoint.identity(),
            "size": list(self._size),
            "resample": self._resample,
            "mean": self._mean,
            "std": self._std,
            "fit": fit,
            "regions": list(regions) if regions else None,
            **({"preprocess": "published"} if self._published else {}),
            **({"precision": "int8", "int8_tower": digests} if int8 else {}),
        }
        self.execution: dict[str, Any] = {
            "device": self._device.type,
            "precision": "int8" if int8 else str(dtype).removeprefix("torch."),
            **({"openvino": ov.__version__} if isinstance(self._tower, OpenVinoTower) else {}),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }

    def _int8(self, precision: EncoderPrecision, folder: Path | None) -> tuple[ov.Model | None, list[str]]:
        """The calibrated graph and the SHA-256 of its files, if `precision` asks for it. Raises ConfigError."""
        if precision != "int8":
            return None, []
        if self._device.type != "cpu":
            raise ConfigError(f"--precision int8 is for a CPU; leave --device {self._device} out, or give cpu")
        if folder is None:
            raise ConfigError(
                "--precision int8: the tower has to be calibrated first, by scenewise extract --precision int8; give "
                "what it made by --int8-tower"
            )
        return read_int8_tower(folder, self.calibrated_from())

    def calibrated_from(self) -> dict[str, Any]:
        """What an int8 tower has to be made from, to be this one: plain JSON."""
        return {**self._checkpoint.identity(), "size": list(self._size), "mean": self._mean, "std": self._std}

    def _opened(self, through: Through, dtype: torch.dtype, int8: ov.Model | None) -> TorchTower | OpenVinoTower:
        """What computes. Raises EncoderError if weights are damaged or not whole, or make no features of a picture."""
        if through == "auto":
            through = "openvino" if self._device.type == "cpu" and (int8 or faster_through_openvino(dtype)) else "torch"
        if through == "torch":
            return TorchTower(self._load(dtype), self._family, self._device, dtype, self._mean, self._std)
        tower = OpenVinoTower(
            self._checkpoint,
            self._family,
            lambda: self._load(torch.float32),
            mean=self._mean,
            std=self._std,
            precision="bfloat16" if dtype == torch.bfloat16 else "float32",
            int8=int8,
        )
        tower.open(self._size)
        return tower

    def _load(self, dtype: torch.dtype) -> Any:
        """The library's tower, checked to make features of a picture. Raises EncoderError."""
        tower = load_tower(self._checkpoint, self._family, dtype)
        self._require_output(tower, dtype)
        return tower

    @torch.inference_mode()
    def _require_output(self, tower: Any, dtype: torch.dtype) -> None:
        """Raise EncoderError unless `tower` makes features of a picture, here of two by two patches."""
        grey = torch.zeros(1, 3, 2 * self.patch[0], 2 * self.patch[1], dtype=dtype)
        folder = self._checkpoint.folder
        try:
            shapes = [tuple(part.shape) for part in self._family.forward(tower, grey, False)[:2] if part is not None]
        except Exception as error:  # settings that do not go together fail anywhere inside
            raise EncoderError(f"{folder}: cannot encode a picture ({in_short(error)}); get it anew") from error
        if shapes != [(1, self.width), (1, 4, self.width)]:
            raise EncoderError(f"{folder}: expected features {self.width} wide, got {shapes}; get it anew")

    @classmethod
    def from_config(cls, config: ExtractConfig, through: Through = "auto") -> "VisionTower":
        """The tower that `config.encoder` names. Raises as the class does."""
        return cls(
            config.encoder,
            weights=None if config.weights is None else Path(config.weights),
            fit=config.fit,
            preprocess=config.preprocess,
            regions=config.grid,
            device=config.device,
            precision=config.precision,
            int8_tower=None if config.int8_tower is None else Path(config.int8_tower),
            through=through,
        )

    def graph(self) -> ov.Model:
        """OpenVINO's graph of one normalised picture in float32, of a tower that goes through OpenVINO.

        Raises NotConvertedError if it has none.
        """
        assert isinstance(self._tower, OpenVinoTower)
        return self._tower.graph(self._size)

    def normalised(self, levels: Tensor) -> Tensor:
        """Pictures (N, 3, H, W) uint8 RGB on the CPU as the library's tower takes them, float32."""
        mean, std = (torch.tensor(part).view(3, 1, 1) for part in (self._mean, self._std))
        return (levels.float() / 255 - mean) / std

    @property
    def rows(self) -> int:
        """How many frames or crops `forward` takes at most."""
        return self._tower.rows

    def object_encoder(self) -> "TowerObjectEncoder":
        """Objects are encoded by the same tower: its weights are shared."""
        from scenewise.encoders.tower_object_encoder import TowerObjectEncoder

        return TowerObjectEncoder(self)

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features (N, D) and, if asked for, regions (N, R, D) of frames (N, H, W, 3) uint8 RGB."""
        features, regions = [torch.empty(0, self.width)], [torch.empty(0, math.prod(self._regions or (0,)), self.width)]
        # What a GPU computes stays there until it has got all frames: reading it would wait for it each time.
        for start in range(0, len(frames), self._tower.rows):
            embedding, tokens, _ = self.forward(frames[start : start + self._tower.rows])
            features.append(embedding)
            if self._regions:
                maps = tokens.transpose(1, 2).reshape(len(tokens), self.width, *self.patches)
                regions.append(functional.adaptive_avg_pool2d(maps, self._regions).flatten(2).transpose(1, 2))
        return Encoded(_on_the_cpu(features), _on_the_cpu(regions) if self._regions else None)

    def forward(self, frames: NDArray[np.uint8], patches: Size | None = None, middle: bool = False) -> TowerOutput:
        """The tower's output in float32, on its device, for 1 to `rows` frames (N, H, W, 3) uint8 RGB.

        Frames are squashed to so many rows and columns of `patches`, or else fitted to the tower's size. With `middle`,
        tokens of the middle layer are returned too.
        """
        return self._tower.run(self.fitted(frames, patches), middle)

    def fitted(self, frames: NDArray[np.uint8], patches: Size | None = None) -> Tensor:
        """Frames (N, H, W, 3) uint8 RGB as the tower gets them: (N, 3, H', W') uint8, on its device."""
        size, fit = self._size, self._fit
        if patches:
            size, fit = (patches[0] * self.patch[0], patches[1] * self.patch[1]), "squash"
        fitted = fit_frames(frames, size, fit, border=self._border, resample=self._resample, device=self._device)
        return fitted.flip(1) if self._published else fitted  # blue-green-red


def _on_the_cpu(parts: list[Tensor]) -> NDArray[np.float32]:
    """Rows of `parts`, of which the first is empty and on the CPU, the others on one device."""
    return (torch.cat(parts[1:]).cpu() if len(parts) > 1 else parts[0]).numpy()
