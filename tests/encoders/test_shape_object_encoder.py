import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from scenewise.config import ExtractConfig
from scenewise.encoders import open_encoder, open_object_encoder
from scenewise.encoders.object_encoder import GREY
from scenewise.encoders.shape_object_encoder import CLIP, SLACK, ShapeObjectEncoder


def crops_of(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Noise, coarse and fine, on grey."""
    random = np.random.default_rng(seed)
    crops = np.full((count, 64, 64, 3), GREY, np.uint8)
    for crop in crops:
        top, left = random.integers(0, 20, 2)
        coarse = random.integers(0, 240, (6, 5, 3)).repeat(7, 0).repeat(7, 1)
        crop[top : top + 42, left : left + 35] = coarse + random.integers(0, 16, coarse.shape)
    return crops


def slow_description(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Pixel by pixel, vote by vote, block by block."""
    cells = np.zeros((8, 8, 9))
    levels = crop.astype(float)
    for row in range(64):
        for column in range(64):
            right = levels[row, min(column + 1, 63)] - levels[row, max(column - 1, 0)]
            down = levels[min(row + 1, 63), column] - levels[max(row - 1, 0), column]
            channel = int((right**2 + down**2).argmax())
            strength = math.hypot(right[channel], down[channel])
            turn = math.atan2(down[channel], right[channel]) % math.pi
            apart = [abs(turn - (bin_ + 0.5) * math.pi / 9) for bin_ in range(9)]
            votes = [strength * max(0, 1 - min(angle, math.pi - angle) / (math.pi / 9)) / 64 for angle in apart]
            for cell_row in range(8):
                for cell_column in range(8):
                    near = max(0, 1 - abs(row + 0.5 - (cell_row * 8 + 4)) / 8)
                    near *= max(0, 1 - abs(column + 0.5 - (cell_column * 8 + 4)) / 8)
                    if near > 0:
                        cells[cell_row, cell_column] += near * np.array(votes)
    blocks = []
    for row in range(7):
        for column in range(7):
            block = np.concatenate([cells[row + r, column + c] for r in (0, 1) for c in (0, 1)])
            block = np.minimum(block / math.sqrt((block**2).sum() + SLACK**2), CLIP)
            blocks.append(block / math.sqrt((block**2).sum() + (CLIP / 10) ** 2))
    gradients = np.concatenate(blocks)
    silhouette = [
        np.mean([(crop[row, column] != GREY).any() for row in range(r, r + 8) for column in range(c, c + 8)])
        for r in range(0, 64, 8)
        for c in range(0, 64, 8)
    ]
    return np.concatenate([gradients / np.linalg.norm(gradients), silhouette / np.linalg.norm(silhouette)])


def test_descriptions_are_those_of_loops() -> None:
    object_encoder, crops = ShapeObjectEncoder(), crops_of(2)
    described = object_encoder.encode(crops)
    assert described.shape == (2, object_encoder.width) and described.dtype == np.float32
    # OpenCV's angles are good to a third of a degree.
    np.testing.assert_allclose(described, [slow_description(crop) for crop in crops], atol=1e-4)


def test_a_description_does_not_depend_on_the_crops_beside_it() -> None:
    object_encoder, crops = ShapeObjectEncoder(), crops_of(9)
    whole = object_encoder.encode(crops)
    assert (np.concatenate([object_encoder.encode(crops[n : n + 1]) for n in range(9)]) == whole).all()
    assert (object_encoder.encode(crops[::-1])[::-1] == whole).all()
    assert object_encoder.encode(crops[:0]).shape == (0, object_encoder.width)


def test_grey_alone_is_nothing() -> None:
    described = ShapeObjectEncoder().encode(np.full((1, 64, 64, 3), GREY, np.uint8))
    assert (described == 0).all()


def test_what_decides_is_shape_not_colour() -> None:
    upright, lying = np.full((2, 64, 64, 3), GREY, np.uint8)
    upright[8:56, 24:40], lying[24:40, 8:56] = 200, 200
    repainted = np.where(upright == 200, np.array([60, 30, 20]), upright).astype(np.uint8)
    tall, flat, dark = ShapeObjectEncoder().encode(np.stack([upright, lying, repainted]))
    assert np.linalg.norm(tall - dark) < 0.3 * np.linalg.norm(tall - flat)


# --- Which object_encoder stands beside which encoder ---


def write_tower(folder: Path) -> Path:
    torch.manual_seed(0)
    small: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    config = transformers.CLIPVisionConfig(
        **small, num_attention_heads=4, image_size=64, patch_size=8, projection_dim=24
    )
    transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder)
    return folder


def write_float_model(folder: Path) -> Path:
    ov = pytest.importorskip("openvino")
    ops = ov.opset13
    picture = ops.parameter([1, 3, 16, 16], np.float32)
    weights = np.random.default_rng(0).normal(0, 0.3, (5, 3, 3, 3)).astype(np.float32)
    maps = ops.convolution(picture, ops.constant(weights), [2, 2], [1, 1], [1, 1], [1, 1])
    model = ov.Model([ops.reduce_mean(maps, ops.constant([2, 3]), False)], [picture])
    ov.save_model(model, folder / "model.xml")
    return folder / "model.xml"


def test_the_named_encoder_decides_what_describes(tmp_path: Path) -> None:
    model = f"openvino:{write_float_model(tmp_path)}"
    configs = {
        "shape": ExtractConfig(encoder="motion-grid"),
        "vision-tower": ExtractConfig(encoder=str(write_tower(tmp_path)), device="cpu"),
        "openvino": ExtractConfig(encoder=model, mean=(0.5,) * 3, std=(0.2,) * 3, colour="rgb"),  # type: ignore[arg-type]
    }
    for kind, config in configs.items():
        object_encoder = open_object_encoder(config, open_encoder(config))
        assert (
            object_encoder.identity["kind"] == kind
            and json.loads(json.dumps(object_encoder.identity)) == object_encoder.identity
        )
        crops = np.random.default_rng(0).integers(
            0, 256, (2, object_encoder.size, object_encoder.size, 3), dtype=np.uint8
        )
        assert object_encoder.encode(crops).shape == (2, object_encoder.width)
    published = ExtractConfig(encoder=model, preprocess="published")
    described = open_object_encoder(published, open_encoder(published))
    assert described.identity["mean"] == [0.5] * 3 and described.identity["colour"] == "bgr"


def test_beside_your_own_encoder_shape_describes() -> None:
    own = open_encoder(ExtractConfig(encoder="motion-grid"))
    own.identity = {"kind": "mine"}
    for config in (ExtractConfig(), ExtractConfig(encoder="openvino:never-opened.onnx")):
        assert isinstance(open_object_encoder(config, own), ShapeObjectEncoder)
