import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from numpy.typing import NDArray
from openvino import opset13 as ops
from torch.nn import functional

from scenewise.encoders.object_encoder import GREY
from scenewise.encoders.openvino_object_encoder import SIZE, OpenVinoObjectEncoder
from scenewise.errors import ConfigError, EncoderError

MEAN, STD = (0.48, 0.45, 0.40), (0.27, 0.26, 0.28)
FLOAT: dict[str, Any] = {"mean": MEAN, "std": STD, "colour": "rgb", "precision": "float32"}
RANDOM = np.random.default_rng(0)
FIRST, SECOND, THIRD = (
    RANDOM.normal(0, 0.3, shape).astype(np.float32) for shape in ((6, 3, 3, 3), (8, 6, 3, 3), (10, 8, 3, 3))
)


def crops_of(count: int, size: int = SIZE, seed: int = 0) -> NDArray[np.uint8]:
    """Coarse noise inside grey, as crops of objects are."""
    coarse = np.random.default_rng(seed).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    crops = coarse.repeat(size // 8, 1).repeat(size // 8, 2)
    crops[:, :, : size // 4] = GREY
    return crops


def strided(maps: Any, weights: NDArray[np.float32], by: int = 2) -> Any:
    return ops.relu(ops.convolution(maps, ops.constant(weights), [by, by], [1, 1], [1, 1], [1, 1]))


def averaged(maps: Any, axes: tuple[int, int] = (2, 3)) -> Any:
    return ops.reduce_mean(maps, ops.constant(list(axes)), False)


def save(folder: Path, outputs: list[Any], inputs: list[Any]) -> Path:
    ov.save_model(ov.Model(outputs, inputs), folder / "model.xml", compress_to_fp16=False)
    return folder / "model.xml"


def network(folder: Path, *, last: bool = False, fixed: bool = False, steps: tuple[int, int, int] = (2, 2, 2)) -> Path:
    """Three convolutions that halve a picture of 32 x 32; channels `last`, or a head `fixed` to that size."""
    picture = ops.parameter([1, 32, 32, 3] if last else [1, 3, 32, 32], np.float32)
    maps = ops.transpose(picture, ops.constant([0, 3, 1, 2])) if last else picture
    for weights, by in zip((FIRST, SECOND, THIRD), steps, strict=True):
        maps = strided(maps, weights, by)
        if fixed:
            maps = ops.reshape(maps, ops.constant(list(maps.output(0).shape)), False)
    if last:
        return save(folder, [averaged(ops.transpose(maps, ops.constant([0, 2, 3, 1])), (1, 2))], [picture])
    return save(folder, [averaged(maps)], [picture])


def slow_maps(crop: NDArray[np.uint8], colour: str = "rgb", steps: tuple[int, int, int] = (2, 2, 2)) -> list[Any]:
    levels = torch.from_numpy(crop[..., ::-1].copy() if colour == "bgr" else crop).permute(2, 0, 1).float() / 255
    maps = ((levels - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1))[None]
    passed = []
    for weights, by in zip((FIRST, SECOND, THIRD), steps, strict=True):
        maps = functional.conv2d(maps, torch.from_numpy(weights), stride=by, padding=1).relu()
        passed.append(maps[0].numpy())
    return passed


def slow_features(middle: NDArray[np.float32] | None, last: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps (C, rows, columns) of one crop, pooled by hand; rows are even."""
    halved = last if middle is None else middle
    half = halved.shape[1] // 2
    parts = [halved[:, :half].mean((1, 2)), halved[:, half:].mean((1, 2))]
    parts += [] if middle is None else [last.mean((1, 2))]
    return np.concatenate([part / np.linalg.norm(part) for part in parts])


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("colour", ["rgb", "bgr"])
def test_features_are_the_pooled_maps(tmp_path: Path, channels_last: bool, colour: Any) -> None:
    object_encoder = OpenVinoObjectEncoder(network(tmp_path, last=channels_last), **FLOAT | {"colour": colour})
    crops = crops_of(5)
    expected = [slow_features(*slow_maps(crop, colour)[1:]) for crop in crops]
    assert (object_encoder.width, object_encoder.size) == (8 + 8 + 10, SIZE)
    np.testing.assert_allclose(object_encoder.encode(crops), expected, atol=1e-4)


def test_without_a_map_twice_as_fine_the_halves_of_the_last_one_are_taken(tmp_path: Path) -> None:
    steps = (2, 1, 3)
    object_encoder = OpenVinoObjectEncoder(network(tmp_path, steps=steps), **FLOAT)
    crops = crops_of(3)
    expected = [slow_features(None, slow_maps(crop, steps=steps)[2]) for crop in crops]
    assert object_encoder.width == 20
    np.testing.assert_allclose(object_encoder.encode(crops), expected, atol=1e-4)


def test_a_model_that_cannot_be_reshaped_keeps_its_size(tmp_path: Path) -> None:
    object_encoder = OpenVinoObjectEncoder(network(tmp_path, fixed=True), **FLOAT)
    crops = crops_of(3, 32)
    assert object_encoder.size == 32 and object_encoder.identity["size"] == [32, 32]
    expected = [slow_features(*slow_maps(crop)[1:]) for crop in crops]
    np.testing.assert_allclose(object_encoder.encode(crops), expected, atol=1e-4)


def test_of_a_transformer_the_features_are_taken_at_its_input_size(tmp_path: Path) -> None:
    picture = ops.parameter([1, 3, 32, 32], np.float32)
    tokens = ops.reshape(strided(picture, FIRST), ops.constant([1, 6, 256]), False)
    mixed = ops.matmul(tokens, ops.softmax(ops.matmul(tokens, tokens, True, False), -1), False, False)
    file = save(tmp_path, [ops.reduce_mean(mixed, ops.constant([2]), False)], [picture])
    object_encoder = OpenVinoObjectEncoder(file, **FLOAT)
    crops = crops_of(3, 32)
    seen = torch.stack([torch.from_numpy(slow_maps(crop)[0]).flatten(1) for crop in crops])
    expected = (seen @ (seen.transpose(1, 2) @ seen).softmax(-1)).mean(2)
    assert (object_encoder.width, object_encoder.size) == (6, 32)
    np.testing.assert_allclose(object_encoder.encode(crops), functional.normalize(expected), atol=1e-4)


def test_an_oblong_model_that_keeps_its_size_gets_whole_crops(tmp_path: Path) -> None:
    picture = ops.parameter([1, 3, 16, 32], np.float32)
    flat = ops.reshape(strided(picture, FIRST), ops.constant([1, 6, 8, 16]), False)
    object_encoder = OpenVinoObjectEncoder(save(tmp_path, [averaged(strided(flat, SECOND))], [picture]), **FLOAT)
    crops = np.full((2, 32, 32, 3), 90, np.uint8)
    crops[1, 16:] = 200
    features = object_encoder.encode(crops)
    assert object_encoder.size == 32 and object_encoder.width == 6 + 6 + 8
    upper, lower = features[:, :6], features[:, 6:12]
    assert abs(upper[0] - upper[1]).max() < abs(lower[0] - lower[1]).max()


def test_the_features_of_an_object_do_not_depend_on_other_crops(tmp_path: Path) -> None:
    object_encoder = OpenVinoObjectEncoder(network(tmp_path), mean=MEAN, std=STD, colour="rgb")
    crops = crops_of(40)
    whole = object_encoder.encode(crops)
    for cuts in ([1] * 40, [33, 7]):
        parts = [object_encoder.encode(part) for part in np.split(crops, np.cumsum(cuts)[:-1])]
        assert (np.concatenate(parts) == whole).all()
    assert (object_encoder.encode(crops[::-1])[::-1] == whole).all()
    assert object_encoder.encode(crops[:0]).shape == (0, object_encoder.width)


def test_identity_says_what_decides_and_no_path(tmp_path: Path) -> None:
    file = network(tmp_path)
    here = OpenVinoObjectEncoder(file, **FLOAT).identity
    assert json.loads(json.dumps(here)) == here and str(tmp_path) not in json.dumps(here)
    assert OpenVinoObjectEncoder(file, **FLOAT | {"colour": "bgr"}).identity != here


def test_mistakes_are_reported_as_by_the_encoder_of_frames(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give --mean, --std, --colour"):
        OpenVinoObjectEncoder(network(tmp_path))
    with pytest.raises(EncoderError, match="no such file"):
        OpenVinoObjectEncoder(tmp_path / "missing.onnx", **FLOAT)


# --- The real MobileNet, against its whole graph run one crop at a time ---


@pytest.mark.slow
def test_mobilenet(footage: Path) -> None:
    file = footage / "encoders/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    object_encoder = OpenVinoObjectEncoder(file, precision="float32")
    assert (object_encoder.width, object_encoder.size) == (512 + 512 + 1024, 96)
    crops = crops_of(6)
    features = object_encoder.encode(crops)
    middle, last = rounded_maps(file)
    expected = [slow_features(middle(crop[None])[0][0], last(crop[None])[0][0]) for crop in crops]
    np.testing.assert_allclose(features, expected, atol=2e-3)
    assert np.linalg.norm(features[:, None] - features, axis=-1)[~np.eye(6, dtype=bool)].min() > 0.05


def rounded_maps(file: Path) -> list[Any]:
    """Compiled as far as the last rounded maps of 14 x 14 and of 7 x 7 places, known by their shapes."""
    core, compiled = ov.Core(), []
    for channels, places in ((512, 14), (1024, 7)):
        model = core.read_model(file)
        rounded = [
            node.output(0)
            for node in model.get_ordered_ops()
            if node.get_type_name() == "FakeQuantize" and list(node.output(0).shape) == [1, channels, places, places]
        ]
        cut = ov.Model([rounded[-1]], model.get_parameters())
        cut.reshape([1, SIZE, SIZE, 3])
        compiled.append(core.compile_model(cut, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}))
    return compiled
