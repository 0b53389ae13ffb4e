"""A video as a folder of numbered pictures.

VIDEO/
├── 000.jpg     (.jpeg, .png, .tif, .tiff, .bmp) ordered by the last number in the name: 9 before 10, 9999 before 10000
├── 001.jpg     one size for all; a picture that cannot be read, or is of another size, is a lost frame
└── ...         hidden files and files of other kinds are ignored
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from scenewise.errors import VideoError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"})

_UNREADABLE = Exception
"""What Pillow raises for a damaged picture: it has a reader for every format, and their errors share no base."""


def is_frame_folder(path: Path) -> bool:
    """Whether `path` is a folder that holds pictures."""
    return path.is_dir() and any(_is_picture(entry) for entry in path.iterdir())


def frame_files(folder: Path) -> list[Path]:
    """The pictures of `folder` in the order of their numbers.

    Raises VideoError if there is none, a name has no number, or two have the same (1.jpg and 001.png).
    """
    numbered: dict[int, Path] = {}
    for file in sorted(entry for entry in folder.iterdir() if _is_picture(entry)):
        number = frame_number(file)
        if number in numbered:
            raise VideoError(f"{folder}: {numbered[number].name} and {file.name} are both frame {number}; keep one")
        numbered[number] = file
    if not numbered:
        raise VideoError(f"{folder}: expected a folder of numbered pictures ({', '.join(sorted(IMAGE_SUFFIXES))})")
    return [numbered[number] for number in sorted(numbered)]


def frame_number(file: Path) -> int:
    """The last number in a picture's name. Raises VideoError if there is none."""
    numbers = re.findall(r"[0-9]+", file.stem)
    if not numbers:
        raise VideoError(f"{file}: expected a frame's number in the name, such as 0001.jpg; rename or remove it")
    return int(numbers[-1])


def first_picture(folder: Path, files: list[Path]) -> Image.Image:
    """The first of `files` that can be read. Raises VideoError if none can."""
    for file in files:
        try:
            return _open(file)
        except _UNREADABLE:
            continue
    raise VideoError(f"{folder}: none of its {len(files)} pictures can be read; copy or extract them again")


def read_folder(folder: Path, fps: float, decode_height: int = 0) -> Iterator[tuple[NDArray[np.uint8] | None, float]]:
    """Yield every picture (H, W, 3) uint8 RGB, or None if it is lost, and its time in seconds: its index / fps.

    Pictures taller than `decode_height`, if that is not 0, are shrunk to it by area averaging.
    """
    files = frame_files(folder)
    size = first_picture(folder, files).size
    target = scaled_size(*size, decode_height)
    for number, file in enumerate(files):
        try:
            picture = _open(file)
            frame = None if picture.size != size else _rgb(picture, target)
        except _UNREADABLE:
            frame = None
        yield frame, number / fps


def read_pictures(files: list[Path], decode_height: int = 0) -> Iterator[NDArray[np.uint8] | None]:
    """Yield each picture (H, W, 3) uint8 RGB, shrunk as by `read_folder`, or None if it cannot be read."""
    for file in files:
        try:
            picture = _open(file)
            yield _rgb(picture, scaled_size(*picture.size, decode_height))
        except _UNREADABLE:
            yield None


def scaled_size(width: int, height: int, decode_height: int) -> tuple[int, int]:
    """Width and height in pixels after shrinking to at most `decode_height` rows (0: not); a new width is even."""
    if not 0 < decode_height < height:
        return width, height
    return max(2, 2 * round(width * decode_height / height / 2)), decode_height


def _is_picture(entry: Path) -> bool:
    return entry.suffix.lower() in IMAGE_SUFFIXES and not entry.name.startswith(".") and entry.is_file()


def _open(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        picture.load()
        return ImageOps.exif_transpose(picture)


def _rgb(picture: Image.Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    if picture.mode.startswith("I"):  # 16 bits a pixel; the conversion of PIL would clip at 255
        deep = np.asarray(picture).astype(np.float64)
        picture = Image.fromarray((deep.clip(0, 65535) / 257).round().astype(np.uint8))
    if picture.mode == "F":
        raise ValueError("floating-point pictures have no agreed range")
    picture = picture.convert("RGB")
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BOX)
    return np.asarray(picture)
