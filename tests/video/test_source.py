"""Files, folders of pictures and streams are read in the same way; what cannot be known of a stream is None."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from numbered_video import draw, read_number, write
from PIL import Image

from scenewise.errors import VideoError
from scenewise.video import probe, stream
from scenewise.video.read_ahead import read_ahead
from scenewise.video.source import FrameSource, open_source
from scenewise.video.stream import is_address, without_password


def write_pictures(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    for number in range(count):
        Image.fromarray(draw(number)).save(folder / f"{number:03d}.png")
    return folder


def numbers(source: FrameSource, batch: int = 8) -> list[int]:
    return [read_number(frame) for block in source.blocks(batch) for frame in block.frames]


def test_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "monday.mp4", "libx264", frames=20, b_frames=2)
    source = open_source(path, fps=5)
    assert (source.name, source.where, source.size) == ("monday", str(path), (64, 128))
    assert source.fps == source.fps_claimed == 25, "a file has its times"
    assert source.frames_claimed == 20 and source.can_be_read_again and len(source.signature or "") == 64
    assert numbers(source) == numbers(source) == list(range(20))
    for name in ("video.ts", "video.mkv"):  # no frame count in either: estimated
        assert open_source(write(tmp_path / name, "libx264", frames=20)).frames_claimed == pytest.approx(20, abs=2)


def test_a_file_is_opened_once_to_be_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "video.mp4", "libx264", frames=5)
    opened, real = [], av.open
    monkeypatch.setattr(probe.av, "open", lambda *given, **named: opened.append(given) or real(*given, **named))
    source = open_source(str(path))
    for _ in range(2):
        assert source.fps and source.fps_claimed and source.frames_claimed and source.size and source.signature
    assert len(opened) == 1
    assert len(numbers(source)) == 5 and len(opened) == 2


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    source = open_source(write_pictures(tmp_path / "frames"), fps=10)
    assert (source.name, source.size, source.fps, source.frames_claimed) == ("frames", (64, 128), 10, 3)
    assert open_source(tmp_path / "frames").fps == 25 and source.can_be_read_again and source.signature
    assert numbers(source) == [0, 1, 2]
    assert next(source.blocks(3)).timestamps.tolist() == pytest.approx([0, 0.1, 0.2])


@contextmanager
def served(path: Path, seconds_a_part: float = 0.0) -> Iterator[str]:
    """The file over HTTP, in parts that come slowly, as a camera sends them."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            content = path.read_bytes()
            try:
                for first in range(0, len(content), 4096):
                    self.wfile.write(content[first : first + 4096])
                    time.sleep(seconds_a_part)
            except OSError:
                pass  # the reader has had enough

        def log_message(self, *given: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/live/1.ts?token=secret"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_stream_is_read_once_to_its_end(tmp_path: Path) -> None:
    with served(write(tmp_path / "video.ts", "libx264", frames=40)) as address:
        source = open_source(address)
        assert source.name == "127-0-0-1-live-1-ts" and "secret" not in source.where
        assert source.signature is None and source.frames_claimed is None and not source.can_be_read_again
        assert source.size == (64, 128) and source.fps == 25
        blocks = list(source.blocks(batch=32))
        assert [read_number(frame) for block in blocks for frame in block.frames] == list(range(40))
        assert max(len(block.frames) for block in blocks) <= 5, "no frame waits long for others"
        times = np.concatenate([block.timestamps for block in blocks])
        np.testing.assert_allclose(times, np.arange(40) / 25, atol=1e-3)
        with pytest.raises(VideoError, match="once only"):
            next(source.blocks(8))


def test_a_stream_that_nobody_reads_on_is_closed(tmp_path: Path) -> None:
    with served(write(tmp_path / "video.ts", "libx264", frames=400), 0.005) as address:
        with read_ahead(open_source(address).blocks(batch=8)) as blocks:
            assert read_number(next(blocks).frames[0]) == 0
        assert not any(thread.name == "read-ahead" for thread in threading.enumerate())


@pytest.mark.slow
def test_a_file_that_is_still_written_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "OPEN_TIMEOUT", 0.5)
    monkeypatch.setattr(stream, "READ_TIMEOUT", 1.0)
    content = write(tmp_path / "whole.ts", "libx264", frames=250).read_bytes()
    half, growing = len(content) // 2, tmp_path / "growing.ts"
    growing.write_bytes(content[:half])

    def grow() -> None:
        time.sleep(0.3)
        with growing.open("ab") as file:
            file.write(content[half:])

    source = open_source(f"follow:{growing}")
    thread = threading.Thread(target=grow)
    thread.start()
    assert source.name == "growing" and numbers(source) == list(range(250))
    thread.join()


def test_an_address_without_a_stream_is_one_clear_error() -> None:
    with pytest.raises(VideoError, match=r"rtsp://127\.0\.0\.1:9/1: the stream cannot be opened") as refused:
        open_source("rtsp://user:secret@127.0.0.1:9/1")
    assert "secret" not in str(refused.value)


def test_addresses_and_paths(tmp_path: Path) -> None:
    assert all(is_address(one) for one in ("rtsp://camera/1", "udp://@:5000", "follow:today.ts"))
    assert not any(is_address(one) for one in ("12:30 entrance.mp4", "http:/video.mp4", tmp_path, Path("a.mp4")))
    assert without_password("rtsp://me:p@ss@camera:554/1?password=x") == "rtsp://camera:554/1?..."
    assert without_password("udp://@:5000") == "udp://@:5000"
