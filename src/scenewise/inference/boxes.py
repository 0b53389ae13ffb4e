"""Draws the boxes of objects on a picture, each with its score, and the nearest normal example of the highest one.

Also holds the colours and the font of everything that is drawn on frames.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from scenewise.inference.heat import draw_heat
from scenewise.inference.normal_examples import ShownExample
from scenewise.inference.scored_frames import Sighting
from scenewise.scoring.level import Level, Levels, shown
from scenewise.video.decode import Frame

Colour = tuple[int, int, int]

GROUND: Colour = (20, 24, 30)
TEXT: Colour = (232, 236, 240)
QUIET: Colour = (140, 150, 162)
CALM: Colour = (96, 165, 250)
UNUSUAL: Colour = (250, 190, 88)
ALARM: Colour = (255, 96, 84)
COLOUR_OF: dict[Level, Colour] = {"ordinary": CALM, "unusual": UNUSUAL, "alarm": ALARM}
INSET = 0.26
"""An inset takes at most this share of the picture's width and height."""
CAPTION = "nearest normal example"
SIMILAR = "similar normal example"
"""The caption of a picture of another one that looks like it."""


@cache
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, `size` pixels high."""
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)


class Marks(NamedTuple):
    """Which objects of one scene get boxes."""

    levels: Levels
    all_boxes: bool = False
    """Also the ordinary ones."""

    def shown(self, sightings: Iterable[Sighting], score: float) -> list[Sighting]:
        """Those of a frame's `sightings` that get boxes, the highest last.

        `score` is that of the frame; no box shows more. A box may come from the frame that was examined before.
        """
        capped = (sighting._replace(score=min(sighting.score, score)) for sighting in sightings)
        marked = (one for one in capped if self.all_boxes or self.levels.of(one.score) != "ordinary")
        return sorted(marked, key=lambda sighting: sighting.score)


def draw_boxes(
    picture: Frame,
    sightings: Sequence[Sighting],
    levels: Levels,
    example: ShownExample | None = None,
    heat: NDArray[np.floating] | None = None,
) -> Frame:
    """`picture` (H, W, 3) with the boxes of `sightings`, which `Marks.shown` gave, in the colours of their levels.

    `heat`, a map (rows, columns), glows over the picture; it shows all abnormal places, so only the highest has a box.

    `example`, the nearest normal example of the highest sighting, is drawn in the upper corner away from it.
    """
    if heat is not None:
        picture, sightings = draw_heat(picture, heat), sightings[-1:]
    if not sightings:
        return picture
    canvas = Image.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    for sighting in sightings:
        _draw_box(draw, canvas.size, sighting, levels.of(sighting.score))
    if example is not None:
        _draw_inset(canvas, draw, example, sightings[-1])
    return np.asarray(canvas)


def _draw_box(draw: ImageDraw.ImageDraw, size: tuple[int, int], sighting: Sighting, level: Level) -> None:
    width, height = size
    fine = max(round(width / 480), 1)
    colour, line = COLOUR_OF[level], fine if level == "ordinary" else 2 * fine
    left, top, right, bottom = (round(share * side) for share, side in zip(sighting.box, (*size, *size), strict=True))
    for grown, ink, thick in ((line + 1, GROUND, line + 2), (line, colour, line)):  # a dark rim, visible on anything
        draw.rectangle((left - grown, top - grown, right + grown - 1, bottom + grown - 1), outline=ink, width=thick)
    font = font_of(max(round(width / 52), 9))
    text = f"{level} {shown(sighting.score)}"
    pad = 2 * fine
    wide, high = round(font.getlength(text)) + 2 * pad + 1, round(font.size) + pad
    x = min(max(left - line, 0), width - wide)
    above, below = top - line - high, bottom + line
    y = above if above >= 0 else min(below, height - high)
    draw.rectangle((x, y, x + wide - 1, y + high - 1), fill=colour)
    draw.text((x + wide / 2, y + high / 2), text, GROUND, font, anchor="mm")


def _draw_inset(canvas: Image.Image, draw: ImageDraw.ImageDraw, example: ShownExample, sighting: Sighting) -> None:
    width, height = canvas.size
    font = font_of(max(round(width / 60), 9))
    margin, rows = max(width // 80, 4), round(1.6 * font.size)
    picture, caption = example.picture, SIMILAR if example.similar else CAPTION
    zoom = min(INSET * width / picture.shape[1], INSET * height / picture.shape[0])
    size = max(round(zoom * picture.shape[1]), 1), max(round(zoom * picture.shape[0]), 1)
    inner = max(size[0], round(font.getlength(caption)) + margin)
    outer = inner + 2, size[1] + rows + 2
    middle = (sighting.box[0] + sighting.box[2]) / 2
    left = margin if middle > 0.5 else width - margin - outer[0]
    draw.rectangle((left, margin, left + outer[0] - 1, margin + outer[1] - 1), fill=GROUND, outline=TEXT)
    shrunk = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
    canvas.paste(shrunk, (left + 1 + (inner - size[0]) // 2, margin + 1))
    draw.text((left + outer[0] / 2, margin + 1 + size[1] + rows / 2), caption, TEXT, font, anchor="mm")
