import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino as ov
import pytest
import torch
from numpy.typing import NDArray
from onnx_by_hand import small_encoder
from openvino import opset13 as ops
from torch.nn import functional

from scenewise.encoders.openvino import OpenVinoEncoder
from scenewise.encoders.preprocess import fit_frames
from scenewise.errors import ConfigError, EncoderError

pytestmark = pytest.mark.slow

MEAN, STD = (0.48, 0.45, 0.40), (0.27, 0.26, 0.28)
FLOAT: dict[str, Any] = {"mean": MEAN, "std": STD, "colour": "rgb", "precision": "float32"}
WEIGHTS = np.random.default_rng(0).normal(0, 0.3, (10, 3, 3, 3)).astype(np.float32)


def frames_of(count: int, height: int = 40, width: int = 60, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def mapped(picture: Any) -> Any:
    """A convolution and a rectifier: (N, 3, H, W) to (N, 10, H / 2, W / 2), then a head without places."""
    return ops.relu(ops.convolution(picture, ops.constant(WEIGHTS), [2, 2], [1, 1], [1, 1], [1, 1]))


def averaged(maps: Any, axes: tuple[int, int] = (2, 3)) -> Any:
    return ops.reduce_mean(maps, ops.constant(list(axes)), False)


def save(folder: Path, outputs: list[Any], inputs: list[Any]) -> Path:
    ov.save_model(ov.Model(outputs, inputs), folder / "model.xml", compress_to_fp16=False)
    return folder / "model.xml"


def channels_first(folder: Path) -> Path:
    picture = ops.parameter([-1, 3, 16, 24], np.float32)
    return save(folder, [averaged(mapped(picture))], [picture])


def channels_last(folder: Path) -> Path:
    picture = ops.parameter([1, 16, 24, 3], np.float32)
    maps = ops.transpose(mapped(ops.transpose(picture, ops.constant([0, 3, 1, 2]))), ops.constant([0, 2, 3, 1]))
    return save(folder, [averaged(maps, (1, 2))], [picture])


def slow_map(frames: NDArray[np.uint8], size: tuple[int, int] = (16, 24), colour: str = "rgb") -> torch.Tensor:
    levels = fit_frames(frames, size, "squash").float() / 255
    levels = levels.flip(1) if colour == "bgr" else levels
    pixels = (levels - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    return functional.conv2d(pixels, torch.from_numpy(WEIGHTS), stride=2, padding=1).relu()


@pytest.mark.parametrize("build", [channels_first, channels_last])
@pytest.mark.parametrize("colour", ["rgb", "bgr"])
def test_layout_is_read_and_pixels_are_normalised(tmp_path: Path, build: Callable[[Path], Path], colour: Any) -> None:
    encoder = OpenVinoEncoder(build(tmp_path), **FLOAT | {"colour": colour}, regions=(8, 12))
    frames = frames_of(5)
    encoded, expected = encoder.encode(frames), slow_map(frames, colour=colour)
    assert encoder.width == 10 and encoded.regions is not None
    np.testing.assert_allclose(encoded.features, expected.mean((2, 3)), atol=1e-4)
    np.testing.assert_allclose(encoded.regions, expected.flatten(2).transpose(1, 2), atol=1e-4)


@pytest.mark.parametrize("build", [channels_first, channels_last])
def test_regions_are_means_over_the_grid(tmp_path: Path, build: Callable[[Path], Path]) -> None:
    frames = frames_of(3)
    encoded = OpenVinoEncoder(build(tmp_path), **FLOAT, regions=(3, 5)).encode(frames)
    expected = functional.adaptive_avg_pool2d(slow_map(frames), (3, 5)).flatten(2).transpose(1, 2)
    np.testing.assert_allclose(encoded.regions, expected, atol=1e-4)


def test_a_map_as_output_is_averaged(tmp_path: Path) -> None:
    picture = ops.parameter([1, 3, 16, 24], np.float32)
    frames = frames_of(2)
    features = OpenVinoEncoder(save(tmp_path, [mapped(picture)], [picture]), **FLOAT).encode(frames).features
    np.testing.assert_allclose(features, slow_map(frames).mean((2, 3)), atol=1e-4)


def test_features_are_preferred_to_other_outputs(tmp_path: Path) -> None:
    picture = ops.parameter([1, 3, 16, 24], np.float32)
    maps = mapped(picture)
    frames = frames_of(2)
    encoder = OpenVinoEncoder(save(tmp_path, [maps, averaged(maps)], [picture]), **FLOAT, regions=(8, 12))
    encoded, expected = encoder.encode(frames), slow_map(frames)
    np.testing.assert_allclose(encoded.features, expected.mean((2, 3)), atol=1e-4)
    np.testing.assert_allclose(encoded.regions, expected.flatten(2).transpose(1, 2), atol=1e-4)


@pytest.mark.parametrize("shape", [[-1, 3, -1, -1], [-1, -1, -1, -1]])
def test_an_open_size_is_taken_as_224_and_said(
    tmp_path: Path, shape: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    picture = ops.parameter(shape, np.float32)
    encoder = OpenVinoEncoder(save(tmp_path, [averaged(mapped(picture))], [picture]), **FLOAT)
    assert encoder.identity["size"] == [224, 224]
    frames = frames_of(1)
    np.testing.assert_allclose(encoder.encode(frames).features, slow_map(frames, (224, 224)).mean((2, 3)), atol=1e-4)


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_quantised_input_and_output_need_no_flags(tmp_path: Path, kind: Any) -> None:
    picture = ops.parameter([1, 16, 24, 3], np.uint8)
    levels = ops.convert(ops.transpose(picture, ops.constant([0, 3, 1, 2])), np.float32)
    low, high = (0.0, 255.0) if kind is np.uint8 else (-128.0, 127.0)
    real, integers = (
        [ops.constant(np.float32(v)) for v in (-20, 400)],
        [ops.constant(np.float32(v)) for v in (low, high)],
    )
    quantised = ops.convert(ops.fake_quantize(averaged(mapped(levels)), *real, *integers, 256), kind)
    frames = frames_of(4)
    encoder = OpenVinoEncoder(save(tmp_path, [quantised], [picture]), precision="float32")
    shown = fit_frames(frames, (16, 24), "squash").float()
    expected = functional.conv2d(shown, torch.from_numpy(WEIGHTS), stride=2, padding=1).relu().mean((2, 3))
    step = 420 / 255
    assert abs(encoder.encode(frames).features - expected.numpy()).max() <= step / 2 + 1e-3
    assert encoder.identity["mean"] is None and encoder.identity["colour"] == "rgb"
    with pytest.raises(ConfigError, match="leave --mean and --std out"):
        OpenVinoEncoder(tmp_path / "model.xml", mean=MEAN, std=STD)


def test_features_do_not_depend_on_how_frames_are_cut_into_calls(tmp_path: Path) -> None:
    frames = frames_of(70)
    encoder = OpenVinoEncoder(channels_first(tmp_path), mean=MEAN, std=STD, colour="rgb", regions=(2, 2))
    whole = encoder.encode(frames)
    for cuts in ([1] * 70, [33, 37], [64, 6]):
        parts = [encoder.encode(part) for part in np.split(frames, np.cumsum(cuts)[:-1])]
        assert (np.concatenate([part.features for part in parts]) == whole.features).all()
        assert (np.concatenate([part.regions for part in parts]) == whole.regions).all()  # type: ignore[misc]
    assert encoder.encode(frames[:0]).features.shape == (0, 10)


def test_missing_normalisation_names_the_flags(tmp_path: Path) -> None:
    file = channels_first(tmp_path)
    with pytest.raises(ConfigError, match="give --mean, --std, --colour"):
        OpenVinoEncoder(file)
    with pytest.raises(ConfigError, match="give --colour"):
        OpenVinoEncoder(file, mean=MEAN, std=STD)
    for mean, std in (((123.0, 116.0, 103.0), (58.0, 57.0, 57.0)), (MEAN, (0.2, 0.0, 0.2))):
        with pytest.raises(ConfigError, match="scale 0 to 1"):
            OpenVinoEncoder(file, mean=mean, std=std, colour="rgb")


@pytest.mark.parametrize("build", [channels_first, channels_last])
def test_published_preprocessing(tmp_path: Path, build: Callable[[Path], Path]) -> None:
    encoder = OpenVinoEncoder(build(tmp_path), preprocess="published", precision="float32")
    frames = frames_of(4)
    small = np.stack([cv2.resize(frame[..., ::-1], (24, 16)) for frame in frames])
    pixels = torch.from_numpy(small.astype(np.float32) / 127.5 - 1).permute(0, 3, 1, 2)
    expected = functional.conv2d(pixels, torch.from_numpy(WEIGHTS), stride=2, padding=1).relu().mean((2, 3))
    np.testing.assert_allclose(encoder.encode(frames).features, expected, atol=1e-4)
    told = {"mean": (0.5,) * 3, "std": (0.5,) * 3, "colour": "bgr"}
    same_numbers = OpenVinoEncoder(tmp_path / "model.xml", **told, precision="float32")  # but another resize
    assert same_numbers.identity != encoder.identity and "preprocess" not in same_numbers.identity
    with pytest.raises(ConfigError, match="leave --mean, --std, --colour out"):
        OpenVinoEncoder(tmp_path / "model.xml", **told, preprocess="published")


def test_published_preprocessing_needs_float_input(tmp_path: Path) -> None:
    picture = ops.parameter([1, 16, 24, 3], np.uint8)
    pixels = ops.convert(ops.transpose(picture, ops.constant([0, 3, 1, 2])), np.float32)
    file = save(tmp_path, [averaged(mapped(pixels))], [picture])
    with pytest.raises(ConfigError, match=r"takes uint8 levels.*float input"):
        OpenVinoEncoder(file, preprocess="published")


def test_what_is_no_image_encoder_is_one_clear_line(tmp_path: Path) -> None:
    picture, words = ops.parameter([1, 3, 16, 24], np.float32), ops.parameter([1, 7], np.float32)
    grey = ops.parameter([1, 1, 16, 24], np.float32)
    signed = ops.parameter([1, 3, 16, 24], np.int8)
    several = [averaged(mapped(picture)), ops.relu(words)]
    cases = {
        "one input": (several, [picture, words]),
        "a picture of 3 channels": ([ops.relu(words)], [words]),
        "N x 3 x H x W": ([averaged(grey)], [grey]),
        "uint8 or float input, got i8": ([averaged(mapped(ops.convert(signed, np.float32)))], [signed]),
        r"features \(N, D\)": ([ops.reduce_mean(picture, ops.constant([3]), False)], [picture]),
    }
    for says, (outputs, inputs) in cases.items():
        with pytest.raises(EncoderError, match=says) as caught:
            OpenVinoEncoder(save(tmp_path, outputs, inputs), **FLOAT)
        assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_are_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "junk.onnx").write_bytes(b"junk")
    (tmp_path / "pickled.pt").write_bytes(b"never opened")
    for name, says in {"junk.onnx": "cannot read", "pickled.pt": r"\.onnx", "missing.xml": "no such file"}.items():
        with pytest.raises(EncoderError, match=says) as caught:
            OpenVinoEncoder(tmp_path / name, **FLOAT)
        assert "\n" not in str(caught.value)


def test_regions_need_a_map_that_is_fine_enough(tmp_path: Path) -> None:
    file = channels_first(tmp_path)
    with pytest.raises(ConfigError, match=r"9x2.*8x12 places"):
        OpenVinoEncoder(file, **FLOAT, regions=(9, 2))
    # Tokens that look at each other: the only map left is the one before, which knows nothing yet.
    picture = ops.parameter([1, 3, 16, 24], np.float32)
    tokens = ops.reshape(mapped(picture), ops.constant([1, 10, 96]), False)
    mixed = ops.matmul(tokens, ops.softmax(ops.matmul(tokens, tokens, True, False), -1), False, False)
    file = save(tmp_path, [ops.reduce_mean(mixed, ops.constant([2]), False)], [picture])
    with pytest.raises(EncoderError, match="no spatial feature map"):
        OpenVinoEncoder(file, **FLOAT, regions=(2, 2))


def test_identity_is_of_the_bytes_not_of_the_place(tmp_path: Path) -> None:
    here = OpenVinoEncoder(channels_first(tmp_path), **FLOAT).identity
    shutil.copytree(tmp_path, tmp_path / "there")
    there = OpenVinoEncoder(tmp_path / "there/model.xml", **FLOAT).identity
    assert here == there == json.loads(json.dumps(here))
    assert str(tmp_path) not in json.dumps(here)
    assert OpenVinoEncoder(tmp_path / "model.xml", **FLOAT | {"colour": "bgr"}).identity != here
    assert OpenVinoEncoder(tmp_path / "model.xml", **FLOAT, fit="pad").identity != here


def test_onnx(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(small_encoder(WEIGHTS))
    frames = frames_of(3)
    encoded = OpenVinoEncoder(tmp_path / "model.onnx", **FLOAT, regions=(8, 12)).encode(frames)
    expected = slow_map(frames)
    np.testing.assert_allclose(encoded.features, expected.mean((2, 3)), atol=1e-4)
    np.testing.assert_allclose(encoded.regions, expected.flatten(2).transpose(1, 2), atol=1e-4)


# --- The real MobileNet ---


@pytest.fixture(scope="module")
def mobilenet() -> OpenVinoEncoder:
    footage = os.environ.get("SCENEWISE_FOOTAGE")
    if footage is None:
        pytest.skip("SCENEWISE_FOOTAGE is unset, so there is no real encoder to test")
    name = "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    return OpenVinoEncoder(Path(footage) / "encoders" / name, regions=(7, 7))


def real_frames(every: int) -> NDArray[np.uint8]:
    import av

    with av.open(str(Path(os.environ["SCENEWISE_FOOTAGE"]) / "cameras/car-detection.mp4")) as container:
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(decoded[::every])


def test_mobilenet_features_and_regions_belong_together(mobilenet: OpenVinoEncoder) -> None:
    frames = real_frames(40)
    encoded = mobilenet.encode(frames)
    assert encoded.features.shape == (len(frames), 1024)
    assert encoded.regions is not None and encoded.regions.shape == (len(frames), 49, 1024)
    # The embedding is the mean of the last map, rounded to 8 bits over the range of its rectifier, 0 to 6.
    assert abs(encoded.regions.mean(1) - encoded.features).max() <= 6 / 255 / 2
    assert encoded.features.min() >= 0 and encoded.features.max() <= 6


def test_mobilenet_gives_the_same_features_for_the_same_picture_and_others_for_others(
    mobilenet: OpenVinoEncoder,
) -> None:
    frames = real_frames(40)
    encoded, again = mobilenet.encode(frames), mobilenet.encode(frames[::-1])
    assert (encoded.features == again.features[::-1]).all()
    assert (encoded.regions == again.regions[::-1]).all()
    distances = np.linalg.norm(encoded.features[:, None] - encoded.features, axis=-1)
    assert (distances + np.eye(len(frames)) > 0).all()


def test_mobilenet_regions_lie_where_the_picture_changes(mobilenet: OpenVinoEncoder) -> None:
    frames = real_frames(400)[:1].repeat(2, axis=0)
    height, width = frames.shape[1:3]
    frames[1, : height // 7, -(width // 7) :] = 255 - frames[1, : height // 7, -(width // 7) :]
    regions = mobilenet.encode(frames).regions
    assert regions is not None
    change = abs(regions[1] - regions[0]).mean(-1).reshape(7, 7)
    assert np.unravel_index(change.argmax(), change.shape) in {(0, 6), (0, 5), (1, 6), (1, 5)}
