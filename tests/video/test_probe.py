"""Opening videos: names and content that are no video, and signatures."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
from numbered_video import draw, write
from PIL import Image

from scenewise.errors import VideoError
from scenewise.video.decode import decode
from scenewise.video.probe import IMAGE_SUFFIXES, VIDEO_SUFFIXES, is_frame_folder, source_signature
from scenewise.video.source import open_source


def write_frames(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for number in range(count):
        Image.fromarray(draw(number)).save(folder / f"{number:03d}.png")
    return folder


def test_a_name_that_looks_like_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "http:").mkdir()
    for name in ("12:30 entrance.mp4", "http:/video.mp4", "%03d.mp4"):
        path = write(tmp_path / "video.mp4", "libx264", frames=2).rename(tmp_path / name)
        assert open_source(path.relative_to(tmp_path)).size == (64, 128)


@pytest.mark.parametrize("suffix", ["mp4", "avi", "mkv", "ts", "txt", "m4v", "mjpeg", "yuv"])
@pytest.mark.parametrize(
    "content", [b"", b"This is a text, not a video.\n" * 99, bytes(9999), np.random.default_rng(0).bytes(9999)]
)
def test_what_is_no_video_is_one_clear_error(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"notes.{suffix}"
    path.write_bytes(content)
    with pytest.raises(VideoError, match=rf"notes\.{suffix}: .") as told:
        open_source(path)
        list(decode(path))
    assert "\n" not in str(told.value)


def test_missing_and_silent_files(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"gone\.mp4: expected a video"):
        open_source(tmp_path / "gone.mp4")
    with pytest.raises(VideoError, match=r"gone\.mp4: expected a video"):
        list(decode(tmp_path / "gone.mp4"))
    with av.open(tmp_path / "sound.mp4", "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(VideoError, match=r"sound\.mp4: holds no video stream"):
        open_source(tmp_path / "sound.mp4")


def test_is_frame_folder(tmp_path: Path) -> None:
    assert is_frame_folder(write_frames(tmp_path / "frames"))
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos/a.mp4").touch()
    (tmp_path / "videos/.hidden.jpg").touch()
    assert not is_frame_folder(tmp_path / "videos")
    assert not is_frame_folder(tmp_path / "videos/a.mp4")
    assert not is_frame_folder(tmp_path / "gone")
    assert not VIDEO_SUFFIXES & IMAGE_SUFFIXES


def test_signature_of_a_file_knows_content_only(tmp_path: Path) -> None:
    content = np.random.default_rng(0).bytes(3 << 20)
    path, copy = tmp_path / "a.mp4", tmp_path / "b.mkv"
    path.write_bytes(content)
    copy.write_bytes(content)
    os.utime(copy, (0, 0))
    assert source_signature(path) == source_signature(copy)
    for changed in (content[:-1], content + b"x", b"x" + content[1:], content[:-1] + b"x"):
        copy.write_bytes(changed)
        assert source_signature(path) != source_signature(copy)
    for size in (0, 10, (1 << 20) + 5):
        path.write_bytes(content[:size])
        copy.write_bytes(content[:size])
        assert source_signature(path) == source_signature(copy)
    with pytest.raises(VideoError, match="gone"):
        source_signature(tmp_path / "gone.mp4")


def test_signature_of_a_long_file_samples_all_of_it(tmp_path: Path) -> None:
    path, block = tmp_path / "a.mp4", bytes(1 << 20)
    path.write_bytes(block * 16)
    before = source_signature(path)
    seen = {before}
    for mebibyte in range(16):  # a change of a MiB anywhere, the size kept
        path.write_bytes(block * mebibyte + b"x" * (1 << 20) + block * (15 - mebibyte))
        seen.add(source_signature(path))
    assert len(seen) == 17


def test_signature_of_a_folder(tmp_path: Path) -> None:
    one, two = write_frames(tmp_path / "one"), write_frames(tmp_path / "two")
    assert source_signature(one) == source_signature(two)
    content = bytearray((two / "001.png").read_bytes())
    content[-20] ^= 1
    (two / "001.png").write_bytes(content)
    assert source_signature(one) != source_signature(two), "a picture in the middle, its size as it was"
