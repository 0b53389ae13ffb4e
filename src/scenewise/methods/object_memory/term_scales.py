"""The scales on which the terms of a memory's score are added up, from its scene's normal footage."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors

from scenewise.errors import IntegrityError
from scenewise.features.store import StoredVideo
from scenewise.files import check, read_json
from scenewise.runs.run import CALIBRATION, NORMAL_TERMS, Run
from scenewise.scoring.smoothing import smooth

FRAME_WEIGHT = 0.1
"""Weight of the frame term beside the objects', where an encoder describes these."""
FRAME_WEIGHT_BY_SHAPE = 1.0
"""Where their outline and edges do, which tell little: the frame as a whole counts as much."""
LEAST_SPREAD = 0.05
"""Of score, between the median and the 99th percentile of normal: footage without any spread would make every
difference look infinite."""


class TermScale(NamedTuple):
    """Median and 99th percentile of a scene's normal terms, smoothed as scores are."""

    object_median: float
    object_q99: float
    frame_median: float
    frame_q99: float

    def of_objects(self, score: NDArray[np.float32]) -> NDArray[np.float32]:
        """Novelty of objects, or of frames by their objects, with the median at 0 and the 99th percentile at 1."""
        return _scaled(score, self.object_median, self.object_q99)

    def of_frames(self, score: NDArray[np.float32]) -> NDArray[np.float32]:
        """Novelty of whole frames, likewise."""
        return _scaled(score, self.frame_median, self.frame_q99)


def normal_scores(run: Run, videos: list[StoredVideo]) -> tuple[TermScale, list[NDArray[np.float32]]]:
    """The term scale of one scene, and the raw smoothed scores (N,) of its normal `videos`, from a run's terms.

    Raises IntegrityError where the terms are missing or were changed.
    """
    terms = load_tensors(check(run.folder / NORMAL_TERMS).read_bytes())
    by_objects = [terms[f"{video.scene}/{video.name}/objects"] for video in videos]
    by_frames = [
        terms.get(f"{video.scene}/{video.name}/frames", np.zeros(video.frames, np.float32)) for video in videos
    ]
    scale = TermScale(*_middle_and_q99(by_objects, run, videos), *_middle_and_q99(by_frames, run, videos))
    weight = frame_weight(run)
    raw = [
        scale.of_objects(objects) + weight * scale.of_frames(frames)
        for objects, frames in zip(by_objects, by_frames, strict=True)
    ]
    return scale, [smooth(score, run.config.smoothing, video.fps) for score, video in zip(raw, videos, strict=True)]


def frame_weight(run: Run) -> float:
    """What the run's frame term counts beside its object term."""
    described = run.fingerprint.identity.get("objects", {}).get("object_encoder", {})
    return FRAME_WEIGHT_BY_SHAPE if described.get("kind") == "shape" else FRAME_WEIGHT


def read_term_scales(run: Run) -> dict[str, TermScale]:
    """{scene: scale}, as the run's calibration holds them. Raises IntegrityError."""
    described = read_json(run.folder / CALIBRATION, format_version=1)
    if any("terms" not in own for own in described["scenes"].values()):
        raise IntegrityError(f"{run.folder / CALIBRATION}: it holds no scales of a memory's terms; train again")
    return {scene: TermScale(*own["terms"]) for scene, own in described["scenes"].items()}


def _middle_and_q99(terms: list[NDArray[np.float32]], run: Run, videos: list[StoredVideo]) -> tuple[float, float]:
    smoothed = [smooth(term, run.config.smoothing, video.fps) for term, video in zip(terms, videos, strict=True)]
    values = np.concatenate(smoothed)
    return float(np.median(values)), float(np.quantile(values, 0.99))


def _scaled(values: NDArray[np.float32], median: float, q99: float) -> NDArray[np.float32]:
    return np.asarray((values - median) / max(q99 - median, LEAST_SPREAD), np.float32)
