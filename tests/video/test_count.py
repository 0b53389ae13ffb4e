"""Counting frames without decoding them, against decoding them."""

import struct
from pathlib import Path

import numpy as np
import pytest
from numbered_video import decode_all as decode_numbered
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


def test_pages_of_another_size_are_reported(tmp_path: Path) -> None:
    """A small copy behind every picture, which does not say that it is one."""
    for number in range(3):
        picture, small = Image.new("L", (16, 8), 50 * number), Image.new("L", (4, 2), 50 * number)
        picture.save(tmp_path / f"{number}.tif", save_all=True, append_images=[small])
    (fault,) = count_frames(tmp_path).faults
    assert fault[1].startswith("3 of its 6 pictures have another size than the first, such as 0.tif with 4x2")


def test_pictures_above_the_limit_are_reported(tmp_path: Path) -> None:
    folder = frame_folder(tmp_path / "folder", range(4))
    Image.new("RGB", (64, 32)).save(folder / "002.jpg")
    (fault,) = count_frames(folder, max_pixels=1000).faults
    assert fault == (
        folder,
        "1 of its 4 pictures, such as 002.jpg with 64x32, are not read: more than 0.001 megapixels; shrink them, or "
        "allow it by --max-pixels",
    )


def test_what_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "a.avi").write_bytes(bytes(1000))
    for path in (tmp_path / "a.avi", tmp_path / "none.avi"):
        with pytest.raises(VideoError):
            count_frames(path)


def empty_chunks(path: Path, target: Path, numbers: set[int]) -> Path:
    """A copy of the AVI `path` without an index, in which these frames are empty chunks: a recorder dropped them."""
    content = path.read_bytes()
    place = content.index(b"movi") + 4
    begin, chunks = place, b""
    for number in range(30):
        size = struct.unpack("<I", content[place + 4 : place + 8])[0]
        chunk = content[place : place + 8 + size + size % 2]
        chunks += chunk[:4] + bytes(4) if number in numbers else chunk
        place += len(chunk)
    head = bytearray(content[:begin])
    head[begin - 8 : begin - 4] = struct.pack("<I", 4 + len(chunks))
    head[4:8] = struct.pack("<I", len(head) + len(chunks) - 8)
    target.write_bytes(bytes(head) + chunks)
    return target


@pytest.mark.parametrize("numbers", [{10, 11, 12, 13, 14}, {7}, {0, 1}, {28, 29}, {3, 29}])
def test_dropped_frames_of_an_avi_are_not_a_cut(tmp_path: Path, numbers: set[int]) -> None:
    whole = write(tmp_path / "whole.avi", "mjpeg", frames=30, pixels="yuvj420p")
    path = empty_chunks(whole, tmp_path / "dropped.avi", numbers)
    kept = sorted(set(range(30)) - numbers)
    counted = count_frames(path)
    frames = "frame" if len(numbers) == 1 else "frames"
    assert counted == (len(kept), ((path, f"{len(numbers)} dropped {frames}; the others keep their times"),))
    decoded = decode_numbered(path)
    assert decoded.numbers == kept and not decoded.lost.any()
    np.testing.assert_allclose(decoded.times, (np.array(kept) - kept[0]) / 25, atol=1e-6)


def test_dropped_frames_that_the_header_does_not_count(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.avi", "mjpeg", frames=30, pixels="yuvj420p")
    path = empty_chunks(whole, tmp_path / "dropped.avi", {10, 11})
    content = bytearray(path.read_bytes())
    for place in (content.index(b"avih") + 24, content.index(b"strh") + 40):  # of the file, of the stream
        assert content[place : place + 4] == struct.pack("<I", 30)
        content[place : place + 4] = struct.pack("<I", 28)
    path.write_bytes(content)
    assert count_frames(path) == (28, ((path, "2 dropped frames; the others keep their times"),))


def test_dropped_frames_and_a_cut(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.avi", "mjpeg", frames=30, pixels="yuvj420p")
    path = empty_chunks(whole, tmp_path / "dropped.avi", {4, 5})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    told = [fault for _, fault in count_frames(path).faults]
    assert len(told) == 2 and "claims 30 frames" in told[0] and told[1].startswith("2 dropped frames")
