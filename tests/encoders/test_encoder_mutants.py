"""Damaged models: one clear line before any frame is encoded, or no harm."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from onnx_by_hand import small_encoder
from openvino import opset13 as ops

from mutants import COUNT, escapes, mutants_of
from scenewise.encoders.openvino import OpenVinoEncoder
from scenewise.errors import EncoderError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")]

WEIGHTS = np.random.default_rng(0).normal(size=(5, 3, 3, 3)).astype(np.float32)
FLOAT: dict[str, Any] = {"mean": (0.5,) * 3, "std": (0.25,) * 3, "colour": "rgb", "precision": "float32"}
FRAMES = np.random.default_rng(1).integers(0, 256, (1, 16, 24, 3), np.uint8)


def encode(model: Path, **settings: Any) -> None:
    """Open the model and its object encoder, and encode a picture by each; features may be anything but an error."""
    encoder = OpenVinoEncoder(model, regions=(2, 2), **settings)
    encoder.encode(FRAMES)
    encoder.object_encoder()


def written(folder: Path, kind: str) -> Path:
    """A small model of each kind."""
    if kind == "onnx":
        (folder / "model.onnx").write_bytes(small_encoder(WEIGHTS))
    elif kind == "onnx in two files":
        (folder / "model.onnx").write_bytes(small_encoder(WEIGHTS, "weights.bin"))
        (folder / "weights.bin").write_bytes(WEIGHTS.tobytes())
    else:
        picture = ops.parameter([1, 3, 16, 24], np.float32)
        maps = ops.relu(ops.convolution(picture, ops.constant(WEIGHTS), [2, 2], [1, 1], [1, 1], [1, 1]))
        means = ops.reduce_mean(maps, ops.constant([2, 3]), False)
        ov.save_model(ov.Model([means], [picture]), folder / "model.xml", compress_to_fp16=False)
        return folder / "model.xml"
    return folder / "model.onnx"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("onnx", "model.onnx"), ("onnx in two files", "model.onnx"), ("onnx in two files", "weights.bin"),
     ("xml", "model.xml"), ("xml", "model.bin")],
)  # fmt: skip
def test_models_of_openvino(tmp_path: Path, kind: str, name: str) -> None:
    model = written(tmp_path, kind)
    assert not escapes(mutants_of(tmp_path / name), tmp_path / name, lambda: encode(model, **FLOAT))


def test_a_damaged_text_in_a_message_of_openvino(tmp_path: Path) -> None:
    """OpenVINO repeats names from the file in its error, and Python cannot decode them."""
    model = written(tmp_path, "onnx")
    model.write_bytes(model.read_bytes().replace(b"Conv", b"C\xffnv"))
    with pytest.raises(EncoderError, match="cannot read it as"):
        OpenVinoEncoder(model, **FLOAT)


def test_a_model_of_tensorflow_lite(tmp_path: Path) -> None:
    if "SCENEWISE_FOOTAGE" not in os.environ:
        pytest.skip("SCENEWISE_FOOTAGE is unset, so there is no real encoder to test")
    folder = Path(os.environ["SCENEWISE_FOOTAGE"]) / "encoders"
    path = tmp_path / "model.tflite"
    shutil.copy(folder / "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite", path)
    few = [mutant for number, mutant in enumerate(mutants_of(path)) if number % (COUNT // 20) == 0]
    assert not escapes(few, path, lambda: OpenVinoEncoder(path))


@pytest.fixture(scope="module")
def towers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """clip: one file of weights; sharded: the same in several; dino: another family."""
    import torch
    import transformers

    torch.manual_seed(0)
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    folder = tmp_path_factory.mktemp("towers")
    text = {**small, "num_hidden_layers": 1, "vocab_size": 20}
    clip = transformers.CLIPConfig(
        vision_config={**small, "image_size": 64, "patch_size": 16, "projection_dim": 8},
        text_config=text,
        projection_dim=8,
    )
    model = transformers.CLIPModel(clip)
    model.save_pretrained(folder / "clip")
    model.save_pretrained(folder / "sharded", max_shard_size="30KB")
    dino = transformers.Dinov2WithRegistersConfig(**small, image_size=56, patch_size=8, num_register_tokens=3)
    transformers.Dinov2WithRegistersModel(dino).save_pretrained(folder / "dino")
    levels = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.6, 0.7], "resample": 2}
    sizes = {"size": {"shortest_edge": 80}, "crop_size": {"height": 64, "width": 64}, "do_center_crop": True}
    for name in ("clip", "sharded", "dino"):
        (folder / name / "preprocessor_config.json").write_text(json.dumps({**levels, **sizes}))
    return folder


@pytest.mark.parametrize(
    "name",
    ["clip/config.json", "clip/preprocessor_config.json", "clip/model.safetensors", "dino/config.json",
     "dino/preprocessor_config.json", "sharded/model.safetensors.index.json"],
)  # fmt: skip
def test_folders_of_vision_towers(towers: Path, name: str) -> None:
    from scenewise.encoders.vision_tower import VisionTower

    path = towers / name

    def encode() -> None:
        tower = VisionTower(str(path.parent), device="cpu", precision="float32", regions=(2, 2), fit="pad")
        tower.encode(FRAMES)
        assert json.dumps(tower.identity)

    assert not escapes(mutants_of(path), path, encode)
