"""Recordings that are cut keep every frame, are learned from before they are scored, and are cut once."""

import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from scenewise.cli import run as cli
from scenewise.datasets import load_dataset
from scenewise.recordings.cameras import sort_by_camera
from scenewise.recordings.cut import cut
from scenewise.recordings.split import split
from scenewise.video.source import open_source


def record(path: Path, frames: int, codec: str = "libx264", distance: int = 10, fps: int = 10) -> Path:
    """A film whose frame n has the grey 2 n, with a key frame every `distance` frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.height, stream.width, stream.pix_fmt, stream.gop_size = 48, 64, "yuv420p", distance
        stream.codec_context.options = {"sc_threshold": "0"} if codec == "libx264" else {}
        for number in range(frames):
            grey = np.full((48, 64, 3), 2 * number % 250, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def greys(path: Path) -> list[int]:
    return [round(float(frame.mean()) / 2) for block in open_source(path).blocks(16) for frame in block.frames]


@pytest.mark.parametrize(("name", "codec", "distance", "begins"), [
    ("a.mp4", "libx264", 10, [0.0, 4.0, 8.0]),  # copied: key frames are near
    ("a.mkv", "libx264", 250, [0.0, 3.9, 8.2]),  # encoded again: there is one key frame
    ("a.avi", "mpeg4", 10, None),
])  # fmt: skip
def test_parts_hold_every_frame_once_and_in_order(
    name: str, codec: str, distance: int, begins: list[float] | None, tmp_path: Path
) -> None:
    whole = record(tmp_path / name, 120, codec, distance)
    found = cut(whole, [0.0, 3.9, 8.2], [tmp_path / f"part-{number}" for number in range(3)])
    parts = [greys(tmp_path / f"part-{number}.mkv") for number in range(3)]
    assert begins is None or found == pytest.approx(begins)
    assert [len(part) for part in parts[:2]] == [round(10 * (late - early)) for early, late in pairwise(found)]
    np.testing.assert_allclose([grey for part in parts for grey in part], greys(whole), atol=2)
    assert {open_source(tmp_path / f"part-{number}.mkv").fps for number in range(3)} == {10.0}


def test_cameras_become_a_data_set_once(tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    record(root / "gate.mp4", 300)
    for day in range(5):
        record(root / "yard" / f"2026-01-0{day + 1}.mp4", 50)
    made = split(sort_by_camera(root), tmp_path / "data")
    assert [(one.name, one.learn_videos, one.score_videos) for one in made] == [("gate", 5, 1), ("yard", 3, 2)]
    videos = load_dataset(tmp_path / "data").videos
    assert sum(video.split == "train" for video in videos) == 8 and all(video.path.exists() for video in videos)
    frames = {
        scene: sum(len(greys(video.path)) for video in videos if video.scene == scene) for scene in ("gate", "yard")
    }
    assert frames == {"gate": 300, "yard": 250}
    written = (tmp_path / "data" / "dataset.json").stat().st_mtime_ns
    assert split(sort_by_camera(root), tmp_path / "data") == made
    assert (tmp_path / "data" / "dataset.json").stat().st_mtime_ns == written


def test_a_folder_of_pictures_is_cut_too(tmp_path: Path) -> None:
    from PIL import Image

    for number in range(100):
        path = tmp_path / "in" / "gate" / "monday" / f"{number:04d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 24), (number, 0, 0)).save(path)
    assert cli(["split", str(tmp_path / "in"), "--out", str(tmp_path / "data"), "--fps", "5"]) == 0
    videos = load_dataset(tmp_path / "data").videos
    assert {video.scene for video in videos} == {"gate"} and {video.fps for video in videos} == {5.0}
    assert sum(len(list(video.path.iterdir())) for video in videos) == 100


def test_from_recordings_to_the_page_in_one_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for camera in ("gate", "yard"):
        record(tmp_path / "in" / f"{camera}.mp4", 240)
    arguments = ["try", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--encoder", "motion-grid", "--json"]
    assert cli(arguments) == 0
    printed = capsys.readouterr()
    result = json.loads(printed.out)
    assert "frame-knn" in printed.err, "nothing moves in front of these cameras"
    assert [video["scene"] for video in result["videos"]] == ["gate", "yard"] and not result["failed"]
    assert Path(result["page"]).is_file() and result["verdicts"]["gate"]["enough_for"] == "ranking"
    assert all(f"{step} of 4" in printed.err for step in range(1, 5))
    assert cli(arguments) == 0, "what is there is kept"
    assert "there already" in capsys.readouterr().err


def test_the_results_may_not_lie_among_the_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(tmp_path / "gate.mp4", 30)
    assert cli(["try", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "choose a folder outside" in capsys.readouterr().err
