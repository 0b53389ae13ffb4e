"""The latent space: where a model places segments of normal footage, as a picture and as a number.

The picture is t-SNE's (van der Maaten and Hinton, Visualizing Data using t-SNE, JMLR 2008), the number the silhouette
coefficient by scene (Rousseeuw, Journal of Computational and Applied Mathematics, 1987). Both see the embeddings
L2-normalised, as the contrastive loss does; the number is measured there, not in the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_samples
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # scikit-learn stands on it

from scenewise.errors import DataError, ScenewiseError
from scenewise.features.store import open_store
from scenewise.methods.method import Embedded
from scenewise.report.runs import Model
from scenewise.report.scene_marks import SceneMark, scene_marks
from scenewise.runs.run import Run, open_run

PER_SCENE = 300
"""Segments of a scene in the picture, at most."""
TOGETHER = 1200
"""Segments in the picture, at most: t-SNE takes some four seconds for them."""
PERPLEXITY = 30.0
"""How many neighbours t-SNE keeps a segment near to: the library's own default."""
HEIGHT = 0.75
"""Height of the picture, its width being 1."""
FEWEST = 4
"""Different embeddings below which there is nothing to draw."""


@dataclass(frozen=True)
class Manifold:
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
    """What a model's lowest seed makes of normal footage."""

    model: Model
    seed: int
    manifold: Manifold | None
    why_not: str = ""
    """Where there is no picture, the reason."""

    @property
    def spoken(self) -> str:
        """The picture in words."""
        if self.manifold is None:
            return f"No picture: {self.why_not}"
        scenes = list(self.manifold.places)
        what = f"{self.model.name}, seed {self.seed}: {self.manifold.segments} segments of {', '.join(scenes)}"
        measured = "" if self.manifold.silhouette is None else f"; silhouette by scene {self.manifold.silhouette:.2f}"
        return f"Latent space of {what}{measured}."


def latent_spaces(models: Sequence[Model]) -> list[LatentSpace]:
    """One for each model that has one, the objectives of one method and encoder side by side.

    A run whose features or weights are gone or were changed has none, and says why: the rest of the report does not
    need them.
    """
    placing = [model for model in models if not model.row.needs_objects]
    ordered = sorted(placing, key=lambda model: (model.row.method, model.row.encoder))
    return [_latent_space(model) for model in ordered]


def latent_marks(spaces: Sequence[LatentSpace]) -> dict[str, SceneMark]:
    """{scene: its mark} for all scenes of the pictures."""
    return scene_marks(scene for space in spaces if space.manifold for scene in space.manifold.places)


def _latent_space(model: Model) -> LatentSpace:
    shown = min(model.runs, key=lambda run: int(run.info["seed"]))
    seed = int(shown.info["seed"])
    try:
        run = open_run(shown.folder)
        per_scene = max(min(PER_SCENE, TOGETHER // len(run.scenes)), 1)
        return LatentSpace(model, seed, manifold(_embedded(run, per_scene)))
    except ScenewiseError as error:
        return LatentSpace(model, seed, None, str(error))


def _embedded(run: Run, per_scene: int) -> Embedded:
    store = open_store(run.features)
    run.fingerprint.require(store.fingerprint, f"the features in {store.folder}")
    return run.method.embed(run.content(), store, per_scene)


def manifold(embedded: Embedded) -> Manifold:
    """Draw and measure the embeddings; the same ones always give the same picture.

    Raises DataError where fewer than 4 of them differ.
    """
    unit: NDArray[np.float32] = normalize(embedded.embeddings)
    different = len(np.unique(unit, axis=0))
    if different < FEWEST:
        raise DataError(f"expected at least {FEWEST} different embeddings to draw, got {different}; use more footage")
    scenes = list(dict.fromkeys(embedded.scenes.tolist()))
    own = {scene: embedded.scenes == scene for scene in scenes}
    places = _draw(unit)
    if 1 < len(scenes) < len(unit):
        silhouettes = silhouette_samples(unit, embedded.scenes)
        of_scene: dict[str, float | None] = {scene: float(silhouettes[own[scene]].mean()) for scene in scenes}
        together = float(silhouettes.mean())
    else:
        of_scene, together = dict.fromkeys(scenes), None
    return Manifold({scene: places[own[scene]] for scene in scenes}, together, of_scene)


def _draw(unit: NDArray[np.float32]) -> NDArray[np.float32]:
    """Places (B, 2) in the picture of embeddings (B, Z), distances in true proportion."""
    tsne = TSNE(init="pca", perplexity=min(PERPLEXITY, (len(unit) - 1) / 3), random_state=0)
    # Every thread adds up its own share of a sum (sum_Q in scikit-learn's _barnes_hut_tsne.pyx), so with another number
    # of threads the last bits differ, and t-SNE makes another picture of that.
    with threadpool_limits(1):
        drawn: NDArray[np.float32] = tsne.fit_transform(unit)
    # t-SNE's axes mean nothing, so the picture may be turned to lie along its longest direction and fill its frame.
    turned = PCA().fit_transform(drawn)
    low, high = turned.min(axis=0), turned.max(axis=0)
    frame = np.array([1.0, HEIGHT], np.float32)
    places: NDArray[np.float32] = frame / 2 + (turned - (low + high) / 2) / ((high - low) / frame).max()
    return places
