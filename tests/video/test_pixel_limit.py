"""Pictures above the limit are refused before they are decoded; blocks of large pictures are short."""

import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
from numbered_video import decode_all, draw, write
from PIL import Image

from scenewise.cli import run
from scenewise.errors import VideoError
from scenewise.video import decode as decoding
from scenewise.video.count import count_frames
from scenewise.video.decode import decode, read_frames
from scenewise.video.sample import sample_frames
from scenewise.video.source import open_source

LIMIT = 128 * 64


def picture_folder(folder: Path, sizes: list[tuple[int, int]]) -> Path:
    folder.mkdir(parents=True)
    for number, size in enumerate(sizes):
        Image.fromarray(draw(number, *size)).save(folder / f"{number:03d}.png")
    return folder


@pytest.fixture(params=["mp4", "pictures"])
def large(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Pictures of twice LIMIT."""
    if request.param == "mp4":
        return write(tmp_path / "large.mp4", "libx264", frames=4, size=(256, 64))
    return picture_folder(tmp_path / "large", [(256, 64)] * 4)


def test_every_reader_refuses_what_is_above_the_limit(large: Path) -> None:
    told = "pictures are 256x64, more than 0.008192 megapixels; .* --max-pixels"
    for read in (
        lambda: open_source(large, max_pixels=LIMIT),
        lambda: list(decode(large, max_pixels=LIMIT)),
        lambda: read_frames(large, [0], max_pixels=LIMIT),
        lambda: count_frames(large, LIMIT),
        lambda: sample_frames(large, 2, prepared=lambda frame: frame, max_pixels=LIMIT),
    ):
        with pytest.raises(VideoError, match=told):
            read()
    assert len(decode_all(large, max_pixels=2 * LIMIT).numbers) == 4


def test_commands_take_the_limit(large: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "data" / "train" / "gate"
    place.mkdir(parents=True)
    shutil.move(large, place)
    motion = ["--encoder", "motion-grid", "--no-objects"]
    for command in (
        ["extract", str(tmp_path / "data"), "--out", str(tmp_path / "f"), *motion],
        ["datasets", "check", str(tmp_path / "data")],
    ):
        assert run([*command, "--max-pixels", str(LIMIT)]) == 2
        told = capsys.readouterr()
        assert "pictures are 256x64" in told.out + told.err and "Traceback" not in told.err
        assert run(command) == 0


def test_a_stream_that_grows_beyond_the_limit(tmp_path: Path) -> None:
    """A camera is set up anew in the middle of a recording: what is too large is lost, the rest is read."""
    parts = [
        write(tmp_path / f"{n}.ts", "libx264", frames=24, size=size) for n, size in enumerate([(128, 64), (512, 256)])
    ]
    path = tmp_path / "grown.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    decoded = decode_all(path, max_pixels=LIMIT)
    assert decoded.frames.shape[1:] == (64, 128, 3)
    assert decoded.numbers[:24] == list(range(24)) and not decoded.lost[:24].any()
    assert decoded.lost[24:].all()
    assert not decode_all(path).lost.any()


def test_a_large_picture_among_others_is_lost(tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "v", [(128, 64), (256, 128), (128, 64)])
    assert decode_all(folder, max_pixels=LIMIT).lost.tolist() == [False, True, False]


def test_the_limit_is_on_pictures_as_stored(tmp_path: Path) -> None:
    path = write(tmp_path / "large.mp4", "libx264", frames=2, size=(256, 128))
    with pytest.raises(VideoError, match="256x128"):
        list(decode(path, decode_height=32, max_pixels=LIMIT))


@pytest.mark.parametrize("frames_a_block", [0.5, 1, 2.5, 5])
def test_blocks_are_bounded_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames_a_block: float) -> None:
    path = write(tmp_path / "video.mp4", "libx264", frames=11)
    whole = decode_all(path)
    monkeypatch.setattr(decoding, "BLOCK_BYTES", int(frames_a_block * 128 * 64 * 3))
    blocks = list(decode(path, batch=5))
    lengths = [len(block.frames) for block in blocks]
    assert max(lengths) == min(5, max(1, int(frames_a_block))) and sum(lengths) == 11
    assert [block.first for block in blocks] == np.cumsum([0, *lengths[:-1]]).tolist()
    np.testing.assert_array_equal(np.concatenate([block.frames for block in blocks]), whole.frames)


def test_no_large_picture_is_held_to_be_refused(tmp_path: Path) -> None:
    """The header of a PNG claims 200 million pixels; it holds none."""
    (tmp_path / "v").mkdir()
    claimed = bytearray(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (20000).to_bytes(4, "big") + (10000).to_bytes(4, "big"))
    claimed += b"\x08\x02\0\0\0" + zlib.crc32(claimed[12:] + b"\x08\x02\0\0\0").to_bytes(4, "big")
    (tmp_path / "v" / "000.png").write_bytes(claimed + b"\0\0\0\0IDAT")
    with pytest.raises(VideoError, match="20000x10000, more than 64 megapixels"):
        open_source(tmp_path / "v")
