"""A mark a scene: shape and colour together, so that scenes can be told apart in grey and with every eye."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BOX = 1000
"""Units across a picture; an outline is about 20 of them wide."""

SHAPES = (
    ("o", "m-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0z"),
    ("^", "m0-11l10 18h-20z"),
    ("s", "m-8-8h16v16h-16z"),
    ("P", "m-3.5-10.5h7v7h7v7h-7v7h-7v-7h-7v-7h7z"),
    ("D", "m0-12l12 12-12 12-12-12z"),
    ("v", "m0 11l10-18h-20z"),
    ("X", "m-5-10l5 5 5-5 5 5-5 5 5 5-5 5-5-5-5 5-5-5 5-5-5-5z"),
)
"""matplotlib's marker, and the same as an outline around a point."""

COLOURS = (
    ("#1d7a3a", "#7fd48f"),
    ("#b5236f", "#f794c4"),
    ("#4d50c4", "#a9adff"),
    ("#8a5a00", "#e8bd62"),
    ("#00707f", "#5fcbd8"),
    ("#a33a2a", "#f59f8c"),
    ("#5d6b00", "#bfce55"),
    ("#75509c", "#cfaaf0"),
)
"""On light paper, on dark paper. As many as share no factor with the shapes: 56 scenes differ."""


@dataclass(frozen=True)
class SceneMark:
    """How one scene's points are drawn."""

    light: str
    dark: str
    marker: str
    outline: str

    def path(self, places: NDArray[np.floating]) -> str:
        """An SVG path that draws the mark at places (B, 2), in widths of the picture, to a thousandth."""
        return "".join(f"M{x} {y}{self.outline}" for x, y in (BOX * places).round().astype(int).tolist())


def scene_marks(scenes: Iterable[str]) -> dict[str, SceneMark]:
    """{scene: its mark}, by the order of their names."""
    return {
        scene: SceneMark(*COLOURS[number % len(COLOURS)], *SHAPES[number % len(SHAPES)])
        for number, scene in enumerate(sorted(set(scenes)))
    }
