"""One picture file: how many pictures it holds, their size, and their values, which may have more than 8 bits.

Pillow reads nearly all. Of colours with more than 8 bits it drops the low ones, some kinds of TIFF it does not know,
and uncompressed TIFFs that lie on their side it reads wrongly: those are left to OpenCV.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from scenewise.config.limits import MAX_PIXELS

Values = NDArray[np.number]
"""(H, W) grey or (H, W, 3) RGB: uint8, or deeper whole or floating-point numbers."""

UNREADABLE = Exception
"""What is raised for a damaged picture: every format has a reader of its own, and their errors share no base."""
_TIFF = (".tif", ".tiff")
_MAY_HOLD_SEVERAL = (".png", *_TIFF)
"""The further pictures of a JPEG file are previews, depth maps or what the other eye sees."""
_ON_ITS_SIDE = (5, 6, 7, 8)
"""Orientations that swap width and height."""

Image.MAX_IMAGE_PIXELS = None  # the limit is --max-pixels
cv2.utils.logging.setLogLevel(
    cv2.utils.logging.LOG_LEVEL_SILENT
)  # it would report every oddity of a TIFF on standard error


def pages_of(file: Path) -> list[int]:
    """The numbers of the pictures in `file`: several in a TIFF of several pages and an animated PNG. [0] if damaged."""
    if file.suffix.lower() not in _MAY_HOLD_SEVERAL:
        return [0]
    try:
        with Image.open(file) as picture:
            count = getattr(picture, "n_frames", 1)
            if count == 1 or picture.format != "TIFF":
                return list(range(count))
            return [page for page in range(count) if not _is_thumbnail(picture, page)] or [0]
    except UNREADABLE:
        return [0]


def sizes_of(file: Path, pages: Iterable[int] = (0,)) -> list[tuple[int, int]]:
    """Width and height, upright, of these pictures in `file`; only headers are read. Raises UNREADABLE."""
    try:
        with Image.open(file) as picture:
            return [_size(picture, page) for page in pages]
    except UnidentifiedImageError:
        return [_unknown_to_pillow(file, page).shape[1::-1] for page in pages]


def _size(picture: Image.Image, page: int) -> tuple[int, int]:
    picture.seek(page)
    width, height = picture.size
    # Without "exif" in its head, Pillow would decode all of a PNG to look behind it.
    knows = picture.format != "TIFF" and (picture.format != "PNG" or "exif" in picture.info)
    return (height, width) if knows and _orientation(picture) in _ON_ITS_SIDE else (width, height)


def known_size(file: Path) -> tuple[int, int]:
    """Width and height of the first picture in `file`; (0, 0) if its header cannot be read."""
    try:
        with Image.open(file) as picture:
            return picture.size
    except UNREADABLE:
        return 0, 0


def read_pages(file: Path, pages: Iterable[int], max_pixels: int = MAX_PIXELS) -> Iterator[Values | None]:
    """These pictures of `file`, upright; None for one that cannot be read, or has more than `max_pixels` pixels."""
    try:
        opened = Image.open(file)
    except UNREADABLE:
        opened = None
    with opened or nullcontext():
        for page in pages:
            try:
                yield _unknown_to_pillow(file, page) if opened is None else _page(opened, file, page, max_pixels)
            except UNREADABLE:
                yield None


def _page(picture: Image.Image, file: Path, page: int, max_pixels: int) -> Values:
    picture.seek(page)
    if picture.width * picture.height > max_pixels:
        raise ValueError(f"{file}: {picture.width}x{picture.height}")
    is_tiff = picture.format == "TIFF"
    deep_colour = picture.mode in ("RGB", "RGBA", "RGBX", "LA") and ";16" in str(getattr(picture, "tile", ""))
    if deep_colour or (is_tiff and _orientation(picture) in _ON_ITS_SIDE):
        values = _by_opencv(file, page)
    else:
        picture.load()
        values = np.asarray(picture if picture.mode.startswith(("I", "F")) else picture.convert("RGB"))
    return values if is_tiff else _upright(values, _orientation(picture))  # TIFFs are turned as they are read


def _orientation(picture: Image.Image) -> int:
    orientation = picture.getexif().get(ExifTags.Base.Orientation)
    return orientation if isinstance(orientation, int) else 1


def _upright(values: Values, orientation: int) -> Values:
    """`values` as a picture of this EXIF orientation is meant to be seen."""
    if orientation in _ON_ITS_SIDE:
        values = values.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return values[::-1] if orientation in (3, 4, 7, 8) else values


def _is_thumbnail(picture: Image.Image, page: int) -> bool:
    """Whether a TIFF's page repeats another one in a smaller size."""
    picture.seek(page)
    subfile_type = getattr(picture, "tag_v2", {}).get(254)
    return isinstance(subfile_type, int) and bool(subfile_type & 1)


def _unknown_to_pillow(file: Path, page: int) -> Values:
    if file.suffix.lower() not in _TIFF:
        raise UnidentifiedImageError(file)
    return _by_opencv(file, page)


def _by_opencv(file: Path, page: int) -> Values:
    content = np.fromfile(file, np.uint8)  # imread cannot open every name
    found, read = cv2.imdecodemulti(content, cv2.IMREAD_UNCHANGED, range=(page, page + 1))
    if not found:
        raise ValueError(f"{file} cannot be decoded")
    values: Values = np.asarray(read[0])
    if values.ndim == 2 or values.shape[2] < 3:
        return values.reshape(*values.shape[:2], -1)[..., 0]
    return values[..., 2::-1]
