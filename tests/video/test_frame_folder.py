"""Folders of numbered pictures as videos."""

from pathlib import Path

import numpy as np
import pytest
from numbered_video import decode_all, draw
from PIL import Image

from scenewise.errors import VideoError
from scenewise.video.decode import decode, read_frames
from scenewise.video.source import open_source


def save(folder: Path, names: list[str]) -> Path:
    """Pictures that show their place in `names`."""
    folder.mkdir()
    for place, name in enumerate(names):
        Image.fromarray(draw(place)).save(folder / name, **({"quality": 95} if name.endswith("jpg") else {}))
    return folder


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "bmp", "JPG"])
def test_numeric_order(tmp_path: Path, suffix: str) -> None:
    names = [f"cam2_{number}.{suffix}" for number in (1, 2, 9, 10, 99, 9999, 10000, 100000)]
    decoded = decode_all(save(tmp_path / "frames", names), fps=10, batch=3)
    assert decoded.numbers == list(range(8))
    assert not decoded.lost.any()
    np.testing.assert_allclose(decoded.times, np.arange(8) / 10)
    np.testing.assert_allclose(decode_all(tmp_path / "frames").times, np.arange(8) / 25)


def test_other_files_are_ignored(tmp_path: Path) -> None:
    folder = save(tmp_path / "frames", ["0.png", "1.png"])
    (folder / ".2.png").write_bytes(b"x")
    (folder / "notes.txt").write_text("x")
    (folder / "3.png").mkdir()
    assert decode_all(folder).numbers == [0, 1]


def test_damaged_pictures_and_those_of_another_size_are_lost(tmp_path: Path) -> None:
    folder = save(tmp_path / "frames", [f"{number:03d}.jpg" for number in range(10)])
    (folder / "000.jpg").write_bytes(b"not a picture")
    (folder / "004.jpg").write_bytes((folder / "004.jpg").read_bytes()[:900])
    (folder / "005.jpg").write_bytes(b"")
    Image.fromarray(draw(7, 64, 32)).save(folder / "007.jpg")
    decoded = decode_all(folder, batch=4)
    assert decoded.numbers == [1, 1, 2, 3, 3, 3, 6, 6, 8, 9]
    assert list(np.flatnonzero(decoded.lost)) == [0, 4, 5, 7]
    assert open_source(folder).frames_claimed == 10


def test_names_that_give_no_order_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"001\.png and 1\.png are both frame 1"):
        list(decode(save(tmp_path / "twice", ["1.png", "001.png"])))
    with pytest.raises(VideoError, match=r"cover\.png: expected a frame's number"):
        list(decode(save(tmp_path / "unnumbered", ["1.png", "cover.png"])))
    (tmp_path / "empty").mkdir()
    with pytest.raises(VideoError, match="empty: expected a folder of numbered pictures"):
        list(decode(tmp_path / "empty"))
    folder = save(tmp_path / "broken", ["1.png"])
    (folder / "1.png").write_bytes(b"x")
    with pytest.raises(VideoError, match="broken: none of its 1 pictures can be read"):
        list(decode(folder))


def test_depths_and_colour_kinds(tmp_path: Path) -> None:
    """Grey, 16 bits a pixel, palette and alpha; all as 8-bit RGB."""
    colour = Image.fromarray(draw(5))
    grey = np.asarray(colour.convert("L"))
    kinds = {kind: colour.convert(kind) for kind in ("L", "RGBA", "P", "1")}
    kinds["deep"] = Image.fromarray(grey.astype(np.uint16) * 257)
    for suffix in ("png", "tif"):
        for kind, picture in kinds.items():
            folder = tmp_path / f"{kind}-{suffix}"
            folder.mkdir()
            picture.save(folder / f"0.{suffix}")
            expected = np.repeat(grey[..., None], 3, 2) if kind == "deep" else np.asarray(picture.convert("RGB"))
            np.testing.assert_array_equal(decode_all(folder).frames[0], expected)


def test_downscaling_averages_areas(tmp_path: Path) -> None:
    folder = save(tmp_path / "frames", ["0.png", "1.png"])
    small = decode_all(folder, decode_height=16).frames
    reference = np.stack([draw(n).reshape(16, 4, 32, 4, 3).mean((1, 3)) for n in range(2)])
    np.testing.assert_allclose(small, reference, atol=1)
    assert decode_all(folder, decode_height=64).frames.shape == (2, 64, 128, 3)


def test_a_few_frames_by_number(tmp_path: Path) -> None:
    folder = save(tmp_path / "frames", [f"{number}.png" for number in range(6)])
    frames = read_frames(folder, [4, 1, 9])
    assert sorted(frames) == [1, 4]
    np.testing.assert_array_equal(frames[4], draw(4))
