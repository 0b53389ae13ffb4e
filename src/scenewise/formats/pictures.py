"""Pictures in files, and in the bytes of files."""

import base64
import io
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from scenewise.formats.regular_file import open_regular

MOST_PIXELS = 150_000_000
"""Of one picture: above every camera's, and below what fills the memory of a small machine."""


def open_picture(path: Path, mode: str, keep: Collection[str] = ()) -> Image.Image:
    """The picture in a file, decoded, in Pillow's `mode` unless its own is one of `keep`.

    Raises ValueError, or OSError if the file cannot be opened.
    """
    with open_regular(path) as file:
        return _decoded(file, mode, keep)


def parse_jpeg(content: bytes) -> Image.Image:
    """The picture in the bytes of a JPEG file, in RGB. Raises ValueError."""
    return _decoded(io.BytesIO(content), "RGB", formats=("JPEG",))


def jpeg_of(picture: Image.Image, quality: int) -> bytes:
    """A picture as a JPEG file; the same picture gives the same bytes."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def data_uri(jpeg: bytes) -> str:
    """A JPEG file as an address that holds it, for pages that are one file."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _decoded(
    file: BinaryIO, mode: str, keep: Collection[str] = (), formats: tuple[str, ...] | None = None
) -> Image.Image:
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(file, formats=formats) as picture:
            width, height = picture.size
            if width * height <= MOST_PIXELS:  # before memory is taken for them
                picture.load()
                return picture if picture.mode in keep else picture.convert(mode)
    except Exception as error:  # Pillow has a reader for every format, and their errors share no base
        raise ValueError("damaged, or no picture") from error
    raise ValueError(f"{width}x{height}, more than {MOST_PIXELS / 1e6:g} megapixels")
