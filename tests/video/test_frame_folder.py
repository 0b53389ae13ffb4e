"""Folders of numbered pictures as videos."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numbered_video import decode_all, draw
from PIL import Image, ImageOps, TiffImagePlugin

from scenewise.errors import VideoError
from scenewise.video.count import count_frames
from scenewise.video.decode import decode, read_frames
from scenewise.video.picture_file import sizes_of
from scenewise.video.sample import sample_frames
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


def test_damaged_pictures_are_lost(tmp_path: Path) -> None:
    folder = save(tmp_path / "frames", [f"{number:03d}.jpg" for number in range(10)])
    (folder / "000.jpg").write_bytes(b"not a picture")
    (folder / "004.jpg").write_bytes((folder / "004.jpg").read_bytes()[:900])
    (folder / "005.jpg").write_bytes(b"")
    decoded = decode_all(folder, batch=4)
    assert decoded.numbers == [1, 1, 2, 3, 3, 3, 6, 7, 8, 9]
    assert list(np.flatnonzero(decoded.lost)) == [0, 4, 5]
    assert open_source(folder).frames_claimed == 10


@pytest.mark.parametrize("other", [0, 4, 9])
@pytest.mark.parametrize("scale", [0.5, 2])
def test_pictures_of_another_size_are_scaled_to_the_first(tmp_path: Path, other: int, scale: float) -> None:
    folder = save(tmp_path / "frames", [f"{number:03d}.png" for number in range(10)])
    picture = Image.fromarray(draw(other))
    width, height = round(picture.width * scale), round(picture.height * scale)
    picture.resize((width, height), Image.Resampling.BOX).save(folder / f"{other:03d}.png")
    decoded = decode_all(folder)
    assert decoded.numbers == list(range(10)) and not decoded.lost.any()
    assert decoded.frames.shape[1:3] == ((height, width) if other == 0 else (64, 128))
    source = open_source(folder)
    assert source.size == decoded.frames.shape[1:3]
    for few in (read_frames(folder, [9])[9], sample_frames(folder, 10, prepared=lambda frame: frame)[9]):
        np.testing.assert_array_equal(few, decoded.frames[9])


def test_folders_without_pictures_or_without_a_whole_one(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"cover\.png: expected a frame's number"):
        list(decode(save(tmp_path / "unnumbered", ["1.png", "cover.png"])))
    (tmp_path / "empty").mkdir()
    with pytest.raises(VideoError, match="empty: expected a folder of pictures"):
        list(decode(tmp_path / "empty"))
    folder = save(tmp_path / "broken", ["1.png"])
    (folder / "1.png").write_bytes(b"x")
    with pytest.raises(VideoError, match="broken: none of its 1 picture can be read"):
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


def thermal(number: int) -> np.ndarray:
    """A small part of 16 bits: 20 levels of 8 for each of a picture's."""
    return (7000 + 2 * np.asarray(Image.fromarray(draw(number)).convert("L"), np.float64)).round()


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_a_small_part_of_many_bits_is_stretched_alike_in_all_pictures(tmp_path: Path, kind: type) -> None:
    deep = [thermal(number).astype(kind) for number in range(6)]
    for number, values in enumerate(deep):
        Image.fromarray(values).save(tmp_path / f"{number}.tif")
    decoded = decode_all(tmp_path)
    low, high = np.percentile(np.stack(deep), (0.1, 99.9))
    shares = ((np.stack(deep).astype(np.float64) - low) / (high - low)).clip(0, 1)
    np.testing.assert_allclose(decoded.frames, np.repeat(shares[..., None] * 255, 3, -1), atol=0.51)
    assert decoded.numbers == list(range(6)), "the contrast of 8 bits is there"
    sampled = sample_frames(tmp_path, 2, prepared=lambda frame: frame)
    np.testing.assert_array_equal(sampled, decoded.frames[[1, 4]])
    np.testing.assert_array_equal(read_frames(tmp_path, [5])[5], decoded.frames[5])


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("channels", [3, 4])
def test_colours_of_sixteen_bits(tmp_path: Path, suffix: str, channels: int) -> None:
    for number in range(2):
        colours = 300 + draw(number).astype(np.uint16)
        alpha = np.full_like(colours[..., :1], 65535)
        cv2.imwrite(str(tmp_path / f"{number}.{suffix}"), np.dstack([colours[..., ::-1], alpha])[..., :channels])
    decoded = decode_all(tmp_path)
    assert decoded.numbers == [0, 1]
    assert decoded.frames.min() == 0 and decoded.frames.max() == 255


def test_floating_point_colours_and_holes(tmp_path: Path) -> None:
    colours = draw(3).astype(np.float32) / 255
    cv2.imwrite(str(tmp_path / "0.tif"), colours)
    grey = thermal(3).astype(np.float32)
    grey[0, 0] = np.nan
    grey[0, 1] = np.inf
    (tmp_path / "holes").mkdir()
    Image.fromarray(grey).save(tmp_path / "holes/0.tif")
    assert decode_all(tmp_path).numbers == decode_all(tmp_path / "holes").numbers == [3]
    assert decode_all(tmp_path / "holes").frames[0, 0, :2, 0].tolist() == [0, 255]


def test_pages_are_frames(tmp_path: Path) -> None:
    pages = [Image.fromarray(draw(number)) for number in range(12)]
    for name, few in (("1.tif", pages[:5]), ("2.tif", pages[5:6]), ("10.png", pages[6:])):
        (tmp_path / "frames").mkdir(exist_ok=True)
        few[0].save(tmp_path / "frames" / name, save_all=True, append_images=few[1:])
    assert decode_all(tmp_path / "frames").numbers == list(range(12))
    assert open_source(tmp_path / "frames").frames_claimed == count_frames(tmp_path / "frames").frames == 12
    assert len(sample_frames(tmp_path / "frames", 4, prepared=lambda frame: frame)) == 4
    (tmp_path / "one").mkdir()
    pages[0].save(tmp_path / "one/stack.tif", save_all=True, append_images=pages[1:], big_tiff=True)
    assert decode_all(tmp_path / "one").numbers == list(range(12)), "pages need no number in the name"


def test_pictures_in_a_photograph_that_are_no_frames(tmp_path: Path) -> None:
    """Previews and depth maps in a JPEG file; smaller copies in a TIFF."""
    picture, small = Image.fromarray(draw(5)), Image.fromarray(draw(9)).resize((32, 16))
    picture.save(tmp_path / "0.jpg", format="MPO", save_all=True, append_images=[small])
    with TiffImagePlugin.AppendingTiffWriter(str(tmp_path / "1.tif"), new=True) as pages:
        for page, subfile_type in ((picture, 0), (small, 1)):
            page.save(pages, format="TIFF", tiffinfo={254: subfile_type})
            pages.newFrame()
    assert Image.open(tmp_path / "1.tif").n_frames == 2
    assert decode_all(tmp_path).numbers == [5, 5]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
@pytest.mark.parametrize("deep", [False, True])
def test_pictures_are_upright(tmp_path: Path, orientation: int, suffix: str, deep: bool) -> None:
    picture = Image.fromarray(draw(5))
    if deep and suffix != "jpg":
        picture = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    expected = Image.fromarray(draw(5))
    expected.getexif()[0x0112] = orientation
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(tmp_path / f"0.{suffix}", exif=exif, **({"quality": 100} if suffix == "jpg" else {}))
    frame = decode_all(tmp_path).frames[0]
    upright = np.asarray(ImageOps.exif_transpose(expected).convert("L"))
    assert np.abs(frame.mean(-1) - upright).mean() < 3
    assert sizes_of(tmp_path / f"0.{suffix}") == [upright.shape[::-1]] == [open_source(tmp_path).size[::-1]]
