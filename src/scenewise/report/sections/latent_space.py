"""The latent space: where every model places segments of normal footage, as a picture and as a number.

The picture is t-SNE's (van der Maaten and Hinton, Visualizing Data using t-SNE, JMLR 2008), the number the silhouette
coefficient by scene (Rousseeuw, Journal of Computational and Applied Mathematics, 1987). Both see the embeddings
L2-normalised, as the contrastive loss does; the number is measured there, not in the picture.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_samples
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # scikit-learn stands on it

from scenewise.errors import DataError, ScenewiseError
from scenewise.features.store import open_store
from scenewise.methods.method import Embedded
from scenewise.report.colours import SceneMark, scene_marks
from scenewise.report.drawing import LINE, ONE_COLUMN
from scenewise.report.evaluated_runs import Model
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content, Frames, Pictures
from scenewise.runs.run import Run, open_run

TITLE = "Latent space"
PER_SCENE = 300
"""Segments of a scene in the picture, at most."""
TOGETHER = 1200
"""Segments in the picture, at most: t-SNE takes some four seconds for them."""
PERPLEXITY = 30.0
"""How many neighbours t-SNE keeps a segment near to: the default of the library."""
HEIGHT = 0.75
"""Height of the picture, its width being 1."""
FEWEST = 4
"""Different embeddings below which there is nothing to draw."""
LETTERS = 56
"""Of the title that fit a line of the picture for papers."""


@dataclass(frozen=True)
class Projection:
    """Normal footage in one latent space."""

    places: dict[str, NDArray[np.float32]]
    """{scene: (B, 2) its segments' places: x from the left in [0, 1], y from the top in [0, HEIGHT]}."""
    silhouette: float | None
    """Mean over all segments, -1 to 1: near 1 the scenes lie apart, near 0 they are mixed; None for a single scene."""
    of_scene: dict[str, float | None]
    """{scene: mean over its segments}."""

    @property
    def segments(self) -> int:
        """How many there are in the picture."""
        return sum(map(len, self.places.values()))


@dataclass(frozen=True)
class LatentSpace:
    """Where the run with a model's lowest seed places normal footage."""

    model: Model
    seed: int
    projection: Projection | None
    why_not: str = ""
    """If there is no picture, the reason."""

    @property
    def spoken(self) -> str:
        """The picture in words."""
        projection = self.projection
        if projection is None:
            return f"No picture: {self.why_not}"
        scenes = ", ".join(projection.places)
        what = f"{self.model.name}, seed {self.seed}: {projection.segments} segments of {scenes}"
        measured = "" if projection.silhouette is None else f"; silhouette by scene {projection.silhouette:.2f}"
        return f"Latent space of {what}{measured}."


@dataclass(frozen=True, eq=False)
class LatentSpaceContent(Content):
    """The latent spaces of all models."""

    spaces: list[LatentSpace]
    """Models of one method and encoder side by side."""

    @property
    def drawn(self) -> list[LatentSpace]:
        """Those with a picture."""
        return [space for space in self.spaces if space.projection]

    @cached_property
    def marks(self) -> dict[str, SceneMark]:
        """{scene: its mark} for all scenes of the pictures."""
        return scene_marks(scene for space in self.spaces if space.projection for scene in space.projection.places)

    def pictures(self, frames: Frames) -> Pictures:
        """One a model."""
        found: dict[str, partial[Figure]] = {}
        for space in self.spaces:
            if space.projection:
                name = re.sub(r"[^\w.+]+", "-", space.model.short).strip("-")
                title = f"{space.model.short}, seed {space.seed}"
                found[f"latent_{name}"] = partial(draw_projection, space.projection, title, self.marks)
        return found


def show(gathered: Gathered) -> LatentSpaceContent:
    """One latent space for each model.

    A method that has none, or a run whose features or weights are gone or were changed, gives the reason: the rest of
    the report does not need them.
    """
    ordered = sorted(gathered.drawn, key=lambda model: (model.row.method, model.row.encoder))
    return LatentSpaceContent([_latent_space(model) for model in ordered])


def _latent_space(model: Model) -> LatentSpace:
    shown = model.by_seed[0]
    seed = int(shown.info["seed"])
    try:
        run = open_run(shown.folder)
        per_scene = max(min(PER_SCENE, TOGETHER // len(run.scenes)), 1)
        return LatentSpace(model, seed, project(_embedded(run, per_scene)))
    except ScenewiseError as error:
        return LatentSpace(model, seed, None, str(error))


def _embedded(run: Run, per_scene: int) -> Embedded:
    store = open_store(run.features)
    run.fingerprint.require(store.fingerprint, f"the features in {store.folder}")
    return run.method.embed(run.content(), store, per_scene)


def project(embedded: Embedded) -> Projection:
    """Draw and measure the embeddings; the same ones always give the same picture.

    Raises DataError if fewer than 4 of them differ.
    """
    unit: NDArray[np.float32] = normalize(embedded.embeddings)
    different = len(np.unique(unit, axis=0))
    if different < FEWEST:
        raise DataError(f"expected at least {FEWEST} different embeddings to draw, got {different}; use more footage")
    scenes = list(dict.fromkeys(embedded.scenes.tolist()))
    rows = {scene: embedded.scenes == scene for scene in scenes}
    places = _places(unit)
    if 1 < len(scenes) < len(unit):
        silhouettes = silhouette_samples(unit, embedded.scenes)
        of_scene: dict[str, float | None] = {scene: float(silhouettes[rows[scene]].mean()) for scene in scenes}
        together = float(silhouettes.mean())
    else:
        of_scene, together = dict.fromkeys(scenes), None
    return Projection({scene: places[rows[scene]] for scene in scenes}, together, of_scene)


def _places(unit: NDArray[np.float32]) -> NDArray[np.float32]:
    """Places (B, 2) in the picture of embeddings (B, Z), distances in true proportion."""
    tsne = TSNE(init="pca", perplexity=min(PERPLEXITY, (len(unit) - 1) / 3), random_state=0)
    # Every thread adds up a share of a sum (sum_Q in scikit-learn's _barnes_hut_tsne.pyx), so with another number
    # of threads the last bits differ, and t-SNE makes another picture of that.
    with threadpool_limits(1):
        drawn: NDArray[np.float32] = tsne.fit_transform(unit)
    # t-SNE's axes mean nothing, so the picture may be turned to lie along its longest direction and fill its frame.
    turned = PCA().fit_transform(drawn)
    low, high = turned.min(axis=0), turned.max(axis=0)
    frame = np.array([1.0, HEIGHT], np.float32)
    places: NDArray[np.float32] = frame / 2 + (turned - (low + high) / 2) / ((high - low) / frame).max()
    return places


def draw_projection(projection: Projection, name: str, marks: Mapping[str, SceneMark]) -> Figure:
    """Where the model called `name` places normal footage: a mark a segment, its shape and colour are its scene's."""
    silhouette = "none, a single scene" if projection.silhouette is None else f"{projection.silhouette:.2f}"
    title = [*textwrap.wrap(name, LETTERS), f"silhouette by scene: {silhouette}"]
    columns = 3 if max(map(len, projection.places)) < 14 else 2
    lines = len(title) + -(-len(projection.places) // columns)
    figure = Figure((ONE_COLUMN, HEIGHT * ONE_COLUMN + 0.2 + 0.16 * lines), layout="constrained")
    axes = figure.subplots()
    for scene, places in projection.places.items():
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
        for scene in projection.places
    ]
    figure.legend(handles=keys, loc="outside lower left", ncols=columns, handletextpad=0.2, columnspacing=1.2)
    return figure
