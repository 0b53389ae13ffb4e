"""A scene that cannot be learned ends no extraction: the others are extracted, and it is named with its reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from conftest import write_mp4
from scenewise.cli import run
from scenewise.config import ExtractConfig
from scenewise.dataset_tools.check import check_dataset
from scenewise.errors import DataError, VideoError
from scenewise.features.extract import extract
from scenewise.features.store import open_store

MOTION = ExtractConfig(encoder="motion-grid")


def not_a_video(path: Path) -> None:
    path.write_bytes(b"junk" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_frame_decodes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    begin, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    if end > begin:
        content[begin:end] = bytes((37 * place + 11) % 256 for place in range(end - begin))
    path.write_bytes(content)


def pictures_without_numbers(path: Path) -> None:
    path.unlink()
    path.with_suffix("").mkdir()
    Image.new("RGB", (64, 48)).save(path.with_suffix("") / "beach.jpg")


SPOIL = [not_a_video, empty, no_frame_decodes, pictures_without_numbers]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two scenes of two training videos and a test video each."""
    for place, scene in enumerate(("gate", "yard")):
        for number in range(2):
            write_mp4(tmp_path / "data/train" / scene / f"{number}.mp4", 20, seed=10 * place + number)
        write_mp4(tmp_path / "data/test" / scene / "0.mp4", 20, seed=10 * place + 5)
    return tmp_path / "data"


@pytest.mark.parametrize("spoil", SPOIL)
def test_the_other_scenes_are_extracted(
    spoil: Callable[[Path], None], data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        spoil(data / f"train/gate/{number}.mp4")
    assert run(["extract", str(data), "--out", str(tmp_path / "f"), "--encoder", "motion-grid"]) == 0
    printed = capsys.readouterr().out
    (line,) = [line for line in printed.splitlines() if line.startswith("scene gate cannot be learned: ")]
    assert "of its 2 training videos none can be read; " in line and f"{data}/train/gate/0" in line
    store = open_store(tmp_path / "f")
    assert [video.title for video in store.videos] == ["train/yard/0", "train/yard/1", "test/yard/0"]
    assert {failed["video"] for failed in store.failed} == {"train/gate/0", "train/gate/1", "test/gate/0"}
    assert "so scene gate has no background" in next(
        failed["reason"] for failed in store.failed if failed["video"] == "test/gate/0"
    )
    assert not (tmp_path / "f/backgrounds/gate.safetensors").exists()


def test_the_summary_names_the_scene_for_machines_too(data: Path, tmp_path: Path) -> None:
    for number in range(2):
        not_a_video(data / f"train/gate/{number}.mp4")
    summary = extract(data, tmp_path / "f", MOTION)
    assert [one["scene"] for one in summary.as_json()["failed_scenes"]] == ["gate"]
    again = extract(data, tmp_path / "f", MOTION)
    assert again.kept == summary.extracted and again.failed_scenes == summary.failed_scenes
    with pytest.raises(VideoError, match="gate/0"):
        extract(data, tmp_path / "strict", ExtractConfig(encoder="motion-grid", strict=True))


def test_without_objects_no_background_is_missed(data: Path, tmp_path: Path) -> None:
    for number in range(2):
        not_a_video(data / f"train/gate/{number}.mp4")
    summary = extract(data, tmp_path / "f", ExtractConfig(encoder="motion-grid", objects=False))
    assert "test/gate/0" in summary.extracted and [one["scene"] for one in summary.failed_scenes] == ["gate"]


@pytest.mark.parametrize("spoil", SPOIL)
def test_one_unreadable_video_does_not_cost_its_scene(
    spoil: Callable[[Path], None], data: Path, tmp_path: Path
) -> None:
    spoil(data / "train/gate/0.mp4")
    summary = extract(data, tmp_path / "f", MOTION)
    assert [failed["video"] for failed in summary.failed] == ["train/gate/0"] and summary.failed_scenes == []
    assert {"train/gate/1", "test/gate/0"} <= set(summary.extracted)


def test_a_repaired_scene_is_learned(data: Path, tmp_path: Path) -> None:
    whole = {path: path.read_bytes() for path in data.glob("train/gate/*.mp4")}
    for path in whole:
        not_a_video(path)
    extract(data, tmp_path / "f", MOTION)
    for path, content in whole.items():
        path.write_bytes(content)
    summary = extract(data, tmp_path / "f", MOTION)
    assert summary.extracted == ["train/gate/0", "train/gate/1", "test/gate/0"] and summary.failed_scenes == []


def test_if_no_scene_is_left_it_is_an_error(data: Path, tmp_path: Path) -> None:
    for path in data.glob("train/*/*.mp4"):
        not_a_video(path)
    with pytest.raises(DataError, match="none of its 6 videos can be read"):
        extract(data, tmp_path / "f", MOTION)


def test_the_check_names_the_scene(data: Path) -> None:
    for number in range(2):
        not_a_video(data / f"train/gate/{number}.mp4")
    reasons = [reason for path, reason in check_dataset(data).mismatches if path == data / "train/gate/0.mp4"]
    assert "scene gate cannot be learned: of its 2 training videos none can be read" in reasons
