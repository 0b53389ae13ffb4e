"""The families of vision towers in transformers: how each is fed, and where in its outputs the tokens lie."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers.utils import constants


class TowerOutput(NamedTuple):
    """What a tower makes of B pictures of P patches; patch tokens are in row-major order."""

    embedding: Tensor
    """(B, D), of the whole picture."""
    tokens: Tensor
    """(B, P, D), patch tokens after the tower's final norm and, if it has one, its projection."""
    middle: Tensor | None
    """(B, P, D'), patch tokens after half of the tower's layers, if they were asked for."""


def _clip(tower: Any, pixels: Tensor, layers: bool) -> TowerOutput:
    # CLIP's last_hidden_state is before its final norm; the class token, so treated, is the image embedding.
    output = tower.vision_model(pixel_values=pixels, interpolate_pos_encoding=True, output_hidden_states=layers)
    tokens = tower.visual_projection(tower.vision_model.post_layernorm(output.last_hidden_state))
    return TowerOutput(tokens[:, 0], tokens[:, 1:], _middle(output, 1))


def _siglip(tower: Any, pixels: Tensor, layers: bool) -> TowerOutput:
    output = tower(pixel_values=pixels, interpolate_pos_encoding=True, output_hidden_states=layers)
    return TowerOutput(output.pooler_output, output.last_hidden_state, _middle(output, 0))


def _siglip2(tower: Any, pixels: Tensor, layers: bool) -> TowerOutput:
    # The form of SigLIP 2 for any aspect ratio takes patches, channels last, instead of a picture.
    patch = tower.config.patch_size
    rows, columns = pixels.shape[2] // patch, pixels.shape[3] // patch
    patches = pixels.reshape(len(pixels), 3, rows, patch, columns, patch).permute(0, 2, 4, 3, 5, 1)
    output = tower(
        pixel_values=patches.reshape(len(pixels), rows * columns, -1),
        pixel_attention_mask=torch.ones(len(pixels), rows * columns, dtype=torch.long, device=pixels.device),
        spatial_shapes=torch.tensor([[rows, columns]] * len(pixels), device=pixels.device),
        output_hidden_states=layers,
    )
    return TowerOutput(output.pooler_output, output.last_hidden_state, _middle(output, 0))


def _dino(tower: Any, pixels: Tensor, layers: bool) -> TowerOutput:
    output = tower(pixel_values=pixels, output_hidden_states=layers)
    first = 1 + getattr(tower.config, "num_register_tokens", 0)
    return TowerOutput(output.last_hidden_state[:, 0], output.last_hidden_state[:, first:], _middle(output, first))


def _middle(output: Any, first: int) -> Tensor | None:
    """Tokens from number `first` on, after half of the layers."""
    states = output.hidden_states
    return None if states is None else states[len(states) // 2][:, first:]


class Family(NamedTuple):
    """How one family of towers is loaded, fed and read."""

    tower: str
    """Its class in transformers."""
    forward: Callable[[Any, Tensor, bool], TowerOutput]
    """(tower, pixel values (B, 3, H, W), whether tokens of the middle layer are wanted too) to its output. For another
    size than the tower's, its position embeddings are interpolated."""
    mean: list[float]
    """What the family normalises by, for folders that hold no settings of an image processor."""
    std: list[float]


CLIP = Family("CLIPVisionModelWithProjection", _clip, constants.OPENAI_CLIP_MEAN, constants.OPENAI_CLIP_STD)
IMAGENET = constants.IMAGENET_DEFAULT_MEAN, constants.IMAGENET_DEFAULT_STD
HALF = constants.IMAGENET_STANDARD_MEAN, constants.IMAGENET_STANDARD_STD
FAMILIES = {
    "clip": CLIP,
    "clip_vision_model": CLIP,
    "siglip": Family("SiglipVisionModel", _siglip, *HALF),
    "siglip_vision_model": Family("SiglipVisionModel", _siglip, *HALF),
    "siglip2": Family("Siglip2VisionModel", _siglip2, *HALF),
    "siglip2_vision_model": Family("Siglip2VisionModel", _siglip2, *HALF),
    "dinov2": Family("Dinov2Model", _dino, *IMAGENET),
    "dinov2_with_registers": Family("Dinov2WithRegistersModel", _dino, *IMAGENET),
    "dinov3_vit": Family("DINOv3ViTModel", _dino, *IMAGENET),
}
"""By `model_type` in a checkpoint's config.json."""
