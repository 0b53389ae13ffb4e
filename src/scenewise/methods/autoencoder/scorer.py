"""A run applied to a video: the smoothed score of every frame."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from scenewise.errors import DataError
from scenewise.methods.autoencoder.losses import reconstruction_error
from scenewise.methods.object_memory.scorer import MemoryScorer
from scenewise.methods.scores import Chunk, Scored
from scenewise.methods.segments.frame_errors import stream_frame_errors
from scenewise.methods.segments.segment_rate import Thinning
from scenewise.runs.run import Run, load_model
from scenewise.scoring.smoothing import stream_smooth

BATCH = 256
"""Segments scored at a time: bounds the memory, and does not change a score."""


class AutoencoderScorer:
    """Holds a trained autoencoder on a device; a frame's score is its reconstruction error.

    Scores are computed in float32, whatever the run was trained in.
    """

    def __init__(self, run: Run, device: torch.device, scene: str | None = None) -> None:
        """`scene`: whose model it is, of a run with one for each. Raises IntegrityError where weights were changed,
        DataError where the run holds no such model."""
        self.run = run
        self.device = device
        self.model = load_model(run, device, scene)

    def score(self, pieces: Iterable[Chunk], fps: float, scene: str) -> Scored:
        """Raw scores (N,), at least 0, of one video of `scene` whose `pieces` come in order.

        They are smoothed inside the video by the run's fixed width, and not yet scaled for the scene.
        """
        parts = [part.scores for part in self.stream(pieces, fps, scene)]
        return Scored(np.concatenate([np.empty(0, np.float32), *parts]), None)

    def stream(self, pieces: Iterable[Chunk], fps: float, scene: str) -> Iterator[Scored]:
        """`score`, piece by piece as features arrive: runs behind by a window and the smoothing's reach."""
        chunks = (piece.features for piece in pieces)
        config = self.run.config
        thinning = None if config.segment_fps is None else Thinning(fps, config.segment_fps)
        errors = stream_frame_errors(
            chunks if thinning is None else thinning.thin(chunks),
            self.segment_errors,
            config.segment_length,
            config.stride,
            config.aggregate,
        )
        raw = errors if thinning is None else thinning.spread(errors)
        for scores in stream_smooth(raw, config.smoothing, fps):
            yield Scored(scores, None)

    @torch.inference_mode()
    def segment_errors(self, segments: NDArray[Any]) -> NDArray[np.float32]:
        """Reconstruction error of each frame, (B, T), of segments (B, T, D)."""
        errors = []
        for begin in range(0, len(segments), BATCH):
            batch = torch.from_numpy(segments[begin : begin + BATCH]).to(self.device)
            reconstruction = self.model(batch)
            errors.append(reconstruction_error(reconstruction.inputs, reconstruction.outputs).cpu().numpy())
        return np.concatenate(errors)


class SceneScorer:
    """Holds an autoencoder for each scene."""

    def __init__(self, run: Run, device: torch.device) -> None:
        """Raises IntegrityError where the run's weights were changed."""
        self.run = run
        self.scorers = {scene: AutoencoderScorer(run, device, scene) for scene in run.scenes}

    def score(self, pieces: Iterable[Chunk], fps: float, scene: str) -> Scored:
        """As `AutoencoderScorer.score`, by the model of `scene`. Raises DataError where it has none."""
        return self._of(scene).score(pieces, fps, scene)

    def stream(self, pieces: Iterable[Chunk], fps: float, scene: str) -> Iterator[Scored]:
        """As `AutoencoderScorer.stream`, by the model of `scene`. Raises DataError where it has none."""
        return self._of(scene).stream(pieces, fps, scene)

    def _of(self, scene: str) -> AutoencoderScorer:
        if scene not in self.scorers:
            raise DataError(f"scene {scene} has no model in {self.run.folder}; it knows {', '.join(self.run.scenes)}")
        return self.scorers[scene]


Scorer = AutoencoderScorer | SceneScorer | MemoryScorer
"""What gives a video's frames their scores."""


def open_scorer(run: Run, device: torch.device) -> Scorer:
    """The scorer of the run's method. Raises IntegrityError where what it learned was changed."""
    if run.config.remembers:
        return MemoryScorer(run)
    return SceneScorer(run, device) if run.config.by_scene else AutoencoderScorer(run, device)
