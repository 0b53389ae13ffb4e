"""Scene recognition: which of the run's scenes a video shows, if any.

A sample of some frames is represented by the median of its features: it stands for what is visible most of the time.
Each feature is weighted by the share of its variance over training frames that the scenes explain (the correlation
ratio, Fisher 1925). A sample's distance to a scene is the weighted mean of

    min(((feature - scene's mean) / deviation)^2, CAP)

The deviation is that of samples within their scene, shrunk towards the deviation over all footage as regularised
discriminant analysis does for small samples (Friedman 1989). With the cap, a few features that something abnormal
changed do not make a known scene unknown.

A scene is unknown beyond MARGIN times the largest distance of a held-out training video to its scene. Samples of one
video do not show how much a scene changes from one video to the next. So if no scene has a second video to hold out, no
video is refused.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from scenewise.checksums import check, reading
from scenewise.features.store import StoredVideo
from scenewise.files import write_bytes
from scenewise.formats.tensors import parse_tensors, require_tensors, tensor

SCENES = "scenes.safetensors"
SAMPLE = 128
"""Frames of a sample; a new video is recognised by so many of its first frames."""
CAP = 25.0
"""Five deviations: a greater difference says no more."""
SHRINKAGE = 0.3
"""Deviations within scenes are at least this share of the deviation over all footage."""
MARGIN = 2.5
LEAST_LIMIT = 1.0
"""One deviation on average: the limit if training videos are so similar that they do not show how a scene changes."""

Values = NDArray[np.float64]


class Sample(NamedTuple):
    """Statistics of a sample of training footage; (D,) each."""

    scene: str
    video: str
    median: Values
    mean: Values
    variance: Values


class Recognised(NamedTuple):
    """The result for a sample."""

    scene: str | None
    """None if no known scene is near enough."""
    nearest: str
    distance: float
    limit: float


NEAREST = (
    "no scene of the run has a second training video, so it is unknown how much a scene may change: every video is "
    "taken for the nearest scene; --scene names the right one"
)
"""What is said of a recogniser that refuses nothing, at training and at scoring."""


class SceneRecogniser(NamedTuple):
    """The features of a run's scenes, by which their videos are recognised."""

    scenes: tuple[str, ...]
    centres: NDArray[np.float32]
    """(S, D): the mean of the medians of each scene's samples."""
    deviation: NDArray[np.float32]
    """(D,), above 0."""
    weights: NDArray[np.float32]
    """(D,), their sum is 1."""
    limit: float
    """The largest distance at which a scene counts as recognised; infinite if no scene has a second video."""

    @property
    def refuses(self) -> bool:
        """Whether some videos are recognised as none of the scenes."""
        return bool(np.isfinite(self.limit))

    def recognise(self, features: NDArray[np.floating]) -> Recognised:
        """The scene nearest to a sample's features (N, D), N at least 1, if it is near enough."""
        median = np.median(features.astype(np.float64), axis=0)
        scene_distances = distances(median, self.centres, self.deviation, self.weights)
        nearest = int(scene_distances.argmin())
        known = scene_distances[nearest] <= self.limit
        name = self.scenes[nearest]
        return Recognised(name if known else None, name, float(scene_distances[nearest]), self.limit)


def distances(
    sample: NDArray[np.floating],
    centres: NDArray[np.floating],
    deviation: NDArray[np.floating],
    weights: NDArray[np.floating],
) -> Values:
    """Distance of a sample's median features (D,) to every centre (S, D): (S,), 0 to CAP."""
    squares = np.square((sample - centres) / deviation)
    means: Values = np.minimum(squares, CAP).astype(np.float64) @ weights
    return means


def training_samples(videos: Sequence[StoredVideo]) -> list[Sample]:
    """Every video as samples of SAMPLE frames; a shorter rest is dropped, unless it is the whole video."""
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
    """Fit a recogniser to training samples, at least one of each scene."""
    scenes = tuple(sorted({sample.scene for sample in samples}))
    owner = np.array([scenes.index(sample.scene) for sample in samples])
    medians = np.stack([sample.median for sample in samples])
    centres = np.stack([medians[owner == scene].mean(axis=0) for scene in range(len(scenes))])
    weights, total = _weights(samples, owner)
    freedom = max(len(samples) - len(scenes), 1)
    within = np.square(medians - centres[owner]).sum(axis=0) / freedom
    deviation = np.sqrt(within + SHRINKAGE**2 * total + 1e-8)  # not 0 for features that never change
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
    # One scene alone does not show which features differ between scenes. Its features with a small deviation compared
    # with their mean are weighted instead.
    signal = np.square(scene_means[owner] - overall).mean(axis=0) if len(scene_means) > 1 else np.square(overall)
    noise = total if len(scene_means) > 1 else total + signal
    explained = np.square(signal / np.maximum(noise, 1e-12))
    if not explained.sum() > 0:
        explained = np.ones_like(explained)
    return explained / explained.sum(), total


def _without(sample: Sample, samples: Sequence[Sample]) -> Values:
    """Medians (n, D) of the samples of the scene's other videos."""
    return np.array([other.median for other in samples if other.scene == sample.scene and other.video != sample.video])


def write_recogniser(folder: Path, recogniser: SceneRecogniser) -> None:
    """Write `recogniser` into `folder`, the folder of a run."""
    tensors = {
        "centres": recogniser.centres,
        "deviation": recogniser.deviation,
        "weights": recogniser.weights,
        "limit": np.array([recogniser.limit]),
    }
    write_bytes(folder / SCENES, save_tensors(tensors))


FORMS = {
    "centres": tensor("float32", "scenes", "width"),
    "deviation": tensor("float32", "width"),
    "weights": tensor("float32", "width"),
    "limit": tensor("float64", 1, finite=False),  # infinite if there is nothing to take it from
}


def read_recogniser(folder: Path, scenes: tuple[str, ...], width: int) -> SceneRecogniser:
    """The recogniser that `write_recogniser` wrote for a run of `scenes` and features `width` wide.

    Raises IntegrityError if it is missing or was changed.
    """
    path = folder / SCENES
    with reading(path, "train again"):
        tensors = parse_tensors(check(path).read_bytes())
        require_tensors(tensors, FORMS, {"scenes": len(scenes), "width": width})
        if np.isnan(tensors["limit"]).any():
            raise ValueError("limit: is no number")
    return SceneRecogniser(
        scenes, tensors["centres"], tensors["deviation"], tensors["weights"], float(tensors["limit"][0])
    )
