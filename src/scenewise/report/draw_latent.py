"""A model's latent space as a matplotlib figure for papers: the page's own places and marks."""

import textwrap
from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from scenewise.report.draw import LINE, ONE_COLUMN
from scenewise.report.manifold import HEIGHT, Manifold
from scenewise.report.scene_marks import SceneMark

LETTERS = 56
"""Of the title that fit a line."""


def draw_latent(manifold: Manifold, name: str, marks: Mapping[str, SceneMark]) -> Figure:
    """Where the model called `name` places normal footage: a mark a segment, its shape and colour its scene's."""
    silhouette = "none, a single scene" if manifold.silhouette is None else f"{manifold.silhouette:.2f}"
    title = [*textwrap.wrap(name, LETTERS), f"silhouette by scene: {silhouette}"]
    columns = 3 if max(map(len, manifold.places)) < 14 else 2
    lines = len(title) + -(-len(manifold.places) // columns)
    figure = Figure((ONE_COLUMN, HEIGHT * ONE_COLUMN + 0.2 + 0.16 * lines), layout="constrained")
    axes = figure.subplots()
    for scene, places in manifold.places.items():
        mark = marks[scene]
        axes.scatter(places[:, 0], places[:, 1], s=11, c=mark.light, marker=mark.marker, alpha=0.6, lw=0.4)
    # Up and down as on the page, and one scale for both directions: only nearness means something.
    axes.invert_yaxis()
    axes.set_aspect("equal", adjustable="datalim")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=LINE)
    axes.set_title("\n".join(title), loc="left")
    keys = [
        Line2D([], [], color=marks[scene].light, marker=marks[scene].marker, ls="", ms=4.5, label=scene)
        for scene in manifold.places
    ]
    figure.legend(handles=keys, loc="outside lower left", ncols=columns, handletextpad=0.2, columnspacing=1.2)
    return figure
