"""int8 towers: one that must be accepted, damaged ones that must be refused, and that nothing is mixed."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
import torch
from small_towers import write_tower
from torch import Tensor

from scenewise.config import ExtractConfig
from scenewise.encoders import open_encoder
from scenewise.encoders.calibrate_tower import cached_int8_tower, calibrate, is_int8_tower, open_float_tower
from scenewise.encoders.int8_tower import AGREEMENT, agreement, make_int8_tower, quantise, require_agreement
from scenewise.encoders.tower_cache import WEIGHTS
from scenewise.encoders.vision_tower import VisionTower
from scenewise.errors import ConfigError, EncoderError


def pictures_of(scenes: int = 2, count: int = 9) -> dict[str, Tensor]:
    random = np.random.default_rng(6)
    coarse = random.integers(0, 256, (scenes, count, 3, 8, 8), dtype=np.uint8).repeat(8, 3).repeat(8, 4)
    return {f"scene {place}": torch.from_numpy(part) for place, part in enumerate(coarse)}


@pytest.fixture
def tower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VisionTower:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return open_float_tower(ExtractConfig(encoder=str(write_tower(tmp_path / "tower", seed=5))))


def test_agreement_is_a_cosine_without_the_mean() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(20, 5)).astype(np.float32)
    centred = rows - rows.mean(0)
    other = random.normal(size=(20, 5)).astype(np.float32)
    slow = sum(float(a @ b) for a, b in zip(centred, other - other.mean(0), strict=True))
    slow /= np.sqrt((centred**2).sum() * ((other - other.mean(0)) ** 2).sum())
    assert agreement(rows, other) == pytest.approx(slow, abs=1e-6)
    assert agreement(rows, 3 * rows + 7) == pytest.approx(1, abs=1e-6), "a scale and a shift change nothing"
    # A cosine of the features themselves would not notice noise as large as what tells frames apart.
    far = rows + 1000
    noisy = far + other
    plain = (far * noisy).sum(1) / np.linalg.norm(far, axis=1) / np.linalg.norm(noisy, axis=1)
    assert plain.min() > 0.999 and agreement(far, noisy) < 0.8


def test_agreement_of_a_scene_in_which_nothing_moves() -> None:
    still, moving = np.ones((4, 3), np.float32), np.eye(4, 3, dtype=np.float32)
    assert agreement(still, still) == 1 and agreement(still, moving) == 0 and agreement(moving, still) == 0


@pytest.mark.parametrize("worst", [AGREEMENT - 0.001, 0.0, -1.0, float("nan")])
def test_one_scene_that_does_not_agree_is_enough_to_refuse(worst: float) -> None:
    with pytest.raises(EncoderError, match=r"int8.*in b, .*expected at least 0\.9; give --precision float32"):
        require_agreement({"a": 0.999, "b": worst, "c": 0.95})
    require_agreement({"a": 0.999, "c": AGREEMENT})


def no_quantisation(graph: ov.Model, pictures: object) -> ov.Model:
    return graph


def made_by(tower: VisionTower, scenes: Mapping[str, Tensor], quantise_: object) -> Mapping[str, float]:
    from functools import partial

    from scenewise.encoders.calibrate_tower import _compiled

    _, checked = make_int8_tower(
        tower.graph(),
        scenes,
        tower.normalised,
        partial(_compiled, tower),
        quantise_,  # type: ignore[arg-type]
    )
    found: Mapping[str, float] = checked["agreement"]
    return found


@pytest.mark.slow
def test_calibration_sees_the_first_two_thirds_of_each_scene(tower: VisionTower) -> None:
    scenes, seen = pictures_of(), []

    def watched(graph: ov.Model, pictures: list[np.ndarray]) -> ov.Model:
        seen.extend(pictures)
        return graph

    assert all(found > 0.99999 for found in made_by(tower, scenes, watched).values())
    expected = torch.cat([tower.normalised(pictures[:6]) for pictures in scenes.values()])
    np.testing.assert_array_equal(np.concatenate(seen), expected.numpy())


@pytest.mark.slow
def test_a_graph_of_other_weights_is_refused(tower: VisionTower, tmp_path: Path) -> None:
    other = open_float_tower(ExtractConfig(encoder=str(write_tower(tmp_path / "other", seed=7))))
    with pytest.raises(EncoderError, match="change too much in int8"):
        made_by(tower, pictures_of(), lambda graph, pictures: other.graph())


def with_one_range_cut(graph: ov.Model, pictures: list[np.ndarray]) -> ov.Model:
    """The int8 graph in which the range of the first activation is a twentieth of what it should be."""
    int8 = quantise(graph, pictures)
    ranges = [node for node in int8.get_ordered_ops() if node.get_type_name() == "FakeQuantize"]
    for place in range(1, 5):
        old = ranges[0].input_value(place).get_node()
        cut = ov.opset13.constant(np.asarray(old.get_data()) / 20)
        ranges[0].input(place).replace_source_output(cut.output(0))
    return int8


@pytest.mark.slow
def test_nncf_is_accepted_and_what_is_damaged_after_it_is_refused(tower: VisionTower) -> None:
    pytest.importorskip("nncf")
    found = made_by(tower, pictures_of(), quantise)
    assert all(AGREEMENT < value < 0.99999 for value in found.values())
    with pytest.raises(EncoderError, match="change too much in int8"):
        made_by(tower, pictures_of(), with_one_range_cut)


@pytest.mark.slow
def test_an_int8_tower_is_another_encoder_and_its_folder_can_move(tower: VisionTower, tmp_path: Path) -> None:
    pytest.importorskip("nncf")
    scenes = pictures_of()
    folder = cached_int8_tower(tower, scenes)
    calibrate(tower, scenes, folder)
    frames = np.ascontiguousarray(scenes["scene 0"].permute(0, 2, 3, 1).numpy())
    config = ExtractConfig(encoder=str(tmp_path / "tower"), precision="int8", int8_tower=str(folder))
    int8 = open_encoder(config)
    assert int8.execution["precision"] == "int8" and int8.execution["device"] == "cpu"
    assert int8.identity["precision"] == "int8" and int8.identity != tower.identity
    features, exact = int8.encode(frames).features, tower.encode(frames).features
    assert AGREEMENT < agreement(exact, features) < 0.99999
    for cut in (1, 4):
        parts = np.concatenate([int8.encode(part).features for part in np.split(frames, [cut])])
        assert (parts == features).all()

    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    again = open_encoder(ExtractConfig(encoder=str(tmp_path / "tower"), precision="int8", int8_tower=str(moved)))
    assert again.identity == int8.identity and (again.encode(frames).features == features).all()
    crops = frames[:2, :56, :56]
    assert (int8.object_encoder().encode(crops) == tower.object_encoder().encode(crops)).all(), "crops stay in float"
    assert int8.object_encoder().identity == tower.object_encoder().identity

    (moved / WEIGHTS).write_bytes(b"damaged")
    with pytest.raises(EncoderError, match="int8 tower is damaged"):
        open_encoder(ExtractConfig(encoder=str(tmp_path / "tower"), precision="int8", int8_tower=str(moved)))
    other = str(write_tower(tmp_path / "other", seed=7))
    with pytest.raises(EncoderError, match="from another tower: its weights differs"):
        open_encoder(ExtractConfig(encoder=other, precision="int8", int8_tower=str(folder)))
    assert not is_int8_tower(folder, open_float_tower(ExtractConfig(encoder=other)))


def test_int8_where_it_cannot_be(tmp_path: Path) -> None:
    for encoder in ("efficientnet-lite0",):
        with pytest.raises(ConfigError, match="only vision towers"):
            open_encoder(ExtractConfig(encoder=encoder, precision="int8"))
    folder = str(write_tower(tmp_path, seed=5))
    with pytest.raises(ConfigError, match="has to be calibrated first"):
        open_encoder(ExtractConfig(encoder=folder, precision="int8"))
    with pytest.raises(EncoderError, match=r"no such folder; copy it from the machine that extracted"):
        open_encoder(ExtractConfig(encoder=folder, precision="int8", int8_tower=str(tmp_path / "none")))


def test_without_nncf_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "nncf", None)
    with pytest.raises(ConfigError, match=r"pip install 'scenewise\[int8\]'"):
        quantise(None, [])
