"""What an encoder's identity covers: every file that decides its features; none from outside of its folder."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from onnx_by_hand import Field, external, message, onnx, small_encoder
from openvino import opset13 as ops
from safetensors.numpy import load_file, save_file

from conftest import write_mp4
from scenewise.checksums import sha256_of
from scenewise.config import ExtractConfig
from scenewise.encoders import openvino_model
from scenewise.encoders.model_files import ModelFiles
from scenewise.encoders.openvino import OpenVinoEncoder
from scenewise.errors import EncoderError, FingerprintError
from scenewise.features.extract import extract
from scenewise.formats.onnx import external_files

WEIGHTS = np.random.default_rng(0).normal(size=(5, 3, 3, 3)).astype(np.float32)
FLOAT: dict[str, Any] = {"mean": (0.5,) * 3, "std": (0.25,) * 3, "colour": "rgb", "precision": "float32"}


def frames(count: int = 2) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (count, 16, 24, 3), np.uint8)


def two_parts(folder: Path, weights: NDArray[np.float32] = WEIGHTS, location: str = "weights.bin") -> Path:
    """A model whose weights lie beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(small_encoder(weights, location))
    (folder / "weights.bin").write_bytes(weights.tobytes())
    return folder / "model.onnx"


def test_a_model_of_one_file_is_identified_by_it_alone(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(small_encoder(WEIGHTS))
    assert OpenVinoEncoder(tmp_path / "model.onnx", **FLOAT).identity["model"] == [sha256_of(tmp_path / "model.onnx")]


def test_other_weights_beside_the_same_onnx_file_are_another_encoder(tmp_path: Path) -> None:
    one, other = two_parts(tmp_path / "a"), two_parts(tmp_path / "b", 2 * WEIGHTS)
    assert one.read_bytes() == other.read_bytes()
    first, second = (OpenVinoEncoder(file, **FLOAT) for file in (one, other))
    assert first.identity != second.identity
    assert first.identity["model"] == [sha256_of(one), sha256_of(one.with_name("weights.bin"))]
    assert not np.allclose(first.encode(frames()).features, second.encode(frames()).features)
    assert first.object_encoder().identity != second.object_encoder().identity
    whole = tmp_path / "whole.onnx"
    whole.write_bytes(small_encoder(WEIGHTS))
    expected = OpenVinoEncoder(whole, **FLOAT).encode(frames()).features
    np.testing.assert_array_equal(first.encode(frames()).features, expected)


def test_features_of_other_weights_are_not_kept(tmp_path: Path) -> None:
    for split in ("train", "test"):
        write_mp4(tmp_path / f"data/{split}/road/00.mp4", 12)
    model = two_parts(tmp_path / "model")
    settings = {"encoder": f"openvino:{model}", "objects": False, **FLOAT}
    extract(tmp_path / "data", tmp_path / "features", ExtractConfig(**settings))
    assert len(extract(tmp_path / "data", tmp_path / "features", ExtractConfig(**settings)).kept) == 2
    model.with_name("weights.bin").write_bytes((2 * WEIGHTS).tobytes())
    with pytest.raises(FingerprintError, match="were made otherwise: model is"):
        extract(tmp_path / "data", tmp_path / "features", ExtractConfig(**settings, split="test"))
    summary = extract(tmp_path / "data", tmp_path / "features", ExtractConfig(**settings))
    assert len(summary.extracted) == 2 and not summary.kept


@pytest.fixture
def nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test fails if OpenVINO is asked to open anything."""

    def fails() -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(openvino_model, "FrontEndManager", fails)


@pytest.mark.usefixtures("nothing_is_opened")
@pytest.mark.parametrize(
    "location",
    ["/etc/hostname", "../weights.bin", "a/../../weights.bin", "a/../weights.bin", "..\\weights.bin", "",
     "*/_ORT_MEM_ADDR_/*", "link.bin", "linked/weights.bin", "weights.bin\0"],
)  # fmt: skip
def test_weights_outside_of_the_models_folder_are_refused(tmp_path: Path, location: str) -> None:
    model = two_parts(tmp_path / "model", location=location)
    (tmp_path / "weights.bin").write_bytes(WEIGHTS.tobytes())
    (model.parent / "link.bin").symlink_to(tmp_path / "weights.bin")
    (model.parent / "linked").symlink_to(tmp_path)
    with pytest.raises(EncoderError, match="does not lie in the model's folder") as caught:
        OpenVinoEncoder(model, **FLOAT)
    assert str(model) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.usefixtures("nothing_is_opened")
def test_missing_weights_are_named(tmp_path: Path) -> None:
    model = two_parts(tmp_path, location="others.bin")
    with pytest.raises(EncoderError, match=r"its file 'others.bin' is missing"):
        OpenVinoEncoder(model, **FLOAT)


def test_weights_in_a_folder_below_and_linked_inside(tmp_path: Path) -> None:
    model = two_parts(tmp_path, location="./parts/link.bin")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/link.bin").symlink_to("../weights.bin")
    assert len(OpenVinoEncoder(model, **FLOAT).identity["model"]) == 2


IN_A_TENSOR: dict[str, Callable[[bytes], Field]] = {
    "initializer": lambda tensor: (5, tensor),
    "sparse initializer's values": lambda tensor: (15, message((1, tensor))),
    "sparse initializer's indices": lambda tensor: (15, message((2, tensor))),
    "attribute": lambda tensor: (1, message((5, message((5, tensor))))),
    "attribute's list": lambda tensor: (1, message((5, message((10, tensor))))),
    "graph inside": lambda tensor: (1, message((5, message((6, message((5, tensor))))))),
    "graphs inside": lambda tensor: (1, message((5, message((11, message((5, tensor))))))),
}


@pytest.mark.parametrize("place", IN_A_TENSOR)
def test_every_place_that_can_name_a_file_is_looked_at(tmp_path: Path, place: str) -> None:
    tensor = message((1, 7), *external("far/weights.bin"), *external("near.bin"))
    (tmp_path / "model.onnx").write_bytes(onnx((2, "g"), IN_A_TENSOR[place](tensor)))
    assert external_files(tmp_path / "model.onnx") == ["far/weights.bin", "near.bin"]


def test_functions_training_and_a_second_graph_are_looked_at_too(tmp_path: Path) -> None:
    def node(name: str) -> bytes:
        return message((5, message((5, message(*external(name))))))

    (tmp_path / "model.onnx").write_bytes(
        onnx((2, "g"))
        + message((7, message((1, node("second")))))
        + message((25, message((7, node("function")), (11, message((5, message(*external("default"))))))))
        + message((20, message((1, message((1, node("begin")))), (2, message((1, node("step")))))))
    )
    assert external_files(tmp_path / "model.onnx") == ["begin", "default", "function", "second", "step"]


def test_other_entries_beside_a_location_are_no_names(tmp_path: Path) -> None:
    entries = [(13, message((1, key), (2, value))) for key, value in (("offset", "4"), ("checksum", "../x"))]
    (tmp_path / "model.onnx").write_bytes(onnx((5, message(*entries, *external("w")))))
    assert external_files(tmp_path / "model.onnx") == ["w"]


@pytest.mark.parametrize(
    "content", [b"", b"\x3a", b"\x3a\xff\xff\xff\xff\x0f", b"\x08\x08", b"<net/>", b"\x3b\x3c", b"\x3a" + b"\xff" * 20]
)
def test_what_is_no_onnx_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ValueError, match="it "):
        external_files(tmp_path / "model.onnx")
    with pytest.raises(EncoderError, match=r"cannot read it as \.onnx"):
        OpenVinoEncoder(tmp_path / "model.onnx", **FLOAT)


def test_deep_graphs_are_refused(tmp_path: Path) -> None:
    graph = message((2, "g"))
    for _ in range(3000):
        graph = message((1, message((5, message((6, graph))))))
    (tmp_path / "model.onnx").write_bytes(message((7, graph)))
    with pytest.raises(ValueError, match="too deeply"):
        external_files(tmp_path / "model.onnx")


@pytest.mark.parametrize("suffix", [".xml", ".tflite"])
def test_the_suffix_tells_the_reader_not_the_content(tmp_path: Path, suffix: str) -> None:
    """Otherwise weights that an ONNX model names would be followed, unhashed, under another suffix."""
    two_parts(tmp_path).rename(tmp_path / f"model{suffix}")
    with pytest.raises(EncoderError, match=f"cannot read it as {suffix}"):
        OpenVinoEncoder(tmp_path / f"model{suffix}", **FLOAT)


def intermediate_representation(folder: Path, weights: NDArray[np.float32]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    picture = ops.parameter([1, 3, 16, 24], np.float32)
    maps = ops.relu(ops.convolution(picture, ops.constant(weights), [2, 2], [1, 1], [1, 1], [1, 1]))
    means = ops.reduce_mean(maps, ops.constant([2, 3]), False)
    ov.save_model(ov.Model([means], [picture]), folder / "model.xml", compress_to_fp16=False)
    return folder / "model.xml"


def test_an_xml_file_with_another_bin_file_is_another_encoder(tmp_path: Path) -> None:
    one, other = (intermediate_representation(tmp_path / name, w) for name, w in (("a", WEIGHTS), ("b", 2 * WEIGHTS)))
    shutil.copy(one, other)
    identities = [OpenVinoEncoder(file, **FLOAT).identity["model"] for file in (one, other)]
    assert identities[0][0] == identities[1][0] and identities[0][1] != identities[1][1]
    assert identities[0] == [sha256_of(one), sha256_of(one.with_suffix(".bin"))]


@pytest.mark.usefixtures("nothing_is_opened")
def test_a_bin_file_that_is_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    model = intermediate_representation(tmp_path / "model", WEIGHTS)
    model.with_suffix(".bin").rename(tmp_path / "elsewhere.bin")
    model.with_suffix(".bin").symlink_to(tmp_path / "elsewhere.bin")
    with pytest.raises(EncoderError, match=r"'model\.bin', which does not lie in the model's folder"):
        OpenVinoEncoder(model, **FLOAT)


def test_links_to_one_folder_as_in_the_hubs_cache_are_read(tmp_path: Path) -> None:
    stored = intermediate_representation(tmp_path / "blobs", WEIGHTS)
    snapshot = tmp_path / "snapshots" / "revision"
    snapshot.mkdir(parents=True)
    for suffix in (".xml", ".bin"):
        (snapshot / f"model{suffix}").symlink_to(stored.with_suffix(suffix))
    linked, plain = (OpenVinoEncoder(file, **FLOAT).identity for file in (snapshot / "model.xml", stored))
    assert linked == plain


@pytest.mark.parametrize("keep_times", [False, True])
def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path, keep_times: bool) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(WEIGHTS.tobytes())
    files, found = ModelFiles([path]), path.stat()
    files.require_unchanged()
    path.write_bytes((2 * WEIGHTS).tobytes())
    if keep_times:
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    with pytest.raises(EncoderError, match=r"weights.bin: was changed while it was read"):
        files.require_unchanged()


def test_weights_that_change_while_the_model_is_compiled_do_not_slip_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = two_parts(tmp_path)
    compile_levels = openvino_model._from_levels

    def changes_them(*arguments: Any) -> Any:
        (tmp_path / "weights.bin").write_bytes((2 * WEIGHTS).tobytes())
        return compile_levels(*arguments)

    monkeypatch.setattr(openvino_model, "_from_levels", changes_them)
    with pytest.raises(EncoderError, match="was changed while it was read"):
        OpenVinoEncoder(model, **FLOAT)


# --- Folders of vision towers ---


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CLIP in several files of weights."""
    import torch
    import transformers

    torch.manual_seed(0)
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = transformers.CLIPVisionConfig(**small, image_size=64, patch_size=16, projection_dim=8)
    folder = tmp_path_factory.mktemp("sharded")
    transformers.CLIPVisionModelWithProjection(config).save_pretrained(folder, max_shard_size="30KB")
    assert len(list(folder.glob("*.safetensors"))) > 2
    return folder


def open_tower(folder: Path) -> Any:
    from scenewise.encoders.vision_tower import VisionTower

    return VisionTower(str(folder), device="cpu", precision="float32")


@pytest.fixture
def tower(sharded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sharded, tmp_path / "tower"))


def change(path: Path) -> None:
    """Other weights in one file of several."""
    save_file({name: value + 1 for name, value in load_file(path).items()}, path)


@pytest.mark.slow
def test_every_file_of_sharded_weights_counts(tower: Path) -> None:
    before = open_tower(tower)
    seen = [before.identity["weights"]]
    for path in sorted(tower.glob("model-*.safetensors")):
        change(path)
        seen.append(open_tower(tower).identity["weights"])
    assert len(set(seen)) == len(seen)
    assert not np.allclose(open_tower(tower).encode(frames()).features, before.encode(frames()).features)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../other.safetensors", "/etc/hostname", "link.safetensors", "x" * 300])
def test_an_index_that_names_files_elsewhere_is_refused(tower: Path, name: str) -> None:
    index = json.loads((tower / "model.safetensors.index.json").read_text())
    (tower.parent / "other.safetensors").write_bytes(next(tower.glob("*.safetensors")).read_bytes())
    (tower / "link.safetensors").symlink_to(tower.parent / "other.safetensors")
    index["weight_map"][next(iter(index["weight_map"]))] = name
    (tower / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(EncoderError, match=r"does not lie in the model's folder|is missing"):
        open_tower(tower)


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [{"transformers_weights": "other.safetensors"}, {"configuration_files": ["config.0.0.1.json"]}],
    ids=lambda more: next(iter(more)),
)
def test_what_the_settings_name_is_not_followed(tower: Path, more: dict[str, Any]) -> None:
    """The library alone would load these: other weights, or other settings, than were hashed."""
    expected = open_tower(tower).encode(frames()).features
    weights: dict[str, Any] = {}
    for path in tower.glob("model-*.safetensors"):
        weights |= load_file(path)
    save_file({name: value + 1 for name, value in weights.items()}, tower / "other.safetensors", {"format": "pt"})
    config = json.loads((tower / "config.json").read_text())
    (tower / "config.0.0.1.json").write_text(json.dumps({**config, "hidden_act": "relu"}))
    (tower / "config.json").write_text(json.dumps({**config, **more}))
    np.testing.assert_array_equal(open_tower(tower).encode(frames()).features, expected)


@pytest.mark.slow
def test_weights_do_not_change_with_their_file_after_loading(tower: Path) -> None:
    opened = open_tower(tower)
    expected = opened.encode(frames()).features
    for path in tower.glob("model-*.safetensors"):
        with path.open("r+b") as file:
            file.seek(4000)
            file.write(bytes(path.stat().st_size - 4000))
    np.testing.assert_array_equal(opened.encode(frames()).features, expected)


@pytest.mark.slow
def test_a_tensor_in_two_files_is_refused(tower: Path) -> None:
    first, second = sorted(tower.glob("model-*.safetensors"))[:2]
    save_file(load_file(first) | load_file(second), second, {"format": "pt"})
    with pytest.raises(EncoderError, match="as another of its files does"):
        open_tower(tower)


@pytest.mark.slow
@pytest.mark.parametrize(
    "claim", [{"num_hidden_layers": 10**30}, {"hidden_size": 10**6, "num_attention_heads": 1}, {"image_size": 10**6}]
)
def test_settings_that_claim_a_huge_tower_take_no_memory(tower: Path, claim: dict[str, int]) -> None:
    config = json.loads((tower / "config.json").read_text())
    (tower / "config.json").write_text(json.dumps({**config, **claim}))
    with pytest.raises(EncoderError, match=r"cannot be loaded|its settings ask for pictures of"):
        open_tower(tower)
