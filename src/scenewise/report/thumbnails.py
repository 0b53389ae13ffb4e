"""Small pictures of chosen frames, and of places in them, as data URIs inside the page."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenewise.errors import VideoError
from scenewise.formats.pictures import data_uri, jpeg_of
from scenewise.progress import progress
from scenewise.runs.thumbnails import KeptPicture
from scenewise.video.decode import decode
from scenewise.video.square import CONTEXT, Box, square_around

FULL = 1920
"""Pixels; most sources are smaller, and shown as they are. A picture of 640 x 360 takes about 50 kB."""
WIDTH = 480
"""Pixels; of the peaks beyond those that are shown at full size. About 25 kB."""
LARGE = 480
"""Pixels; of what is cut out of the few frames of the first screen."""
CROP = 160
"""Pixels; of an object. About 5 kB."""
QUALITY = 80
BATCH = 8
"""Frames decoded at a time."""


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
    kept: KeptPicture | None = None
    """What the run keeps to show if the video is gone or cannot be read."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture, or the reason why there is none."""

    uri: str = ""
    width: int = 0
    height: int = 0
    why_not: str = ""
    outlined: Box | None = None
    """Where in the picture the object is that it shows, as shares of the picture; None if it shows the whole frame."""
    similar: bool = False
    """Whether it shows something that looks alike instead of what was wanted."""
    note: str = ""
    """What is to be said of its size or origin, such as `480 of 1920 pixels wide`; empty if it is as in the video."""

    @property
    def content(self) -> bytes:
        """The picture as a JPEG file."""
        return base64.b64decode(self.uri.partition(",")[2])


def thumbnails(wanted: Iterable[Shot]) -> dict[Shot, Thumbnail]:
    """Take the shots, each source decoded once.

    Those of a video that is gone or unreadable are what the run keeps, or give the reason.
    """
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
                taken = {shot: _kept(shot, reason) for shot in shots}
            for shot in shots:
                found[shot] = taken.get(shot) or _kept(shot, f"{path.name} has no frame {shot.frame}")
    return found


def _kept(shot: Shot, why_not: str) -> Thumbnail:
    if shot.kept is None:
        return Thumbnail(why_not=why_not)
    return replace(thumbnail(shot.kept.frame, shot.width), similar=shot.kept.similar, note="as the run keeps it")


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
    square = square_around((height, width), shot.around, shot.context, shot.least)
    x, y, side = square
    left, top, right, bottom = shot.around
    outlined = (
        (left * width - x) / side,
        (top * height - y) / side,
        (right * width - x) / side,
        (bottom * height - y) / side,
    )
    return replace(thumbnail(square.of(frame), shot.width), outlined=outlined)


def thumbnail(frame: NDArray[np.uint8], width: int = WIDTH) -> Thumbnail:
    """Shrink a frame (H, W, 3) uint8 RGB to at most `width` pixels, as a JPEG data URI."""
    picture = Image.fromarray(frame)
    picture.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    shrunk = frame.shape[1] > picture.width
    note = f"{picture.width} of {frame.shape[1]} pixels wide" if shrunk else ""
    return Thumbnail(data_uri(jpeg_of(picture, QUALITY)), picture.width, picture.height, note=note)
