"""EfficientNet-Lite0 through torch, for a GPU: the same features as through OpenVINO on the CPU, in batches.

frames ── fitted to 224 x 224 ── network ── its last maps ──┬─ mean ────────────── features (N, 1280)
                                                            └─ pooled to a grid ── regions (N, R, 1280)
crops of 96 x 96 ── network ──┬─ maps halfway ── upper half, lower half
                              └─ last maps ───── mean ───────────────── each of unit length, side by side (M, 2624)
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from scenewise.config import Fit
from scenewise.encoders.efficientnet_lite0_network import HEAD, LEVEL_MEAN, LEVEL_SCALE, EfficientNetLite0
from scenewise.encoders.encoder import Encoded, Encoder
from scenewise.encoders.object_encoder import unit_parts
from scenewise.encoders.openvino_object_encoder import HALVES
from scenewise.encoders.openvino_object_encoder import SIZE as CROP
from scenewise.encoders.preprocess import fit_frames, repeat_last
from scenewise.errors import ConfigError

BATCH = 32
"""Pictures a call: a GPU idles with few. Always as many, since its arithmetic may differ with their number."""
SIZE, PLACES = 224, 7
"""Pixels a side of a frame, and rows and columns of its last maps."""
HALFWAY = 672
"""Channels of the maps halfway through the network."""


class TorchNetwork:
    """The network on `device`, where it computes in `dtype`."""

    def __init__(self, network: EfficientNetLite0, device: torch.device, dtype: torch.dtype) -> None:
        self.device, self.dtype = device, dtype
        self._network = network.to(device, dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def maps(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Float32 maps halfway (N, 672, H/16, W/16) and last ones (N, 1280, H/32, W/32) of pictures (N, 3, H, W) uint8
        RGB, N from 1 to BATCH."""
        levels = repeat_last(pictures, BATCH).to(self.device)
        values = ((levels.float() - LEVEL_MEAN) / LEVEL_SCALE).to(self.dtype, memory_format=torch.channels_last)
        # Without TensorFloat-32, which would round float32 to 10 bits, and by algorithms that give the same every time.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            halfway, last = self._network.halfway_and_last(values)
        return halfway[: len(pictures)].float(), last[: len(pictures)].float()


class TorchEfficientNetLite0(Encoder):
    """Whole frames through `network`; `identity` is that of the same encoder through OpenVINO.

    Raises ConfigError if `regions` has more rows or columns than the last maps.
    """

    width = HEAD
    batch = BATCH

    def __init__(
        self, network: TorchNetwork, identity: dict[str, Any], *, fit: Fit, regions: tuple[int, int] | None
    ) -> None:
        if regions and max(regions) > PLACES:
            raise ConfigError(
                f"--regions {regions[0]}x{regions[1]}: the last map of efficientnet-lite0 has {PLACES}x{PLACES} "
                "places, and the grid can have no more rows or columns"
            )
        self._network, self._fit, self._regions = network, fit, regions
        weights = {key: identity[key] for key in ("kind", "model", "mean", "std", "colour")}
        self._object_identity = {**weights, "size": [CROP, CROP], "widths": [HALFWAY, HALFWAY, HEAD]}
        self.identity = {**identity, "size": [SIZE, SIZE], "fit": fit, "regions": list(regions) if regions else None}
        self.execution = {
            "device": network.device.type,
            "precision": str(network.dtype).removeprefix("torch."),
            "torch": torch.__version__,
        }

    def object_encoder(self) -> "TorchObjectEncoder":
        """Objects are encoded by the same network: its weights are shared."""
        return TorchObjectEncoder(self._network, self._object_identity)

    def encode(self, frames: NDArray[np.uint8]) -> Encoded:
        """Features (N, 1280) and, if asked for, regions (N, R, 1280) of frames (N, H, W, 3) uint8 RGB."""
        features, regions = [], []
        grey = (round(LEVEL_MEAN), round(LEVEL_MEAN), round(LEVEL_MEAN))
        for start in range(0, len(frames), BATCH):
            fitted = fit_frames(frames[start : start + BATCH], (SIZE, SIZE), self._fit, border=grey)
            _, last = self._network.maps(fitted)
            features.append(last.mean((2, 3)).cpu().numpy())
            if self._regions:
                pooled = functional.adaptive_avg_pool2d(last, self._regions).flatten(2).transpose(1, 2)
                regions.append(pooled.cpu().numpy())
        return Encoded(np.concatenate(features), np.concatenate(regions) if regions else None)


class TorchObjectEncoder:
    """Crops through `network`."""

    distinguishes_classes = True
    size = CROP
    width = 2 * HALFWAY + HEAD

    def __init__(self, network: TorchNetwork, identity: dict[str, Any]) -> None:
        self._network, self.identity = network, identity

    def encode(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Appearance features (M, 2624) of crops (M, 96, 96, 3) uint8 RGB; M may be 0."""
        features = np.empty((len(crops), self.width), np.float32)
        for start in range(0, len(crops), BATCH):
            part = torch.from_numpy(np.ascontiguousarray(crops[start : start + BATCH])).permute(0, 3, 1, 2)
            halfway, last = self._network.maps(part)
            upper, lower = functional.adaptive_avg_pool2d(halfway, HALVES).flatten(2).unbind(2)
            parts = [values.cpu().numpy() for values in (upper, lower, last.mean((2, 3)))]
            features[start : start + len(part)] = unit_parts(*parts)
        return features
