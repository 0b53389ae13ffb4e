"""Which scene a video shows, or none of those the run knows.

A look of some frames is described by the median of its features: what is there most of the time. Features are weighted
by how much of their variance over training frames the scenes explain (the correlation ratio, Fisher 1925), so that what
stands still decides and what passes hardly does. A look's distance to a scene is the weighted mean of

    min(((feature - scene's mean) / deviation)^2, CAP)

with the deviation of looks within their scene, shrunk towards the deviation over all footage as quadratic discriminant
analysis does for small samples (Friedman 1989). The cap keeps a few features that something abnormal moved from making
a known scene unknown. A scene is unknown beyond MARGIN times the largest distance that a training video held out had
to its own scene. Where no scene has a second video to hold out, nothing says how much a scene changes from one video to
the next (looks of one and the same video do not), and no video is refused.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenewise.errors import IntegrityError
from scenewise.features.store import StoredVideo
from scenewise.files import check, record_checksums, write_bytes
from scenewise.runs.run import Run

SCENES = "scenes.safetensors"
LOOK = 128
"""Frames a look: as many of a new video's first frames decide."""
CAP = 25.0
"""Five deviations: further off is not more of another scene."""
SHRINKAGE = 0.3
"""Share of the deviation over all footage that every deviation within scenes has at least."""
MARGIN = 2.5
LEAST_LIMIT = 1.0
"""One deviation on the average: training videos that look all the same do not say how much a scene may change."""

Values = NDArray[np.float64]


class Look(NamedTuple):
    """A look of training footage as the recogniser sees it; (D,) each."""

    scene: str
    video: str
    median: Values
    mean: Values
    variance: Values


class Recognised(NamedTuple):
    """What was made of a look."""

    scene: str | None
    """None where no known scene is near enough."""
    nearest: str
    distance: float
    limit: float


class SceneRecogniser(NamedTuple):
    """What a run knows of how its scenes look."""

    scenes: tuple[str, ...]
    centres: NDArray[np.float32]
    """(S, D)."""
    deviation: NDArray[np.float32]
    """(D,), above 0."""
    weights: NDArray[np.float32]
    """(D,), their sum 1."""
    limit: float
    """The largest distance at which a scene counts as recognised; infinite where training could not tell it."""

    @property
    def refuses(self) -> bool:
        """Whether there are videos that it takes for none of its scenes."""
        return bool(np.isfinite(self.limit))

    def recognise(self, features: NDArray[np.floating]) -> Recognised:
        """The nearest scene of a look's features (N, D), N at least 1, if it is near enough."""
        apart = distances(np.median(features.astype(np.float64), axis=0), self.centres, self.deviation, self.weights)
        nearest = int(apart.argmin())
        known = apart[nearest] <= self.limit
        name = self.scenes[nearest]
        return Recognised(name if known else None, name, float(apart[nearest]), self.limit)


def distances(
    look: NDArray[np.floating],
    centres: NDArray[np.floating],
    deviation: NDArray[np.floating],
    weights: NDArray[np.floating],
) -> Values:
    """Distance of a look's median features (D,) to every centre (S, D): (S,), 0 to CAP."""
    squares = np.square((look - centres) / deviation)
    apart: Values = np.minimum(squares, CAP).astype(np.float64) @ weights
    return apart


def training_looks(videos: Sequence[StoredVideo]) -> list[Look]:
    """Every video in looks of LOOK frames; a shorter rest counts only where it is all there is."""
    looks = []
    for video in videos:
        waiting = np.empty((0, video.width), np.float16)
        for block in video.blocks():
            waiting = np.concatenate([waiting, block.features])
            while len(waiting) >= LOOK:
                looks.append(_look(video, waiting[:LOOK]))
                waiting = waiting[LOOK:]
        if video.frames < LOOK:
            looks.append(_look(video, waiting))
    return looks


def _look(video: StoredVideo, features: NDArray[np.float16]) -> Look:
    rows = features.astype(np.float64)
    return Look(video.scene, video.name, np.median(rows, axis=0), rows.mean(axis=0), rows.var(axis=0))


def fit_recogniser(looks: Sequence[Look]) -> SceneRecogniser:
    """The recogniser that training looks define. Each scene has at least one."""
    scenes = tuple(sorted({look.scene for look in looks}))
    owner = np.array([scenes.index(look.scene) for look in looks])
    medians = np.stack([look.median for look in looks])
    centres = np.stack([medians[owner == scene].mean(axis=0) for scene in range(len(scenes))])
    weights, total = _weights(looks, owner)
    freedom = max(len(looks) - len(scenes), 1)
    within = np.square(medians - centres[owner]).sum(axis=0) / freedom
    deviation = np.sqrt(within + SHRINKAGE**2 * total + 1e-8)  # features that never change at all have none
    held_out = [
        float(distances(look.median, rest.mean(axis=0)[None], deviation, weights)[0])
        for look, rest in ((look, _without(look, looks)) for look in looks)
        if len(rest)
    ]
    limit = max(MARGIN * max(held_out, default=np.inf), LEAST_LIMIT)
    return SceneRecogniser(
        scenes, centres.astype(np.float32), deviation.astype(np.float32), weights.astype(np.float32), limit
    )


def _weights(looks: Sequence[Look], owner: NDArray[np.int64]) -> tuple[Values, Values]:
    """Weights (D,) of the features, and their variance (D,) over all training frames."""
    means = np.stack([look.mean for look in looks])
    overall = means.mean(axis=0)
    total = np.square(means - overall).mean(axis=0) + np.stack([look.variance for look in looks]).mean(axis=0)
    scene_means = np.stack([means[owner == scene].mean(axis=0) for scene in range(owner.max() + 1)])
    # Of one scene alone nothing tells what differs between scenes: what is constant in it, next to its own size, does.
    signal = np.square(scene_means[owner] - overall).mean(axis=0) if len(scene_means) > 1 else np.square(overall)
    noise = total if len(scene_means) > 1 else total + signal
    explained = np.square(signal / np.maximum(noise, 1e-12))
    if not explained.sum() > 0:
        explained = np.ones_like(explained)
    return explained / explained.sum(), total


def _without(look: Look, looks: Sequence[Look]) -> Values:
    """Medians (n, D) of the scene's other videos."""
    return np.array([other.median for other in looks if other.scene == look.scene and other.video != look.video])


def write_recogniser(run: Run, recogniser: SceneRecogniser) -> None:
    """Write it into the run."""
    tensors = {
        "centres": recogniser.centres,
        "deviation": recogniser.deviation,
        "weights": recogniser.weights,
        "limit": np.array([recogniser.limit]),
    }
    write_bytes(run.folder / SCENES, save_tensors(tensors))
    record_checksums(run.folder, [SCENES])


def read_recogniser(run: Run) -> SceneRecogniser:
    """What `write_recogniser` wrote. Raises IntegrityError where it is missing or changed."""
    path = run.folder / SCENES
    if not path.is_file():
        raise IntegrityError(f"{path}: the run does not know how its scenes look; train again, or give --scene")
    tensors = load_tensors(check(path).read_bytes())
    return SceneRecogniser(
        run.scenes, tensors["centres"], tensors["deviation"], tensors["weights"], float(tensors["limit"][0])
    )
