"""Colours of what is drawn on frames, and the type it is written in."""

from functools import cache
from pathlib import Path

import matplotlib
from PIL import ImageFont

Colour = tuple[int, int, int]

GROUND: Colour = (20, 24, 30)
TEXT: Colour = (232, 236, 240)
QUIET: Colour = (140, 150, 162)
CALM: Colour = (96, 165, 250)
ALARM: Colour = (255, 96, 84)


@cache
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, `size` pixels high."""
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)
