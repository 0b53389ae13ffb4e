"""The scene scale: the same score means the same thing on every camera."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from scenewise.device import pick_device
from scenewise.errors import IntegrityError
from scenewise.features.store import FeatureStore, open_store
from scenewise.files import check, read_json, record_checksums, write_bytes, write_json
from scenewise.methods.autoencoder.scorer import open_scorer
from scenewise.methods.object_memory.term_scales import LEAST_SPREAD, TermScale, normal_scores
from scenewise.methods.scores import Chunk
from scenewise.methods.segments.footage import footage_digest
from scenewise.methods.segments.held_out import divide
from scenewise.runs.run import CALIBRATION, Run
from scenewise.scoring.scene_recognition import fit_recogniser, training_looks, write_recogniser
from scenewise.scoring.threshold import NormalScores

FORMAT = 1
HELD_OUT_SCORES = "held_out_scores.safetensors"


class SceneScale(NamedTuple):
    """Median and 99th percentile of a scene's held-out normal scores, smoothed like the scores to be scaled."""

    median: float
    q99: float

    def apply(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """(s - median) / (q99 - median), unbounded: 0 is ordinary, 1 the 99th percentile of normal."""
        # Constant held-out scores leave no spread to measure in; the smallest step of float32 stands in for it.
        spread = max(self.q99 - self.median, float(np.finfo(np.float32).eps) * max(abs(self.median), 1e-6))
        return ((scores.astype(np.float64) - self.median) / spread).astype(np.float32)


class Calibration(NamedTuple):
    """What a run knows of normal scores."""

    scales: dict[str, SceneScale]
    held_out_scores: dict[str, NDArray[np.float32]]
    """{scene: raw scores (N,) of its held-out normal frames, smoothed, not scaled}."""
    held_out: dict[str, tuple[tuple[int, float], ...]]
    """{scene: (frames, frames a second) of every video or part of one that was held out, in the scores' order}."""

    def stretches(self, scene: str) -> list[NormalScores]:
        """The held-out normal scores of `scene` on its scale, video by video.

        Raises IntegrityError where an older Scenewise did not write down which scores are of which video.
        """
        if scene not in self.held_out:
            raise IntegrityError(
                f"the run's {CALIBRATION} does not say how long the held-out videos of {scene} are; train again"
            )
        scaled = self.scales[scene].apply(self.held_out_scores[scene])
        ends = np.cumsum([frames for frames, _ in self.held_out[scene]])
        parts = np.split(scaled, ends[:-1])
        return [NormalScores(part, fps) for part, (_, fps) in zip(parts, self.held_out[scene], strict=True)]


def scene_scale(held_out_scores: NDArray[np.float32], least: float = 0.0) -> SceneScale:
    """The scale that a scene's held-out normal scores (N,) define, `least` wide at the least; N at least 1."""
    scores = held_out_scores.astype(np.float64)
    median = float(np.median(scores))
    return SceneScale(median, max(float(np.quantile(scores, 0.99)), median + least))


def calibrate(run: Run) -> Calibration:
    """Score the run's held-out normal footage and write each scene's scale, and how it looks, into the run.

    Raises IntegrityError where the features that the run was trained on are gone or changed.
    """
    store = open_store(run.features)
    if footage_digest(store.of("train")) != run.footage:
        raise IntegrityError(
            f"{run.features}: its training features are not those that {run.folder} learned from, so they can not "
            "calibrate it; train again"
        )
    scales_of_terms: dict[str, TermScale] = {}
    if run.config.remembers:
        parts, scales_of_terms = _left_out(run, store)
    else:
        parts = _held_out(run, store)
    held_out_scores = {scene: np.concatenate([scores for scores, _ in own]) for scene, own in parts.items()}
    held_out = {scene: tuple((len(scores), fps) for scores, fps in own) for scene, own in parts.items()}
    least = LEAST_SPREAD if run.config.remembers else 0.0
    scales = {scene: scene_scale(own, least) for scene, own in held_out_scores.items()}
    write_bytes(run.folder / HELD_OUT_SCORES, save_tensors(held_out_scores))
    described = {
        "format": FORMAT,
        "scenes": {
            scene: {
                "median": scale.median,
                "q99": scale.q99,
                "held_out_frames": len(held_out_scores[scene]),
                "held_out": [{"frames": frames, "fps": fps} for frames, fps in held_out[scene]],
                **({"terms": list(scales_of_terms[scene])} if scene in scales_of_terms else {}),
            }
            for scene, scale in scales.items()
        },
    }
    write_json(run.folder / CALIBRATION, described)
    record_checksums(run.folder, [HELD_OUT_SCORES, CALIBRATION])
    write_recogniser(run, fit_recogniser(training_looks(store.of("train"))))
    return Calibration(scales, held_out_scores, held_out)


Parts = dict[str, list[tuple[NDArray[np.float32], float]]]
"""{scene: raw smoothed scores (N,) and frames a second of every normal video, or part of one, that calibrates it}."""


def _held_out(run: Run, store: FeatureStore) -> Parts:
    """What training kept back, scored by what the run learned."""
    scorer = open_scorer(run, pick_device(run.config.device))
    parts: Parts = {scene: [] for scene in run.scenes}
    for stretch in divide(store.of("train"), run.config.segment_length, run.config.segment_fps).held_out:
        video = stretch.video
        piece = Chunk(video.features()[stretch.first : stretch.stop], None)
        parts[video.scene].append((scorer.score([piece], video.fps, video.scene).scores, video.fps))
    return parts


def _left_out(run: Run, store: FeatureStore) -> tuple[Parts, dict[str, TermScale]]:
    """All normal videos, each frame kept_objects by the other stretches of footage; and the scales of the scores' terms."""
    parts: Parts = {}
    scales = {}
    for scene in run.scenes:
        videos = [video for video in store.of("train") if video.scene == scene]
        scales[scene], scores = normal_scores(run, videos)
        parts[scene] = [(score, video.fps) for score, video in zip(scores, videos, strict=True)]
    return parts, scales


def read_calibration(run: Run) -> Calibration:
    """What `calibrate` wrote. Raises IntegrityError where it is missing or changed."""
    described = read_json(run.folder / CALIBRATION, format_version=FORMAT)
    scales = {scene: SceneScale(own["median"], own["q99"]) for scene, own in described["scenes"].items()}
    held_out = {
        scene: tuple((part["frames"], part["fps"]) for part in own["held_out"])
        for scene, own in described["scenes"].items()
        if "held_out" in own
    }
    return Calibration(scales, load_tensors(check(run.folder / HELD_OUT_SCORES).read_bytes()), held_out)
