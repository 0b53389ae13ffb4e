"""One colour and one pattern of dashes a model, one colour and one shape a scene: on the page as in the files.

The models' colours are Okabe's and Ito's, darkened for text; every common colour blindness tells them apart. In a grey
print the dashes tell the models apart, and the shapes the scenes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ACCENTS = (
    ("#b04a00", "#f5a25d"),
    ("#0a63ad", "#6fb6f9"),
    ("#00755a", "#45cda5"),
    ("#9c3587", "#ec9bd6"),
    ("#796300", "#e5ce52"),
    ("#4b535c", "#c3cad2"),
    ("#747b84", "#8d949d"),
)
"""On light paper, on dark paper; the last one is of all models beyond those that have curves."""
MOST_DRAWN = len(ACCENTS) - 1
"""Models that have curves, histograms and verdicts; more could not be told apart."""

DASHES: tuple[tuple[float, ...], ...] = ((), (5, 1.5), (1, 1), (5, 1.5, 1, 1.5), (8, 2), (3, 1, 1, 1, 1, 1), (1, 3))
"""Lengths of dash and gap in turn, in widths of the line; a model's is at the place of its colour."""

PICTURE = 1000
"""Units across a picture of the latent space; an outline is about 20 of them wide."""

SCENE_SHAPES = (
    ("o", "m-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0z"),
    ("^", "m0-11l10 18h-20z"),
    ("s", "m-8-8h16v16h-16z"),
    ("P", "m-3.5-10.5h7v7h7v7h-7v7h-7v-7h-7v-7h7z"),
    ("D", "m0-12l12 12-12 12-12-12z"),
    ("v", "m0 11l10-18h-20z"),
    ("X", "m-5-10l5 5 5-5 5 5-5 5 5 5-5 5-5-5-5 5-5-5 5-5-5-5z"),
)
"""matplotlib's marker, and the same as an outline around a point."""

SCENE_COLOURS = (
    ("#1d7a3a", "#7fd48f"),
    ("#b5236f", "#f794c4"),
    ("#4d50c4", "#a9adff"),
    ("#8a5a00", "#e8bd62"),
    ("#00707f", "#5fcbd8"),
    ("#a33a2a", "#f59f8c"),
    ("#5d6b00", "#bfce55"),
    ("#75509c", "#cfaaf0"),
)
"""On light paper, on dark paper. Eight, which share no factor with the seven shapes: 56 scenes differ."""


@dataclass(frozen=True)
class SceneMark:
    """How one scene's points are drawn."""

    light: str
    dark: str
    marker: str
    outline: str

    def path(self, places: NDArray[np.floating]) -> str:
        """An SVG path that draws the mark at places (B, 2), in widths of the picture, to a thousandth."""
        return "".join(f"M{x} {y}{self.outline}" for x, y in (PICTURE * places).round().astype(int).tolist())


def scene_marks(scenes: Iterable[str]) -> dict[str, SceneMark]:
    """{scene: its mark}, by the order of their names."""
    return {
        scene: SceneMark(*SCENE_COLOURS[number % len(SCENE_COLOURS)], *SCENE_SHAPES[number % len(SCENE_SHAPES)])
        for number, scene in enumerate(sorted(set(scenes)))
    }
