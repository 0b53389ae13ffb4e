"""A video as a folder of pictures.

VIDEO/
├── 000.jpg     (.jpeg, .png, .tif, .tiff, .bmp) in the order that their names tell: see `picture_order`
├── 001.jpg     all are scaled to the size of the first that can be read; one that cannot be read is a lost frame
├── 002.tif     several pages: as many frames
└── ...         hidden files and files of other kinds are ignored

Values of more than 8 bits become 8 bits: 0 to 65535 if the folder uses more than half of that, and else the range that
it does use, such as 7000 to 7400 of a thermal camera, becomes 0 to 255. The range is the same for all pictures of the
folder and follows from them alone, so that extract, score and report see the same.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.config.limits import MAX_PIXELS
from scenewise.counted import counted
from scenewise.errors import VideoError
from scenewise.folders import contents, is_file
from scenewise.video.picture_file import Values, known_size, pages_of, read_pages
from scenewise.video.picture_order import PictureOrder, picture_order
from scenewise.video.pixel_limit import refuse_size

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"})

LOW, HIGH = 0.1, 99.9
"""Percentiles of the values that bound the range: a few dead pixels do not decide it."""
_DEEPEST = 65535.0
_SAMPLED = 32
"""So many pictures of a folder tell its range of values."""
_VALUES = 1 << 16
"""At most so many values of each."""


class Picture(NamedTuple):
    """One frame."""

    file: Path
    page: int
    """Which of the file's pictures."""


def is_frame_folder(path: Path) -> bool:
    """Whether `path` is a folder that holds pictures; a folder that may not be listed is none."""
    return any(map(_is_picture, contents(path)))


def frame_files(folder: Path) -> list[Path]:
    """The files of `folder` in the order of their pictures. Raises VideoError if there is none, or no order."""
    return ordered_files(folder).files


def ordered_files(folder: Path) -> PictureOrder:
    """The files of `folder`, and what orders them. Raises VideoError if there is none, or no order."""
    files = [entry for entry in folder.iterdir() if _is_picture(entry)]
    if not files:
        raise VideoError(f"{folder}: expected a folder of pictures ({', '.join(sorted(IMAGE_SUFFIXES))})")
    if len(files) == 1 and len(pages_of(files[0])) > 1:
        return PictureOrder(files, None, timed=False)  # its pages are in order, whatever it is called
    return picture_order(files)


class FrameFolder:
    """The pictures of a folder, as frames of one size and 8 bits."""

    def __init__(self, folder: Path, max_pixels: int = MAX_PIXELS) -> None:
        """Raises VideoError if there are no pictures, or if their names tell no order.

        Pictures of more than `max_pixels` pixels are not read.
        """
        self.folder, self.max_pixels = folder, max_pixels
        self.order = ordered_files(folder)
        self.pictures = [Picture(file, page) for file in self.order.files for page in pages_of(file)]

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of the first picture that can be read. Raises VideoError if none can."""
        for picture in self.pictures:
            (values,) = self._values([picture])
            if values is not None:
                return values.shape[1], values.shape[0]
            refuse_size(str(picture.file), *known_size(picture.file), self.max_pixels)
        raise VideoError(
            f"{self.folder}: none of its {counted(len(self.pictures), 'picture')} can be read; copy "
            "or extract them again"
        )

    def frames(self, pictures: Iterable[Picture], decode_height: int = 0) -> Iterator[NDArray[np.uint8] | None]:
        """Each of these `pictures` of the folder (H, W, 3) uint8 RGB, or None if it cannot be read.

        All have the size of the folder's first one. If that is taller than `decode_height`, and this is not 0, they
        are shrunk to it by area averaging.
        """
        target = scaled_size(*self.size, decode_height)
        for values in self._values(pictures):
            yield None if values is None else _scaled(self._in_8_bits(values), target)

    def _in_8_bits(self, values: Values) -> NDArray[np.uint8]:
        if values.dtype == np.uint8:
            return np.asarray(values, np.uint8)
        low, high = self._range
        shares = np.nan_to_num((values.astype(np.float64) - low) / (high - low), nan=0, posinf=1, neginf=0)
        return (shares.clip(0, 1) * 255).round().astype(np.uint8)

    @cached_property
    def _range(self) -> tuple[float, float]:
        """The values that become 0 and 255."""
        spread = [self.pictures[number] for number in evenly(len(self.pictures), _SAMPLED)]
        deep = self._deep_values(spread) or self._deep_values(self.pictures)
        found = np.concatenate([*deep, np.zeros(0)])
        if not found.size:
            return 0.0, 1.0  # no finite value anywhere
        low, high = np.percentile(found, (LOW, HIGH)).tolist()
        if low == high:
            low, high = float(found.min()), float(found.max())
        if high - low > _DEEPEST / 2 and found.min() >= 0 and found.max() <= _DEEPEST:
            return 0.0, _DEEPEST
        return low, high if high > low else low + 1

    def _values(self, pictures: Iterable[Picture]) -> Iterator[Values | None]:
        """Each file is opened once for all its pages in a row."""
        for file, of_file in groupby(pictures, key=lambda picture: picture.file):
            yield from read_pages(file, [picture.page for picture in of_file], self.max_pixels)

    def _deep_values(self, pictures: Iterable[Picture]) -> list[NDArray[np.float64]]:
        """Finite values of those of `pictures` that have more than 8 bits, at most _VALUES of each."""
        deep = [values for values in self._values(pictures) if values is not None and values.dtype != np.uint8]
        thinned = [values.reshape(-1)[:: values.size // _VALUES + 1].astype(np.float64) for values in deep]
        return [values[np.isfinite(values)] for values in thinned]


def read_folder(
    folder: Path, fps: float, decode_height: int = 0, max_pixels: int = MAX_PIXELS
) -> Iterator[tuple[NDArray[np.uint8] | None, float]]:
    """Yield every frame (H, W, 3) uint8 RGB as `FrameFolder.frames` does, and its time in seconds: its index / fps.

    Raises VideoError.
    """
    whole = FrameFolder(folder, max_pixels)
    for number, frame in enumerate(whole.frames(whole.pictures, decode_height)):
        yield frame, number / fps


def evenly(there: int, count: int) -> list[int]:
    """Up to `count` different numbers below `there`, from the middles of equal parts."""
    return sorted({int((place + 0.5) * there / count) for place in range(count)}) if there else []


def scaled_size(width: int, height: int, decode_height: int) -> tuple[int, int]:
    """Width and height in pixels after shrinking to at most `decode_height` rows (0: not); a new width is even."""
    if not 0 < decode_height < height:
        return width, height
    return max(2, 2 * round(width * decode_height / height / 2)), decode_height


def _is_picture(entry: Path) -> bool:
    return entry.suffix.lower() in IMAGE_SUFFIXES and not entry.name.startswith(".") and is_file(entry)


def _scaled(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """`frame`, (H, W) grey or (H, W, 3) RGB, as RGB of this width and height."""
    picture = Image.fromarray(frame).convert("RGB")
    if picture.size != size:
        shrunk = size[0] <= picture.width and size[1] <= picture.height
        picture = picture.resize(size, Image.Resampling.BOX if shrunk else Image.Resampling.BILINEAR)
    return np.asarray(picture)
