import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray
from PIL import Image
from small_towers import SMALL

from conftest import BFLOAT16
from scenewise.config import ExtractConfig
from scenewise.encoders import open_encoder
from scenewise.encoders.vision_tower import VisionTower
from scenewise.errors import ConfigError, EncoderError

pytestmark = pytest.mark.slow

TEXT = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 20}


def write_clip(folder: Path, **settings: Any) -> Path:
    """A whole CLIP, text half and all, as checkpoints on the hub are."""
    config = transformers.CLIPConfig(
        vision_config={**SMALL, "projection_dim": 7, **settings}, text_config=TEXT, projection_dim=24
    )
    transformers.CLIPModel(config).save_pretrained(folder)
    size = config.vision_config.image_size
    transformers.CLIPImageProcessorPil(size={"shortest_edge": size}, crop_size=size).save_pretrained(folder)
    return folder


def write_siglip(folder: Path) -> Path:
    config = transformers.SiglipConfig(vision_config=SMALL, text_config=TEXT)
    transformers.SiglipModel(config).save_pretrained(folder)
    settings = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.6, 0.7], "resample": 2, "size": {"height": 64}}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def write_siglip2(folder: Path) -> Path:
    settings = {key: value for key, value in SMALL.items() if key != "image_size"}
    config = transformers.Siglip2Config(vision_config={**settings, "num_patches": 64}, text_config=TEXT)
    transformers.Siglip2Model(config).save_pretrained(folder)
    return folder


def write_dino(folder: Path, kind: str) -> Path:
    registers = {} if kind == "Dinov2" else {"num_register_tokens": 3}
    config = getattr(transformers, f"{kind}Config")(**SMALL | {"image_size": 56}, **registers)
    getattr(transformers, f"{kind}Model")(config).save_pretrained(folder)
    settings = {"size": {"shortest_edge": 80}, "crop_size": {"height": 64, "width": 64}, "do_center_crop": True}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="module", autouse=True)
def same_random_weights() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip"))


def frames_of(count: int, height: int = 64, width: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 6, 8, 3), dtype=np.uint8)
    return np.stack([np.asarray(Image.fromarray(frame).resize((width, height))) for frame in coarse])


def slow_bilinear(frame: NDArray[np.uint8], side: int) -> NDArray[np.float64]:
    """`frame` squashed to a square by interpolating linearly along each axis at the new pixels' centres."""
    for axis in (0, 1):
        length = frame.shape[axis]
        centres = (np.arange(side) + 0.5) * length / side - 0.5
        frame = np.apply_along_axis(lambda line, at=centres: np.interp(at, np.arange(len(line)), line), axis, frame)
    return frame


def cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


@torch.inference_mode()
def library_clip(folder: Path, pictures: NDArray[np.uint8]) -> Any:
    tower = transformers.CLIPVisionModelWithProjection.from_pretrained(folder, projection_dim=24).eval()
    processor = transformers.CLIPImageProcessorPil.from_pretrained(folder)
    pixels = processor([Image.fromarray(picture) for picture in pictures], return_tensors="pt")["pixel_values"]
    return tower, tower(pixel_values=pixels)


def test_clip_equals_the_librarys_own_image_embedding(clip: Path) -> None:
    frames = frames_of(5)
    tower = VisionTower(str(clip), device="cpu", precision="float32")
    _, expected = library_clip(clip, frames)
    encoded = tower.encode(frames)
    assert tower.width == 24 and encoded.features.dtype == np.float32 and encoded.regions is None
    np.testing.assert_allclose(encoded.features, expected.image_embeds, atol=1e-5, rtol=1e-4)


def test_clip_from_a_camera_frame_stays_close_to_the_librarys_processor(clip: Path) -> None:
    frames = frames_of(4, 180, 320)
    tower = VisionTower(str(clip), fit="crop", device="cpu", precision="float32")
    _, expected = library_clip(clip, frames)
    assert cosine(tower.encode(frames).features, expected.image_embeds.numpy()).min() > 0.9999


def test_the_class_token_treated_like_a_patch_is_the_image_embedding(clip: Path) -> None:
    frames = frames_of(2)
    library, output = library_clip(clip, frames)
    with torch.inference_mode():
        tokens = library.visual_projection(library.vision_model.post_layernorm(output.last_hidden_state)).numpy()
    np.testing.assert_allclose(tokens[:, 0], output.image_embeds, atol=1e-5, rtol=1e-4)
    regions = VisionTower(str(clip), regions=(8, 8), device="cpu", precision="float32").encode(frames).regions
    np.testing.assert_allclose(regions, tokens[:, 1:], atol=1e-5, rtol=1e-4)


def test_regions_are_means_over_the_patches_they_touch_in_row_major_order(clip: Path) -> None:
    frames = frames_of(2)
    patches = VisionTower(str(clip), regions=(8, 8), device="cpu", precision="float32").encode(frames).regions
    pooled = VisionTower(str(clip), regions=(3, 2), device="cpu", precision="float32").encode(frames).regions
    assert patches is not None and pooled is not None
    maps = patches.reshape(2, 8, 8, 24)
    rows, columns = [(0, 3), (2, 6), (5, 8)], [(0, 4), (4, 8)]
    slow = np.stack([maps[:, a:b, c:d].mean((1, 2)) for a, b in rows for c, d in columns], axis=1)
    np.testing.assert_allclose(pooled, slow, atol=1e-5)


@pytest.mark.parametrize("precision", ["float32", BFLOAT16])
def test_features_do_not_depend_on_how_frames_are_cut_into_calls(clip: Path, precision: Any) -> None:
    frames = frames_of(11, 48, 90)
    tower = VisionTower(str(clip), regions=(2, 2), device="cpu", precision=precision)
    whole = tower.encode(frames)
    for cuts in ([1] * 11, [3, 8], [10, 1], [4, 4, 3], [2, 5, 4]):
        parts = [tower.encode(part) for part in np.split(frames, np.cumsum(cuts)[:-1])]
        assert (np.concatenate([part.features for part in parts]) == whole.features).all(), cuts
        assert (np.concatenate([part.regions for part in parts]) == whole.regions).all(), cuts  # type: ignore[misc]
    assert tower.encode(frames[:0]).features.shape == (0, 24)


@pytest.mark.native_bfloat16
def test_bfloat16_stays_close_to_float32(clip: Path) -> None:
    frames = frames_of(4)
    exact, fast = (VisionTower(str(clip), device="cpu", precision=p).encode(frames) for p in ("float32", "bfloat16"))
    assert cosine(exact.features, fast.features).min() > 0.999


@torch.inference_mode()
@pytest.mark.parametrize("size", [(64, 64), (90, 130)])
def test_published_preprocessing_is_blue_green_red_from_minus_one_to_one(clip: Path, size: tuple[int, int]) -> None:
    frames = frames_of(5, *size)
    small = frames if size == (64, 64) else np.stack([slow_bilinear(frame, 64) for frame in frames])
    pixels = torch.from_numpy((small[..., ::-1] / 127.5 - 1).astype(np.float32)).permute(0, 3, 1, 2)
    library, own = library_clip(clip, frames)
    expected = library(pixel_values=pixels).image_embeds.numpy()
    tower = VisionTower(str(clip), preprocess="published", device="cpu", precision="float32")
    features = tower.encode(frames).features
    np.testing.assert_allclose(features, expected, atol=1e-5 if size == (64, 64) else 0.02)
    # The encoder's own preprocessing is further away: this could not pass with it.
    assert abs(features - own.image_embeds.numpy()).max() > 0.1


def test_published_preprocessing_has_another_fingerprint(clip: Path) -> None:
    plain, published = (VisionTower(str(clip), preprocess=kind).identity for kind in ("encoder", "published"))
    assert "preprocess" not in plain
    assert (published["preprocess"], published["resample"]) == ("published", "opencv-bilinear")
    assert published["mean"] == published["std"] == [0.5, 0.5, 0.5]
    assert {key: plain[key] for key in ("weights", "config", "size", "fit")}.items() <= published.items()


def test_published_preprocessing_where_it_cannot_be(clip: Path) -> None:
    with pytest.raises(ConfigError, match=r"--preprocess published squashes.*--fit crop"):
        ExtractConfig(encoder=str(clip), preprocess="published", fit="crop")
    with pytest.raises(ConfigError, match="motion-grid does not use it"):
        open_encoder(ExtractConfig(encoder="motion-grid", preprocess="published"))
    assert open_encoder(ExtractConfig(encoder=str(clip), preprocess="published")).identity["preprocess"] == "published"


@torch.inference_mode()
def test_siglip_is_pooled_by_its_own_head(tmp_path: Path) -> None:
    write_siglip(tmp_path)
    frames = frames_of(3)
    tower = VisionTower(str(tmp_path), regions=(8, 8), device="cpu", precision="float32")
    processor = transformers.SiglipImageProcessorPil.from_pretrained(tmp_path, size={"height": 64, "width": 64})
    pixels = processor([Image.fromarray(frame) for frame in frames], return_tensors="pt")["pixel_values"]
    expected = transformers.SiglipVisionModel.from_pretrained(tmp_path).eval()(pixel_values=pixels)
    encoded = tower.encode(frames)
    np.testing.assert_allclose(encoded.features, expected.pooler_output, atol=1e-5, rtol=1e-4)
    np.testing.assert_allclose(encoded.regions, expected.last_hidden_state, atol=1e-5, rtol=1e-4)
    assert (tower.identity["mean"], tower.identity["std"]) == ([0.5, 0.4, 0.3], [0.5, 0.6, 0.7])
    assert tower.identity["resample"] == "bilinear"


@torch.inference_mode()
def test_siglip_2_for_any_aspect_ratio(tmp_path: Path) -> None:
    write_siglip2(tmp_path)
    frames = frames_of(3)
    tower = VisionTower(str(tmp_path), regions=(8, 8), device="cpu", precision="float32")
    processor = transformers.Siglip2ImageProcessorPil(patch_size=8, max_num_patches=64)
    inputs = processor([Image.fromarray(frame) for frame in frames], return_tensors="pt")
    expected = transformers.Siglip2VisionModel.from_pretrained(tmp_path).eval()(**inputs)
    encoded = tower.encode(frames)
    np.testing.assert_allclose(encoded.features, expected.pooler_output, atol=1e-5, rtol=1e-4)
    np.testing.assert_allclose(encoded.regions, expected.last_hidden_state, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize(("kind", "registers"), [("Dinov2", 0), ("Dinov2WithRegisters", 3), ("DINOv3ViT", 3)])
def test_dino_drops_class_and_register_tokens(tmp_path: Path, kind: str, registers: int) -> None:
    write_dino(tmp_path, kind)
    frames = frames_of(3)
    tower = VisionTower(str(tmp_path), regions=(8, 8), device="cpu", precision="float32")
    assert tower.identity["size"] == [64, 64], "read from the image processor's JSON"
    mean, std = (torch.tensor(tower.identity[key]).view(3, 1, 1) for key in ("mean", "std"))
    pixels = (torch.from_numpy(frames).permute(0, 3, 1, 2) / 255 - mean) / std
    expected = getattr(transformers, f"{kind}Model").from_pretrained(tmp_path).eval()(pixel_values=pixels)
    encoded = tower.encode(frames)
    np.testing.assert_allclose(encoded.features, expected.pooler_output, atol=1e-5, rtol=1e-4)
    np.testing.assert_allclose(encoded.regions, expected.last_hidden_state[:, 1 + registers :], atol=1e-5, rtol=1e-4)


def test_identity_is_of_the_bytes_and_the_preprocessing_not_of_the_place(clip: Path, tmp_path: Path) -> None:
    for file in clip.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    here, there = VisionTower(str(clip)), VisionTower("clip-vit-l-14", weights=tmp_path)
    assert here.identity == there.identity
    assert here.identity == json.loads(json.dumps(here.identity))
    assert str(clip) not in json.dumps(here.identity) + json.dumps(here.execution)
    assert VisionTower(str(clip), fit="pad").identity != here.identity
    assert VisionTower(str(clip), regions=(2, 2)).identity != here.identity
    other = VisionTower(str(write_clip(tmp_path / "other")))
    assert other.identity["weights"] != here.identity["weights"]


def test_sharded_weights_are_read(clip: Path, tmp_path: Path) -> None:
    transformers.CLIPModel.from_pretrained(clip).save_pretrained(tmp_path, max_shard_size="60KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    frames = frames_of(2)
    whole, sharded = (VisionTower(str(folder), device="cpu").encode(frames) for folder in (clip, tmp_path))
    assert (whole.features == sharded.features).all()


def test_weights_that_are_missing_from_the_file_are_not_made_up(clip: Path, tmp_path: Path) -> None:
    tower = transformers.CLIPVisionModel.from_pretrained(clip)  # has no projection
    tower.save_pretrained(tmp_path)
    with pytest.raises(EncoderError, match=r"lacks 1 weights .* visual_projection\.weight"):
        VisionTower(str(tmp_path))


def test_pickled_weights_are_refused(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((clip / "config.json").read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"never opened")
    with pytest.raises(EncoderError, match=r"safetensors.*pickled"):
        VisionTower(str(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_settings_that_an_editor_saved_with_a_byte_order_mark(clip: Path, tmp_path: Path, encoding: str) -> None:
    folder = Path(shutil.copytree(clip, tmp_path / "clip"))
    for name in ("config.json", "preprocessor_config.json"):
        (folder / name).write_text((clip / name).read_text(), encoding)
    frames = np.random.default_rng(0).integers(0, 256, (2, 30, 40, 3), dtype=np.uint8)
    features = [VisionTower(str(one), device="cpu").encode(frames).features for one in (clip, folder)]
    np.testing.assert_array_equal(*features)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (None, r"no config\.json"),
        ("{", "cannot be read as JSON"),
        ("[]", "JSON object"),
        ('{"model_type": "bert"}', "expected a vision tower of clip.*'bert'"),
        ('{"model_type": "clip_vision_model", "hidden_size": 7, "num_attention_heads": 2}', "cannot be loaded"),
    ],
)
def test_a_folder_without_a_tower_is_one_clear_line(clip: Path, tmp_path: Path, config: str | None, says: str) -> None:
    (tmp_path / "model.safetensors").write_bytes((clip / "model.safetensors").read_bytes())
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(EncoderError, match=says) as caught:
        VisionTower(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_damaged_weights_are_one_clear_line(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((clip / "config.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes((clip / "model.safetensors").read_bytes()[:500])
    with pytest.raises(EncoderError, match=r"model\.safetensors: no safetensors file"):
        VisionTower(str(tmp_path))


def test_neither_folder_nor_hub_id(tmp_path: Path) -> None:
    for name in ("clip", str(tmp_path / "missing"), "./missing", "a/b/c", "no spaces/allowed"):
        with pytest.raises(EncoderError, match="hub id"):
            VisionTower(name)


def test_a_grid_finer_than_the_patches_is_refused(clip: Path) -> None:
    with pytest.raises(ConfigError, match=r"9x2.*8x8 patches"):
        VisionTower(str(clip), regions=(9, 2))


def test_without_network_and_weights_one_line_says_how_to_get_them(tmp_path: Path) -> None:
    code = (
        "from scenewise.encoders.vision_tower import VisionTower\n"
        "from scenewise.errors import EncoderError\n"
        "try: VisionTower('clip-vit-l-14')\n"
        "except EncoderError as error: print(error)\n"
    )
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == "" and done.stdout.count("\n") == 1
    for hint in ("hf download openai/clip-vit-large-patch14", "--weights DIR", "motion-grid", "openvino:FILE"):
        assert hint in done.stdout
