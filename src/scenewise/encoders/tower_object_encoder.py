"""Appearance features of objects from a CLIP, SigLIP or DINO tower: its tokens after half of its layers and at its end.

    crops ── tower at 7 x 7 patches ──┬─ patch tokens after half of its layers ── upper half, lower half
                                      └─ patch tokens at its end ──────────────── all of them ── each of unit length

The tower is the one that encodes the frames, so that its weights are in memory once.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from scenewise.encoders.object_encoder import unit_parts
from scenewise.encoders.vision_tower import VisionTower

PATCHES = 7
"""Rows and columns of patches that a crop is cut into: a fifth of the tokens of a whole ViT-L/14 picture, and a patch
is still about as large as a person's head."""
FRAMES_ALONE = ("size", "fit", "regions", "precision", "int8_tower")
"""What decides the features of whole frames, and does not matter to crops: they are never computed in int8."""


class TowerObjectEncoder:
    """A loaded `tower` as an object encoder, on the tower's device and with its normalisation.

    Position embeddings are interpolated to PATCHES a side, or to the tower's patches if it has fewer. Each token of the
    middle layer is standardised over its channels, as the next layer reads it: a few channels of a residual stream are
    far larger than all others, in vision transformers too (Sun et al., Massive Activations in Large Language Models,
    COLM 2024), and would otherwise decide a mean over patches alone.
    """

    distinguishes_classes = True

    def __init__(self, tower: VisionTower) -> None:
        self._tower = tower
        self._patches = min(PATCHES, tower.patches[0]), min(PATCHES, tower.patches[1])
        self.size = max(self._patches[0] * tower.patch[0], self._patches[1] * tower.patch[1])
        self.width = 2 * tower.hidden_width + tower.width
        weights = {key: value for key, value in tower.identity.items() if key not in FRAMES_ALONE}
        self.identity: dict[str, Any] = {**weights, "patches": list(self._patches)}

    def encode(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Appearance features (M, D') of crops (M, size, size, 3) uint8 RGB; M may be 0."""
        features = np.empty((len(crops), self.width), np.float32)
        for start in range(0, len(crops), self._tower.rows):
            part = crops[start : start + self._tower.rows]
            features[start : start + len(part)] = self._encode_batch(part)
        return features

    @torch.inference_mode()
    def _encode_batch(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        _, tokens, middle = self._tower.forward(crops, self._patches, middle=True)
        assert middle is not None  # asked for
        upper, lower = self._halves(functional.layer_norm(middle, middle.shape[-1:])).unbind(-1)
        parts = [part.cpu().numpy() for part in (upper, lower, tokens.mean(1))]
        return unit_parts(*parts)

    def _halves(self, tokens: Tensor) -> Tensor:
        """Tokens (B, P, D') averaged over the upper and over the lower half (B, D', 2), which share an odd row."""
        maps = tokens.transpose(1, 2).reshape(len(tokens), -1, *self._patches)
        return functional.adaptive_avg_pool2d(maps, (2, 1)).flatten(2)
