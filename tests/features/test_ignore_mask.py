"""Burned-in clocks: blanked before encoding, and part of what the features were made from."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from conftest import write_mp4
from scenewise.config import ExtractConfig
from scenewise.errors import ConfigError, DataError
from scenewise.features.extract import extract
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.features.store import open_store
from scenewise.formats import pictures as formats_of_pictures


def mask(path: Path, size: tuple[int, int] = (64, 48), corner: int = 16) -> Path:
    """Bright in the upper left corner."""
    grey = np.zeros((size[1], size[0]), np.uint8)
    grey[: corner * size[1] // 48, : corner * size[0] // 64] = 255
    cv2.imwrite(str(path), grey)
    return path


def test_only_the_ignored_pixels_turn_black(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(1, 255, (3, 48, 64, 3), np.uint8)
    for size in ((64, 48), (128, 96), (32, 24)):
        blanked = IgnoreMask(mask(tmp_path / "a.png", size)).blank(frames)
        assert not blanked[:, :16, :16].any()
        np.testing.assert_array_equal(blanked[:, 16:], frames[:, 16:])
        np.testing.assert_array_equal(blanked[:, :, 16:], frames[:, :, 16:])
    assert frames.all()


def test_what_is_ignored_does_not_reach_the_features(tmp_path: Path) -> None:
    # The same walk twice, once with a square that wanders through the masked corner.
    write_mp4(tmp_path / "data" / "train" / "a" / "0.mp4", 20)
    config = ExtractConfig(
        encoder="motion-grid", objects=False, ignore_mask=(str(mask(tmp_path / "a.png", corner=47)),)
    )
    extract(tmp_path / "data", tmp_path / "masked", config)
    extract(tmp_path / "data", tmp_path / "plain", ExtractConfig(encoder="motion-grid", objects=False))
    masked, plain = (open_store(tmp_path / name).videos[0].features() for name in ("masked", "plain"))
    assert np.abs(masked.astype(float)).sum() < np.abs(plain.astype(float)).sum()
    assert "ignore_masks" in open_store(tmp_path / "masked").fingerprint.identity


@pytest.mark.slow
def test_another_mask_means_other_features_for_its_scene_alone(tiny_dataset: Path, tmp_path: Path) -> None:
    path = str(mask(tmp_path / "walkway.png"))
    extract(tiny_dataset, tmp_path / "features", ExtractConfig(encoder="motion-grid", objects=False))
    summary = extract(
        tiny_dataset, tmp_path / "features", ExtractConfig(encoder="motion-grid", objects=False, ignore_mask=(path,))
    )
    assert {title.split("/")[1] for title in summary.extracted} == {"walkway"} and len(summary.kept) == 3


def test_a_mask_of_too_many_pixels_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats_of_pictures, "MOST_PIXELS", 1000)
    with pytest.raises(ConfigError, match=r"64x48, more than 0.001 megapixels"):
        IgnoreMask(mask(tmp_path / "a.png"))


def test_masks_that_can_not_be(tiny_dataset: Path, tmp_path: Path) -> None:
    def told(path: Path) -> None:
        extract(
            tiny_dataset, tmp_path / "f", ExtractConfig(encoder="motion-grid", objects=False, ignore_mask=(str(path),))
        )

    with pytest.raises(ConfigError, match="named after a scene"):
        told(mask(tmp_path / "garden.png"))
    with pytest.raises(ConfigError, match="expected a picture"):
        told(tmp_path / "road.png")
    with pytest.raises(ConfigError, match="no pixel"):
        told(mask(tmp_path / "road.png", corner=0))
    with pytest.raises(DataError, match="100x10 pixels for a video of 64x48"):
        told(mask(tmp_path / "road.png", (100, 10)))
