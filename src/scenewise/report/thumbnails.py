"""Small pictures of chosen frames, and of places in them, as data URIs inside the page."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.errors import VideoError
from scenewise.progress import progress
from scenewise.video.decode import decode

WIDTH = 240
"""Pixels; a peak is shown at most this wide. A picture of a street takes about 8 kB."""
LARGE = 480
"""Pixels; of the few frames that are compared. About 25 kB."""
CROP = 112
"""Pixels; of an object, shown half as wide so that it is sharp. About 3 kB."""
CONTEXT = 1.6
"""Side of the square that shows an object, over the longer side of its box."""
QUALITY = 80
BATCH = 8
"""Frames decoded at a time."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture's width and height."""


class Shot(NamedTuple):
    """A picture that is wanted."""

    source: Path
    """The video file or the folder of frames."""
    frame: int
    width: int = WIDTH
    """At most so many pixels wide."""
    around: Box | None = None
    """The object that the picture is to show; None for the whole frame."""
    context: float = CONTEXT
    """Side of the square that shows the object, over the longer side of its box."""
    least: float = 0.0
    """Side of that square over the picture's height, at least: small objects do not become blurs."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture, or the reason why there is none."""

    uri: str = ""
    width: int = 0
    height: int = 0
    why_not: str = ""
    outlined: Box | None = None
    """Where in the picture the object is that it shows, as shares of the picture; None if it shows the whole frame."""

    @property
    def content(self) -> bytes:
        """The picture as a JPEG file."""
        return base64.b64decode(self.uri.partition(",")[2])


def thumbnails(wanted: Iterable[Shot]) -> dict[Shot, Thumbnail]:
    """Take the shots, each source decoded once; those of a video that is gone or unreadable give the reason instead."""
    by_source: dict[Path, set[Shot]] = {}
    for shot in wanted:
        by_source.setdefault(shot.source, set()).add(shot)
    found: dict[Shot, Thumbnail] = {}
    with progress() as bar:
        for path, shots in bar.track(by_source.items(), total=len(by_source), description="thumbnails"):
            try:
                taken = _take(path, shots)
            except (VideoError, OSError):
                reason = f"{path.name} cannot be read" if path.exists() else f"{path.name} is no longer where it was"
                taken = {shot: Thumbnail(why_not=reason) for shot in shots}
            for shot in shots:
                found[shot] = taken.get(shot, Thumbnail(why_not=f"{path.name} has no frame {shot.frame}"))
    return found


def _take(path: Path, shots: Iterable[Shot]) -> dict[Shot, Thumbnail]:
    """The shots of one source; decodes up to the last one, and holds few frames at a time."""
    at: dict[int, list[Shot]] = {}
    for shot in shots:
        at.setdefault(shot.frame, []).append(shot)
    taken = {}
    for block in decode(path, batch=BATCH):
        for number, frame in enumerate(block.frames, block.first):
            for shot in at.get(number, ()):
                taken[shot] = _taken(frame, shot)
        if block.first + len(block.frames) > max(at):
            break
    return taken


def _taken(frame: NDArray[np.uint8], shot: Shot) -> Thumbnail:
    if shot.around is None:
        return thumbnail(frame, shot.width)
    height, width = frame.shape[:2]
    x, y, side = _square(width, height, shot.around, shot.context, shot.least)
    left, top, right, bottom = shot.around
    outlined = (
        (left * width - x) / side,
        (top * height - y) / side,
        (right * width - x) / side,
        (bottom * height - y) / side,
    )
    return replace(thumbnail(frame[y : y + side, x : x + side], shot.width), outlined=outlined)


def square(frame: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The square of a frame (H, W, 3) that shows `box` in its middle, moved to lie inside the frame."""
    x, y, side = _square(frame.shape[1], frame.shape[0], box, CONTEXT, 0.0)
    return frame[y : y + side, x : x + side]


def _square(width: int, height: int, box: Box, context: float, least: float) -> tuple[int, int, int]:
    """Left, top and side in pixels."""
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    side = min(max(round(context * max(right - left, bottom - top)), round(least * height), 2), height, width)
    x = min(max(round((left + right - side) / 2), 0), width - side)
    y = min(max(round((top + bottom - side) / 2), 0), height - side)
    return x, y, side


def thumbnail(frame: NDArray[np.uint8], width: int = WIDTH) -> Thumbnail:
    """Shrink a frame (H, W, 3) uint8 RGB to at most `width` pixels, as a JPEG data URI."""
    picture = Image.fromarray(frame)
    picture.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY, optimize=True)
    uri = f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
    return Thumbnail(uri, picture.width, picture.height)
