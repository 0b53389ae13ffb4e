"""Where extraction writes: the user's footage and files are never touched, and two commands never write at once."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import write_mp4
from scenewise.config import ExtractConfig
from scenewise.errors import ConfigError
from scenewise.features.extract import extract
from scenewise.output_folder import OutputFolder

MOTION = ExtractConfig(encoder="motion-grid", objects=False, block=16)


def frames(folder: Path, count: int = 20) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        picture = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
        Image.fromarray(picture).save(folder / f"{number:06d}.png")
    return folder


def files_of(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("out", [".", "train", "test/road", "train/road/00", "../data/train/.."])
def test_footage_is_never_written_into(tmp_path: Path, out: str) -> None:
    data = tmp_path / "data"
    frames(data / "train" / "road" / "00")
    frames(data / "test" / "road" / "00")
    before = files_of(data)
    with pytest.raises(ConfigError, match="lies among the footage"):
        extract(data, data / out, MOTION)
    (tmp_path / "link").symlink_to(data)
    with pytest.raises(ConfigError, match="lies among the footage"):
        extract(data, tmp_path / "link", MOTION)
    assert files_of(data) == before


def test_footage_that_lies_elsewhere_is_never_written_into(tmp_path: Path) -> None:
    footage = frames(tmp_path / "store" / "train" / "road" / "00")
    (tmp_path / "data").mkdir()
    videos = [{"scene": "road", "name": "00", "split": "train", "path": "../store/train/road/00"}]
    (tmp_path / "data" / "dataset.json").write_text(json.dumps({"format": 1, "videos": videos}))
    before = files_of(footage)
    for out in (tmp_path / "store", footage):
        with pytest.raises(ConfigError, match="where its footage lies"):
            extract(tmp_path / "data", out, MOTION)
    assert files_of(tmp_path / "store") == before
    extract(tmp_path / "data", tmp_path / "data" / "features", MOTION)
    assert files_of(footage) == before


def test_other_files_are_kept_and_named(tiny_dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "f"
    extract(tiny_dataset, out, MOTION)
    target = out / "train" / "walkway" / "01"
    (target / ".hidden").write_text("mine")
    (target / "video.json").unlink()
    (target / "000000.safetensors").write_bytes(b"damaged")
    assert extract(tiny_dataset, out, MOTION).extracted == ["train/walkway/01"]
    assert (target / ".hidden").read_text() == "mine"
    for name in ("diary.txt", "000.safetensors", "notes.safetensors"):
        (target / name).write_text("mine")
        before = files_of(out)
        with pytest.raises(ConfigError, match=name):
            extract(tiny_dataset, out, MOTION)
        assert files_of(out) == before
        (target / name).unlink()
    shutil.rmtree(target)
    target.write_text("mine")
    with pytest.raises(ConfigError, match="found a file"):
        extract(tiny_dataset, out, MOTION)


def test_one_extract_at_a_time(tmp_path: Path) -> None:
    write_mp4(tmp_path / "data" / "train" / "road" / "0.mp4", 20)
    out = tmp_path / "f"
    with OutputFolder(out, "features").lock():
        with pytest.raises(ConfigError, match="another command is writing"):
            extract(tmp_path / "data", out, MOTION)
        assert not (out / "train").exists()
    extract(tmp_path / "data", out, MOTION)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "f"]
