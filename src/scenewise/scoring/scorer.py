"""A run applied to a video: smoothed reconstruction error of every frame."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from scenewise.losses import reconstruction_error
from scenewise.run import Run, load_model
from scenewise.scoring.frame_scores import stream_frame_errors
from scenewise.scoring.smoothing import stream_smooth
from scenewise.segments.rate import Thinning

BATCH = 256
"""Segments scored at a time: bounds the memory, and does not change a score."""


class Scorer:
    """Holds a run's model on a device. Scores are computed in float32, whatever the run was trained in."""

    def __init__(self, run: Run, device: torch.device) -> None:
        """Raises IntegrityError where the run's weights were changed."""
        self.run = run
        self.device = device
        self.model = load_model(run, device)

    def score(self, chunks: Iterable[NDArray[Any]], fps: float) -> NDArray[np.float32]:
        """Raw scores (N,), at least 0, of one video whose features come in `chunks` (n, D), in order.

        They are smoothed inside the video by the run's fixed width, and not yet scaled for the scene.
        """
        return np.concatenate([np.empty(0, np.float32), *self.stream(chunks, fps)])

    def stream(self, chunks: Iterable[NDArray[Any]], fps: float) -> Iterator[NDArray[np.float32]]:
        """`score`, piece by piece as features arrive: runs behind by a window and the smoothing's reach."""
        config = self.run.config
        thinning = None if config.segment_fps is None else Thinning(fps, config.segment_fps)
        errors = stream_frame_errors(
            chunks if thinning is None else thinning.thin(chunks),
            self.segment_errors,
            config.segment_length,
            config.stride,
            config.aggregate,
        )
        return stream_smooth(errors if thinning is None else thinning.spread(errors), config.smoothing, fps)

    @torch.inference_mode()
    def segment_errors(self, segments: NDArray[Any]) -> NDArray[np.float32]:
        """Reconstruction error of each frame, (B, T), of segments (B, T, D)."""
        errors = []
        for begin in range(0, len(segments), BATCH):
            batch = torch.from_numpy(segments[begin : begin + BATCH]).to(self.device)
            reconstruction = self.model(batch)
            errors.append(reconstruction_error(reconstruction.inputs, reconstruction.outputs).cpu().numpy())
        return np.concatenate(errors)
