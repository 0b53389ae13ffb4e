"""Object masks: parts of a scene's picture whose objects count for nothing, such as a road behind the fence.

They are given when footage is scored, also from features, so nothing is extracted again. Methods that look at the frame
as a whole still see all of it; `extract --ignore-mask` takes parts away from everything.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scenewise.did_you_mean import nearest
from scenewise.errors import ConfigError
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.names import as_text
from scenewise.objects.object_table import Objects

GRID = 1024
"""Rows and columns of a mask, whatever the size of the picture: a place is right to a thousandth."""
LEAST_AREA = 1e-5
"""Twice the share of the picture that a polygon has to cover."""
HIDDEN = 0.5
"""Share of an object's box inside the mask above which it is hidden."""
_NUMBER = r"\s*[0-9]*\.?[0-9]+\s*"
_POLYGON = re.compile(rf"({_NUMBER},{_NUMBER})(\s+{_NUMBER},{_NUMBER})*")


@dataclass(frozen=True, eq=False)
class ObjectMask:
    """The hidden parts of one scene's picture."""

    hidden: NDArray[np.bool_]
    """(GRID, GRID) over the whole picture, True where objects are hidden."""

    @property
    def digest(self) -> str:
        """SHA-256 of what is hidden, in hex."""
        return hashlib.sha256(np.packbits(self.hidden).tobytes()).hexdigest()

    def hides(self, boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """(M,) which of `boxes` (M, 4), shares of the picture, are hidden by more than HIDDEN."""
        corners = np.round(np.clip(boxes, 0, 1).astype(np.float64) * GRID).astype(np.int64)
        left, top = np.minimum(corners[:, :2], GRID - 1).T
        right, bottom = np.maximum(corners[:, 2:].T, (left + 1, top + 1))
        sums = self._sums
        inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return np.asarray(inside > HIDDEN * (right - left) * (bottom - top), bool)

    def visible(self, objects: Objects) -> Objects:
        """Those of `objects` that are not hidden."""
        return objects.select(~self.hides(objects.box))

    @cached_property
    def _sums(self) -> NDArray[np.int64]:
        """(GRID + 1, GRID + 1) hidden places above and to the left of each corner."""
        return np.pad(self.hidden.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def object_masks(given: Sequence[str], sizes: Mapping[str, tuple[int, int]]) -> dict[str, ObjectMask]:
    """{scene: mask} of the values of `--mask`; several of one scene add up.

    Each is SCENE=PICTURE, whose bright pixels (128 and up) hide; SCENE=x,y x,y x,y, the corners of a polygon as shares
    of the picture's width and height; or a PICTURE that is named after its scene. `sizes`: {scene: height and width of
    its pictures at any scale}, of all scenes that there are. Raises ConfigError, also if a PICTURE has another aspect
    than its scene.
    """
    parts: dict[str, list[NDArray[np.bool_]]] = {}
    for text in given:
        scene, equals, what = text.partition("=")
        if not equals:
            scene, what = as_text(Path(text).stem), text
        if scene not in sizes:
            near = nearest(scene, sizes)
            meant = f"did you mean {near}?" if near else "give SCENE=PICTURE or SCENE=x,y x,y x,y"
            raise ConfigError(f"--mask {text}: the run knows {', '.join(sorted(sizes))}, not {scene}; {meant}")
        drawn = _drawn(text, what) if _POLYGON.fullmatch(what.strip()) else _picture(Path(what), scene, sizes[scene])
        parts.setdefault(scene, []).append(drawn)
    return {scene: ObjectMask(np.logical_or.reduce(of_scene)) for scene, of_scene in parts.items()}


def _picture(path: Path, scene: str, size: tuple[int, int]) -> NDArray[np.bool_]:
    """(GRID, GRID) True where the picture is bright. Raises ConfigError, also if it has not the aspect of `size`."""
    mask = IgnoreMask(path, "--mask")
    rows, columns = mask.ignored.shape
    if not mask.has_aspect_of(*size):
        raise ConfigError(
            f"--mask {path}: {columns}x{rows} pixels, but the pictures of {scene} are {size[1] / size[0]:.2f} times as "
            "wide as high; draw it on one of their frames"
        )
    return mask.ignored[np.ix_(np.arange(GRID) * rows // GRID, np.arange(GRID) * columns // GRID)]


def _drawn(text: str, corners: str) -> NDArray[np.bool_]:
    """(GRID, GRID) True inside the polygon. Raises ConfigError, naming the flag's `text`, if it is none."""
    numbers = re.sub(r"\s*,\s*", ",", corners.strip()).split()
    points = [(float(x), float(y)) for x, y in (corner.split(",") for corner in numbers)]
    if len(points) < 3 or not all(0 <= value <= 1 for point in points for value in point):
        raise ConfigError(
            f"--mask {text}: expected at least three corners x,y with shares of the picture from 0 to 1, such as "
            "0,0.7 1,0.7 1,1 0,1"
        )
    after = [*points[1:], points[0]]
    if abs(sum(x * y1 - x1 * y for (x, y), (x1, y1) in zip(points, after, strict=True))) < LEAST_AREA:
        raise ConfigError(f"--mask {text}: the polygon has no inside; give its corners one after the other")
    picture = Image.new("1", (GRID, GRID))
    ImageDraw.Draw(picture).polygon([(x * GRID - 0.5, y * GRID - 0.5) for x, y in points], fill=1)
    return np.asarray(picture, bool)


def visible(objects: Objects | None, mask: ObjectMask | None) -> Objects | None:
    """`objects` without those that `mask` hides, if there are any, and there is one."""
    return objects if objects is None or mask is None else mask.visible(objects)
