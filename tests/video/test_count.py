"""Counting frames without decoding them, against decoding them."""

from pathlib import Path

import numpy as np
import pytest
from numbered_video import write
from PIL import Image

from scenewise.errors import VideoError
from scenewise.video.count import count_frames, decode_all

CONTAINERS = [("a.avi", "mpeg4"), ("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.ts", "libx264")]


def frame_folder(folder: Path, numbers: range) -> Path:
    folder.mkdir(parents=True)
    for number in numbers:
        Image.fromarray(np.full((8, 8, 3), number, np.uint8)).save(folder / f"{number:03d}.jpg")
    return folder


@pytest.mark.parametrize(("name", "codec"), CONTAINERS)
def test_whole_files(tmp_path: Path, name: str, codec: str) -> None:
    path = write(tmp_path / name, codec, frames=30)
    assert count_frames(path) == decode_all(path) == (30, ())


@pytest.mark.parametrize(("name", "codec"), CONTAINERS[:2])
def test_a_file_that_is_cut_off_is_reported(tmp_path: Path, name: str, codec: str) -> None:
    path = write(tmp_path / name, codec, frames=30, muxer={"movflags": "faststart"} if name.endswith("mp4") else None)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 8 // 10])
    counted = count_frames(path)
    assert 0 < counted.frames < 30 and [path_at_fault for path_at_fault, _ in counted.faults] == [path]
    assert "claims 30 frames" in counted.faults[0][1]


def test_folders_of_pictures(tmp_path: Path) -> None:
    assert count_frames(frame_folder(tmp_path / "whole", range(12))) == (12, ())
    assert decode_all(frame_folder(tmp_path / "every-fifth", range(0, 60, 5))) == (12, ())


def test_missing_empty_and_damaged_pictures_are_reported(tmp_path: Path) -> None:
    folder = frame_folder(tmp_path / "folder", range(20))
    (folder / "007.jpg").unlink()
    (folder / "011.jpg").write_bytes(b"")
    (folder / "013.jpg").write_bytes((folder / "013.jpg").read_bytes()[:200])
    counted = count_frames(folder)
    assert counted.frames == 19
    assert counted.faults[0] == (folder, "pictures are missing between 6 and 8")
    assert counted.faults[1][0] == folder / "011.jpg"
    decoded = decode_all(folder)
    assert decoded.frames == 19 and "2 of its 19 frames cannot be decoded: 10, 12" in decoded.faults[-1][1]


def test_pictures_of_another_size_are_reported(tmp_path: Path) -> None:
    folder = frame_folder(tmp_path / "folder", range(12))
    for number in (3, 4):
        Image.new("RGB", (16, 8)).save(folder / f"{number:03d}.jpg")
    (folder / "005.jpg").write_bytes(b"damaged")
    counted = count_frames(folder)
    assert counted.frames == 12 and [path for path, _ in counted.faults] == [folder]
    assert "2 of its 12 pictures have another size than the first, such as 003.jpg with 16x8" in counted.faults[0][1]
    assert "scaled to 8x8" in counted.faults[0][1]


def test_what_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "a.avi").write_bytes(bytes(1000))
    for path in (tmp_path / "a.avi", tmp_path / "none.avi"):
        with pytest.raises(VideoError):
            count_frames(path)
