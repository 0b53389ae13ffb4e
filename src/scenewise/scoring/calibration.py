"""The scene scale, on which scores of all cameras are comparable; calibration computes it from normal scores."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from safetensors.numpy import save as save_tensors

from scenewise.checksums import check, read_json, reading
from scenewise.config import FPS
from scenewise.files import write_bytes, write_json
from scenewise.formats.json_text import Form
from scenewise.formats.tensors import parse_tensors, require_tensors, tensor
from scenewise.scoring.smoothing import smooth
from scenewise.scoring.threshold import NormalScores

FORMAT = 1
CALIBRATION = "calibration.json"
NORMAL_SCORES = "normal_scores.safetensors"


class SceneScale(NamedTuple):
    """Median and 99th percentile of a scene's normal scores, which are smoothed as the scores to be scaled are."""

    median: float
    q99: float

    def apply(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """(s - median) / (q99 - median), unbounded: 0 is ordinary, 1 the 99th percentile of normal."""
        # Constant normal scores have no spread; the smallest step of float32 replaces it.
        spread = max(self.q99 - self.median, float(np.finfo(np.float32).eps) * max(abs(self.median), 1e-6))
        return ((scores.astype(np.float64) - self.median) / spread).astype(np.float32)


class Calibration(NamedTuple):
    """The scale of every scene, and the normal scores that it was computed from."""

    scales: dict[str, SceneScale]
    smoothed: dict[str, tuple[NormalScores, ...]]
    """{scene: scores of its normal videos, or parts of them, smoothed, not scaled}."""

    def normal_scores(self, scene: str) -> list[NormalScores]:
        """The normal scores of `scene` on its scale, video by video."""
        scale = self.scales[scene]
        return [NormalScores(scale.apply(part.scores), part.fps) for part in self.smoothed[scene]]


def calibrate(normal: Mapping[str, Sequence[NormalScores]], smoothing: float, least_spread: float = 0.0) -> Calibration:
    """The scale of every scene, from `normal` {scene: raw scores of each normal video, or part of one}.

    These are smoothed by `smoothing` seconds first, each video by itself, as the scores to be scaled are. The distance
    between median and 99th percentile is at least `least_spread`.
    """
    smoothed = {
        scene: tuple(NormalScores(smooth(part.scores, smoothing, part.fps), part.fps) for part in parts)
        for scene, parts in normal.items()
    }
    scales = {
        scene: scene_scale(np.concatenate([part.scores for part in parts]), least_spread)
        for scene, parts in smoothed.items()
    }
    return Calibration(scales, smoothed)


def scene_scale(scores: NDArray[np.float32], least_spread: float = 0.0) -> SceneScale:
    """The scale of a scene with the smoothed normal scores `scores` (N,); N is at least 1."""
    values = scores.astype(np.float64)
    median = float(np.median(values))
    return SceneScale(median, max(float(np.quantile(values, 0.99)), median + least_spread))


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Write `calibration` into `folder`, the folder of a run."""
    tensors = {scene: np.concatenate([part.scores for part in parts]) for scene, parts in calibration.smoothed.items()}
    write_bytes(folder / NORMAL_SCORES, save_tensors(tensors))
    described = {
        "format": FORMAT,
        "scenes": {
            scene: {
                "median": calibration.scales[scene].median,
                "q99": calibration.scales[scene].q99,
                "normal": [{"frames": len(part.scores), "fps": part.fps} for part in parts],
            }
            for scene, parts in calibration.smoothed.items()
        },
    }
    write_json(folder / CALIBRATION, described)


class _Part(Form):
    frames: Annotated[int, Field(ge=0)]
    fps: Annotated[float, Field(ge=FPS[0], le=FPS[1])]


class _Scene(Form):
    median: float
    q99: float
    normal: Annotated[list[_Part], Field(min_length=1)]


class _Calibration(Form):
    scenes: dict[str, _Scene]


def read_calibration(folder: Path, scenes: Collection[str] = ()) -> Calibration:
    """The calibration of the run in `folder`. Raises IntegrityError if it was changed, or lacks one of `scenes`."""
    described = read_json(folder / CALIBRATION, _Calibration, format_version=FORMAT)
    path = folder / NORMAL_SCORES
    with reading(path, "train again"):
        tensors = parse_tensors(check(path).read_bytes())
        missing = set(scenes) - described["scenes"].keys()
        if missing:
            raise ValueError(f"{CALIBRATION} beside it has no scene {min(missing)}")
        for scene, entry in described["scenes"].items():
            frames = sum(part["frames"] for part in entry["normal"])
            require_tensors(tensors, {scene: tensor("float", "frames")}, {"frames": max(frames, 1)})
    scales, smoothed = {}, {}
    for scene, entry in described["scenes"].items():
        scales[scene] = SceneScale(entry["median"], entry["q99"])
        ends = np.cumsum([part["frames"] for part in entry["normal"]])
        parts = np.split(tensors[scene], ends[:-1])
        smoothed[scene] = tuple(
            NormalScores(scores, part["fps"]) for scores, part in zip(parts, entry["normal"], strict=True)
        )
    return Calibration(scales, smoothed)
