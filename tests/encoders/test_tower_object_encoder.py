import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from conftest import BFLOAT16
from scenewise.encoders.tower_object_encoder import TowerObjectEncoder
from scenewise.encoders.vision_tower import VisionTower

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "image_size": 80,
    "patch_size": 8,
}
SIDE = 7 * 8


def write(folder: Path, kind: str, **settings: Any) -> Path:
    """A vision tower of random weights, ten patches a side."""
    torch.manual_seed(0)
    given: dict[str, Any] = SMALL | settings
    if kind == "CLIPVision":
        given["projection_dim"] = 24
    elif kind == "Siglip2Vision":
        given = {key: value for key, value in given.items() if key != "image_size"} | {"num_patches": 100}
    elif kind in ("Dinov2WithRegisters", "DINOv3ViT"):
        given["num_register_tokens"] = 3
    model = "CLIPVisionModelWithProjection" if kind == "CLIPVision" else f"{kind}Model"
    config = getattr(transformers, f"{kind}Config")(**given)
    getattr(transformers, model)(config).save_pretrained(folder)
    return folder


def crops_of(count: int, size: int = SIDE) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def tower_of(folder: Path, precision: Any = "float32", **settings: Any) -> VisionTower:
    return VisionTower(str(folder), device="cpu", precision=precision, **settings)


def pixels_of(crop: NDArray[np.uint8], mean: Any, std: Any) -> torch.Tensor:
    levels = torch.from_numpy(crop).permute(2, 0, 1).float() / 255
    return ((levels - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1))[None]


def slow_parts(middle: torch.Tensor, last: torch.Tensor) -> NDArray[np.float32]:
    """Of tokens (49, D') and (49, D): means over the rows that each half touches, token by token."""
    rows: dict[str, list[torch.Tensor]] = {"upper": [], "lower": []}
    for number, token in enumerate(middle):
        standardised = (token - token.mean()) / (token.var(unbiased=False) + 1e-5).sqrt()
        if number // 7 <= 3:
            rows["upper"].append(standardised)
        if number // 7 >= 3:
            rows["lower"].append(standardised)
    parts = [torch.stack(tokens).mean(0) for tokens in (rows["upper"], rows["lower"], list(last))]
    return np.concatenate([(part / part.norm()).numpy() for part in parts])


@torch.inference_mode()
def slow_clip(folder: Path, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    model = transformers.CLIPVisionModelWithProjection.from_pretrained(folder)
    pixels = pixels_of(
        crop, *(transformers.utils.constants.OPENAI_CLIP_MEAN, transformers.utils.constants.OPENAI_CLIP_STD)
    )
    output = model(pixel_values=pixels, interpolate_pos_encoding=True, output_hidden_states=True)
    last = model.visual_projection(model.vision_model.post_layernorm(output.hidden_states[4]))
    return slow_parts(output.hidden_states[2][0, 1:], last[0, 1:])


@torch.inference_mode()
def slow_siglip(folder: Path, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    model = transformers.SiglipVisionModel.from_pretrained(folder)
    pixels = pixels_of(crop, [0.5] * 3, [0.5] * 3)
    output = model(pixel_values=pixels, interpolate_pos_encoding=True, output_hidden_states=True)
    return slow_parts(output.hidden_states[2][0], output.last_hidden_state[0])


@torch.inference_mode()
def slow_siglip2(folder: Path, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    model = transformers.Siglip2VisionModel.from_pretrained(folder)
    pixels = pixels_of(crop, [0.5] * 3, [0.5] * 3)[0].permute(1, 2, 0)
    patches = [pixels[8 * r : 8 * r + 8, 8 * c : 8 * c + 8].flatten() for r in range(7) for c in range(7)]
    output = model(
        pixel_values=torch.stack(patches)[None],
        pixel_attention_mask=torch.ones(1, 49, dtype=torch.long),
        spatial_shapes=torch.tensor([[7, 7]]),
        output_hidden_states=True,
    )
    return slow_parts(output.hidden_states[2][0], output.last_hidden_state[0])


@torch.inference_mode()
def slow_dino(folder: Path, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    model = transformers.AutoModel.from_pretrained(folder)
    constants = transformers.utils.constants
    pixels = pixels_of(crop, constants.IMAGENET_DEFAULT_MEAN, constants.IMAGENET_DEFAULT_STD)
    output = model(pixel_values=pixels, output_hidden_states=True)
    return slow_parts(output.hidden_states[2][0, -49:], output.last_hidden_state[0, -49:])


SLOW: dict[str, Callable[[Path, NDArray[np.uint8]], NDArray[np.float32]]] = {
    "CLIPVision": slow_clip,
    "SiglipVision": slow_siglip,
    "Siglip2Vision": slow_siglip2,
    "Dinov2": slow_dino,
    "Dinov2WithRegisters": slow_dino,
    "DINOv3ViT": slow_dino,
}


@pytest.mark.parametrize("kind", SLOW)
def test_features_are_the_librarys_tokens_pooled(tmp_path: Path, kind: str) -> None:
    tower = tower_of(write(tmp_path, kind))
    object_encoder = TowerObjectEncoder(tower)
    crops = crops_of(5)  # more than one batch
    features = object_encoder.encode(crops)
    assert object_encoder.size == SIDE and features.shape == (5, object_encoder.width) == (5, 64 + tower.width)
    expected = [SLOW[kind](tmp_path, crop) for crop in crops]
    np.testing.assert_allclose(features, expected, atol=1e-5)


@pytest.mark.parametrize("precision", ["float32", BFLOAT16])
def test_the_features_of_an_object_do_not_depend_on_other_crops(tmp_path: Path, precision: Any) -> None:
    object_encoder = TowerObjectEncoder(tower_of(write(tmp_path, "CLIPVision"), precision))
    crops = crops_of(11)
    whole = object_encoder.encode(crops)
    for cuts in ([1] * 11, [3, 8], [4, 4, 3]):
        parts = [object_encoder.encode(part) for part in np.split(crops, np.cumsum(cuts)[:-1])]
        assert (np.concatenate(parts) == whole).all(), cuts
    assert object_encoder.encode(crops[:0]).shape == (0, object_encoder.width)


def test_encoding_objects_does_not_change_the_features_of_frames(tmp_path: Path) -> None:
    tower = tower_of(write(tmp_path, "CLIPVision"))
    frames = crops_of(3, 80)
    before = tower.encode(frames).features
    TowerObjectEncoder(tower).encode(crops_of(3))
    assert (tower.encode(frames).features == before).all()


def test_a_tower_of_fewer_patches_keeps_its_own(tmp_path: Path) -> None:
    object_encoder = TowerObjectEncoder(tower_of(write(tmp_path, "SiglipVision", image_size=32)))
    assert object_encoder.size == 32 and object_encoder.identity["patches"] == [4, 4]
    lengths = np.linalg.norm(object_encoder.encode(crops_of(2, 32)).reshape(2, 3, 32), axis=2)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_identity_is_of_what_decides_the_features(tmp_path: Path) -> None:
    write(tmp_path, "CLIPVision")
    here = TowerObjectEncoder(tower_of(tmp_path)).identity
    assert json.loads(json.dumps(here)) == here and str(tmp_path) not in json.dumps(here)
    assert TowerObjectEncoder(tower_of(tmp_path, regions=(2, 2), fit="pad")).identity == here
    assert TowerObjectEncoder(tower_of(tmp_path, preprocess="published")).identity != here
