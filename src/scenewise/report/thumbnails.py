"""Small pictures of chosen frames, as data URIs inside the page."""

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.errors import VideoError
from scenewise.progress import progress
from scenewise.video.decode import read_frames

WIDTH = 240
"""Pixels; a peak is shown at most this wide. A picture of a street takes about 8 kB."""
LARGE = 480
"""Pixels; of the few frames that are compared. About 25 kB."""
QUALITY = 80


@dataclass(frozen=True)
class Thumbnail:
    """A picture, or the reason why there is none."""

    uri: str = ""
    width: int = 0
    height: int = 0
    why_not: str = ""

    @property
    def content(self) -> bytes:
        """The picture as a JPEG file."""
        return base64.b64decode(self.uri.partition(",")[2])


def thumbnails(wanted: Mapping[Path, Iterable[int]], width: int = WIDTH) -> dict[tuple[Path, int], Thumbnail]:
    """Read the wanted frames of every video, at most `width` pixels wide; a video that is gone or unreadable gives its
    reason instead.
    """
    found: dict[tuple[Path, int], Thumbnail] = {}
    with progress() as bar:
        for path, indices in bar.track(wanted.items(), total=len(wanted), description="thumbnails"):
            numbers = sorted(set(indices))
            try:
                frames = read_frames(path, numbers)
            except (VideoError, OSError):
                reason = f"{path.name} can not be read" if path.exists() else f"{path.name} is no longer where it was"
                found |= {(path, number): Thumbnail(why_not=reason) for number in numbers}
                continue
            for number in numbers:
                missing = Thumbnail(why_not=f"{path.name} has no frame {number}")
                found[path, number] = thumbnail(frames[number], width) if number in frames else missing
    return found


def thumbnail(frame: NDArray[np.uint8], width: int = WIDTH) -> Thumbnail:
    """Shrink a frame (H, W, 3) uint8 RGB to at most `width` pixels, as a JPEG data URI."""
    picture = Image.fromarray(frame)
    picture.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY, optimize=True)
    uri = f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
    return Thumbnail(uri, picture.width, picture.height)
