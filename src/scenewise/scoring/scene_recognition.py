"""Which scene a video shows, or none of those the run knows.

A sample of some frames is described by the median of its features: what is there most of the time. Features are
weighted by how much of their variance over training frames the scenes explain (the correlation ratio, Fisher 1925), so
that the scene decides, and hardly what passes through it. A sample's distance to a scene is the weighted mean of

    min(((feature - scene's mean) / deviation)^2, CAP)

with the deviation of samples within their scene, shrunk towards the deviation over all footage as quadratic
discriminant analysis does for small samples (Friedman 1989). The cap keeps a few features that something abnormal moved
from making a known scene unknown. A scene is unknown beyond MARGIN times the largest distance that a held-out training
video has to its scene. If no scene has a second video to hold out, nothing says how much a scene changes from one video
to the next (samples of one video do not), and no video is refused.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenewise.features.store import StoredVideo
from scenewise.files import check, write_bytes

SCENES = "scenes.safetensors"
SAMPLE = 128
"""Frames a sample: as many of a new video's first frames decide."""
CAP = 25.0
"""Five deviations: further off is not more of another scene."""
SHRINKAGE = 0.3
"""Share of the deviation over all footage that every deviation within scenes has at least."""
MARGIN = 2.5
LEAST_LIMIT = 1.0
"""One deviation on the average: training videos that sample all the same do not say how much a scene may change."""

Values = NDArray[np.float64]


class Sample(NamedTuple):
    """A sample of training footage as the recogniser sees it; (D,) each."""

    scene: str
    video: str
    median: Values
    mean: Values
    variance: Values


class Recognised(NamedTuple):
    """What was made of a sample."""

    scene: str | None
    """None where no known scene is near enough."""
    nearest: str
    distance: float
    limit: float


class SceneRecogniser(NamedTuple):
    """What a run knows of the appearance of its scenes."""

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
        """The nearest scene of a sample's features (N, D), N at least 1, if it is near enough."""
        apart = distances(np.median(features.astype(np.float64), axis=0), self.centres, self.deviation, self.weights)
        nearest = int(apart.argmin())
        known = apart[nearest] <= self.limit
        name = self.scenes[nearest]
        return Recognised(name if known else None, name, float(apart[nearest]), self.limit)


def distances(
    sample: NDArray[np.floating],
    centres: NDArray[np.floating],
    deviation: NDArray[np.floating],
    weights: NDArray[np.floating],
) -> Values:
    """Distance of a sample's median features (D,) to every centre (S, D): (S,), 0 to CAP."""
    squares = np.square((sample - centres) / deviation)
    apart: Values = np.minimum(squares, CAP).astype(np.float64) @ weights
    return apart


def training_samples(videos: Sequence[StoredVideo]) -> list[Sample]:
    """Every video in samples of SAMPLE frames; a shorter rest counts only where it is all there is."""
    samples = []
    for video in videos:
        waiting = np.empty((0, video.width), np.float16)
        for block in video.blocks():
            waiting = np.concatenate([waiting, block.features])
            while len(waiting) >= SAMPLE:
                samples.append(_sample(video, waiting[:SAMPLE]))
                waiting = waiting[SAMPLE:]
        if video.frames < SAMPLE:
            samples.append(_sample(video, waiting))
    return samples


def _sample(video: StoredVideo, features: NDArray[np.float16]) -> Sample:
    rows = features.astype(np.float64)
    return Sample(video.scene, video.name, np.median(rows, axis=0), rows.mean(axis=0), rows.var(axis=0))


def fit_recogniser(samples: Sequence[Sample]) -> SceneRecogniser:
    """The recogniser that training samples define. Each scene has at least one."""
    scenes = tuple(sorted({sample.scene for sample in samples}))
    owner = np.array([scenes.index(sample.scene) for sample in samples])
    medians = np.stack([sample.median for sample in samples])
    centres = np.stack([medians[owner == scene].mean(axis=0) for scene in range(len(scenes))])
    weights, total = _weights(samples, owner)
    freedom = max(len(samples) - len(scenes), 1)
    within = np.square(medians - centres[owner]).sum(axis=0) / freedom
    deviation = np.sqrt(within + SHRINKAGE**2 * total + 1e-8)  # features that never change at all have none
    held_out = [
        float(distances(sample.median, rest.mean(axis=0)[None], deviation, weights)[0])
        for sample, rest in ((sample, _without(sample, samples)) for sample in samples)
        if len(rest)
    ]
    limit = max(MARGIN * max(held_out, default=np.inf), LEAST_LIMIT)
    return SceneRecogniser(
        scenes, centres.astype(np.float32), deviation.astype(np.float32), weights.astype(np.float32), limit
    )


def _weights(samples: Sequence[Sample], owner: NDArray[np.int64]) -> tuple[Values, Values]:
    """Weights (D,) of the features, and their variance (D,) over all training frames."""
    means = np.stack([sample.mean for sample in samples])
    overall = means.mean(axis=0)
    total = np.square(means - overall).mean(axis=0) + np.stack([sample.variance for sample in samples]).mean(axis=0)
    scene_means = np.stack([means[owner == scene].mean(axis=0) for scene in range(owner.max() + 1)])
    # Of one scene alone nothing tells what differs between scenes: what is constant in it, next to its own size, does.
    signal = np.square(scene_means[owner] - overall).mean(axis=0) if len(scene_means) > 1 else np.square(overall)
    noise = total if len(scene_means) > 1 else total + signal
    explained = np.square(signal / np.maximum(noise, 1e-12))
    if not explained.sum() > 0:
        explained = np.ones_like(explained)
    return explained / explained.sum(), total


def _without(sample: Sample, samples: Sequence[Sample]) -> Values:
    """Medians (n, D) of the scene's other videos."""
    return np.array([other.median for other in samples if other.scene == sample.scene and other.video != sample.video])


def write_recogniser(folder: Path, recogniser: SceneRecogniser) -> None:
    """Write it into the folder of a run."""
    tensors = {
        "centres": recogniser.centres,
        "deviation": recogniser.deviation,
        "weights": recogniser.weights,
        "limit": np.array([recogniser.limit]),
    }
    write_bytes(folder / SCENES, save_tensors(tensors))


def read_recogniser(folder: Path, scenes: tuple[str, ...]) -> SceneRecogniser:
    """What `write_recogniser` wrote, of a run of `scenes`. Raises IntegrityError if it is missing or was changed."""
    tensors = load_tensors(check(folder / SCENES).read_bytes())
    return SceneRecogniser(
        scenes, tensors["centres"], tensors["deviation"], tensors["weights"], float(tensors["limit"][0])
    )
