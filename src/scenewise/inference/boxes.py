"""Draws the boxes of objects on a picture, each with its score, and the nearest normal example of the highest one.

Also holds the colours and the font of everything that is drawn on frames.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from scenewise.inference.heat import draw_heat
from scenewise.inference.normal_examples import ShownExample
from scenewise.inference.scored_frames import SHOWN, Sighting
from scenewise.video.decode import Frame

Colour = tuple[int, int, int]

GROUND: Colour = (20, 24, 30)
TEXT: Colour = (232, 236, 240)
QUIET: Colour = (140, 150, 162)
CALM: Colour = (96, 165, 250)
ALARM: Colour = (255, 96, 84)
ABNORMAL = 1.0
"""A box with at least this score is bold and in the colour of alarms."""
INSET = 0.26
"""An inset takes at most this share of the picture's width and height."""
CAPTION = "nearest normal example"
SIMILAR = "similar normal example"
"""The caption of a picture of another one that looks like it."""


@cache
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, `size` pixels high."""
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)


def draw_boxes(
    picture: Frame,
    sightings: Sequence[Sighting],
    example: ShownExample | None = None,
    heat: NDArray[np.floating] | None = None,
) -> Frame:
    """`picture` (H, W, 3) with the boxes of the `sightings` above SHOWN, the highest score on top.

    `heat`, a map (rows, columns), glows over the picture; it shows all abnormal places, so only the highest has a box.

    `example`, the nearest normal example of the highest sighting, is drawn in the upper corner away from it.
    """
    shown = sorted((s for s in sightings if s.score > SHOWN), key=lambda sighting: sighting.score)
    if heat is not None:
        picture, shown = draw_heat(picture, heat), shown[-1:]
    if not shown:
        return picture
    canvas = Image.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    for sighting in shown:
        _draw_box(draw, canvas.size, sighting)
    if example is not None:
        _draw_inset(canvas, draw, example, shown[-1])
    return np.asarray(canvas)


def _draw_box(draw: ImageDraw.ImageDraw, size: tuple[int, int], sighting: Sighting) -> None:
    width, height = size
    fine = max(round(width / 480), 1)
    abnormal = sighting.score >= ABNORMAL
    colour, line = (ALARM, 2 * fine) if abnormal else (CALM, fine)
    left, top, right, bottom = (round(share * side) for share, side in zip(sighting.box, (*size, *size), strict=True))
    for grown, ink, thick in ((line + 1, GROUND, line + 2), (line, colour, line)):  # a dark rim, visible on anything
        draw.rectangle((left - grown, top - grown, right + grown - 1, bottom + grown - 1), outline=ink, width=thick)
    font = font_of(max(round(width / 52), 9))
    text = f"{sighting.score:.{1 if sighting.score < 100 else 0}f}"
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
