"""`extract --precision int8`: what is calibrated on, where the tower is kept, and that it is not made anew."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
import torch
import transformers

from conftest import write_mp4
from scenewise.config import ExtractConfig, ScoreConfig
from scenewise.encoders import calibrate_tower
from scenewise.errors import ConfigError, EncoderError, FingerprintError
from scenewise.features import int8_calibration
from scenewise.features.extract import extract
from scenewise.features.store import open_store
from scenewise.inference.score_videos import score_videos
from scenewise.runs.train import train

pytestmark = pytest.mark.slow


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ExtractConfig:
    """int8 by a tower of random weights; a quantisation that changes nothing stands for NNCF."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(calibrate_tower, "quantise", lambda graph, pictures: graph)
    torch.manual_seed(11)
    settings = transformers.CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
        projection_dim=16,
    )
    transformers.CLIPVisionModelWithProjection(settings).save_pretrained(tmp_path / "tower")
    return ExtractConfig(encoder=str(tmp_path / "tower"), precision="int8", objects=False)


def test_a_store_goes_on_with_its_own_tower_and_a_run_scores_with_it(
    config: ExtractConfig, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibrated = []
    plain = int8_calibration.calibrate
    monkeypatch.setattr(int8_calibration, "calibrate", lambda *given: calibrated.append(given[1]) or plain(*given))
    out = tmp_path / "features"
    extract(tiny_dataset, out, config)
    (scenes,) = calibrated
    assert set(scenes) == {"road", "walkway"}
    assert all(36 <= len(pictures) <= 40 and pictures.shape[1:] == (3, 32, 32) for pictures in scenes.values())

    write_mp4(tiny_dataset / "train" / "road" / "later.mp4", 40, seed=77)
    summary = extract(tiny_dataset, out, config)
    assert summary.extracted == ["train/road/later"] and len(summary.kept) == 6 and len(calibrated) == 1
    recorded = open_store(out).extract_config
    assert recorded is not None and recorded.int8_tower is not None

    train(out, tmp_path / "run", "frame-knn")
    video = str(tiny_dataset / "test" / "road" / "00.mp4")
    assert score_videos(tmp_path / "run", [video], tmp_path / "scored").videos
    moved = Path(recorded.int8_tower).rename(tmp_path / "moved")
    with pytest.raises(EncoderError, match="give it by --int8-tower"):
        score_videos(tmp_path / "run", [video], tmp_path / "again")
    assert score_videos(tmp_path / "run", [video], tmp_path / "again", ScoreConfig(int8_tower=str(moved))).videos


def test_int8_and_float32_are_never_mixed(config: ExtractConfig, tiny_dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "features"
    extract(tiny_dataset, out, replace(config, split="train"))
    assert open_store(out).fingerprint.identity["precision"] == "int8"
    with pytest.raises(FingerprintError, match=r"made otherwise: .*precision"):
        extract(tiny_dataset, out, replace(config, split="test", precision="float32"))
    summary = extract(tiny_dataset, out, replace(config, split="all", precision="float32"))
    assert not summary.kept and "precision" not in open_store(out).fingerprint.identity


def test_a_tower_that_is_refused_leaves_nothing(
    config: ExtractConfig, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ruined(graph: ov.Model, pictures: object) -> ov.Model:
        cut = ov.Model(graph.outputs, graph.get_parameters()).clone()
        product = next(node for node in cut.get_ordered_ops() if node.get_type_name() == "Convolution")
        product.input(0).replace_source_output(ov.opset13.multiply(product.input_value(0), np.float32(0)).output(0))
        return cut

    monkeypatch.setattr(calibrate_tower, "quantise", ruined)
    with pytest.raises(EncoderError, match=r"change too much in int8: in (road|walkway)"):
        extract(tiny_dataset, tmp_path / "features", config)
    assert not (tmp_path / "features" / "manifest.json").exists()
    assert not list((tmp_path / "cache").rglob("*int8*/made.json"))


def test_a_folder_that_is_named_is_calibrated_once(config: ExtractConfig, tiny_dataset: Path, tmp_path: Path) -> None:
    named = replace(config, int8_tower=str(tmp_path / "own tower"))
    for out in ("one", "two"):
        extract(tiny_dataset, tmp_path / out, named)
    assert {path.name for path in (tmp_path / "own tower").iterdir()} == {
        "SHA256SUMS",
        "made.json",
        "tower.bin",
        "tower.xml",
    }
    first, second = (open_store(tmp_path / out).fingerprint.digest for out in ("one", "two"))
    assert first == second


def test_without_training_videos_there_is_nothing_to_calibrate_on(config: ExtractConfig, tmp_path: Path) -> None:
    write_mp4(tmp_path / "data" / "train" / "road" / "short.mp4", 3)
    with pytest.raises(ConfigError, match="calibrated on the training videos, and none has 9 frames"):
        extract(tmp_path / "data", tmp_path / "features", config)
